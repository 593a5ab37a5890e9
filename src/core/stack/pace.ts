/** How fast Ittybit may be called, and what it has refused: one item that all functions of a stack share. */
export interface Pace {
  /** when the next free slot is, epoch ms; in the past where nobody waits */
  readonly nextMs: number;
  /** a little below the rate, in calls/s, at which Ittybit refused a call last; undefined before that */
  readonly ceiling?: number | undefined;
  /** ms of slots given since the last drop while calls waited for them: only a rate that is used can be proved */
  readonly clearMs: number;
  /** how often the rate has dropped; slots from before a drop are void */
  readonly drops: number;
  /** calls and refusals so far */
  readonly calls: number;
  readonly refused: number;
  /** the last refusal, epoch ms */
  readonly refusedAtMs?: number | undefined;
  /** calls/s that the operator has set live, and the parameter's value at that time: another deploy undoes it */
  readonly live?: LiveMost | undefined;
}

export interface LiveMost {
  /** calls/s, 0: no limit */
  readonly most: number;
  readonly insteadOf: number;
}

/** Slots in a row, one call each. */
export interface SlotPlan {
  readonly count: number;
  /** ms between two of them */
  readonly gapMs: number;
  /** epoch ms */
  readonly nowMs: number;
  /** the first one is not later than this, epoch ms */
  readonly lastMs: number;
  /** the drops of the pace that the rate was taken from */
  readonly drops: number;
  /** calls wait for slots, so these follow the last one; otherwise they begin now */
  readonly isQueued: boolean;
}

/** What a refusal changes. */
export interface Drop {
  readonly ceiling: number;
  /** when the next slot is, epoch ms */
  readonly nextMs: number;
  /** drops before this one, which another one must not have raised */
  readonly drops: number;
}

/** The rate before any refusal, calls/s: what the guide's first step has in flight, at a second a call. */
const START = 10;
/** Before any refusal the rate doubles in this time, in ms. */
const DOUBLE_MS = 2_000;
/** What a refusal leaves of the rate. */
const LEFT = 0.8;
/** The remembered ceiling, as a share of the rate that was refused: staying a little below it costs fewer refusals. */
const BELOW = 0.98;
/** The rate is back at the ceiling after so long without a refusal, in ms. */
const BACK_MS = 60_000;
/** Odd, so that it is a return before the ceiling and a probe above it; the higher, the longer it stays near it. */
const FLATNESS = 5;
/** Below this rate, in calls/s, a limit is a quota: all files wait, with the mapping off. */
const LOWEST = 0.2;
const HIGHEST = 1_000;
/** A slot further away is one of a clock that is wrong, in ms; 10 s of Retry-After and 12 s of slots are the most. */
const FAR_MS = 60_000;

/**
 * The rate as a curve over the time that it has been used without a refusal: from four fifths quickly back to the ceiling
 * that was met, along it for a while, and then above it, slowly at first and ever faster. The constants come from
 * `npm run bench:pace`.
 * @param most calls/s that are allowed at most; 0: as many as Ittybit takes
 * @returns calls/s
 */
export function rateOf({ ceiling, clearMs }: Pace, most: number): number {
  const top = most > 0 ? Math.min(most, HIGHEST) : HIGHEST;
  if (ceiling === undefined) return most > 0 ? top : Math.min(top, START * 2 ** (clearMs / DOUBLE_MS));
  const curve = ((clearMs - BACK_MS) / BACK_MS) ** FLATNESS;
  const rate = ceiling * (BELOW / LEFT) ** curve;
  return Math.min(top, Math.max(LOWEST, rate));
}

/** @returns true where not even the lowest rate is accepted */
export function isLowest(pace: Pace, most: number): boolean {
  return rateOf(pace, most) <= LOWEST;
}

/** @returns calls/s at most, 0 for no limit: what the operator set live, unless a deploy has changed the parameter since */
export function mostOf({ live }: Pace, parameter: number): number {
  return live && live.insteadOf === parameter ? live.most : parameter;
}

/** @returns the rate, in calls/s, at which Ittybit refused a call last; undefined where it has refused none */
export function limitFound({ ceiling }: Pace): number | undefined {
  return ceiling === undefined ? undefined : ceiling / BELOW;
}

/** @returns the last moment that a slot may be at, epoch ms: a later one comes from a wrong clock */
export function farFrom(now: number): number {
  return now + FAR_MS;
}

/** @returns when the next slot is, epoch ms */
export function nextSlot({ nextMs }: Pace, now: number): number {
  return nextMs > farFrom(now) ? now : Math.max(nextMs, now);
}

/**
 * Plans slots at the pace that was read.
 * @param want how many at most, and the latest moment for the last one, epoch ms
 * @param most calls/s at most, 0: no limit
 * @returns undefined where not even one comes in time
 */
export function planSlots(
  pace: Pace,
  { count, latestMs }: { readonly count: number; readonly latestMs: number },
  most: number,
  nowMs: number,
): SlotPlan | undefined {
  const gapMs = gapOf(pace, most);
  const next = nextSlot(pace, nowMs);
  const more = Math.min(count - 1, Math.floor((latestMs - next) / gapMs));
  if (more < 0) return undefined;
  const lastMs = latestMs - more * gapMs;
  return { count: more + 1, gapMs, nowMs, lastMs, drops: pace.drops, isQueued: next === pace.nextMs };
}

/** @returns ms between two calls, in whole thousandths: their sums have few digits */
export function gapOf(pace: Pace, most: number): number {
  return Math.ceil(1e6 / rateOf(pace, most)) / 1000;
}

/**
 * What the first refusal under a rate does to it.
 * @param waitMs what Ittybit asked for, which all calls keep
 */
export function dropOf(pace: Pace, most: number, waitMs: number, now: number): Drop {
  const ceiling = Math.max(LOWEST, BELOW * rateOf(pace, most));
  return { ceiling, nextMs: now + waitMs, drops: pace.drops };
}
