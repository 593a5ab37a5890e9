import type { DispatchState } from './dispatch-control.ts';

/** A reason is shown in one row and one tooltip; Ittybit's or AWS's own text may be a whole page. */
const MAX_REASON = 500;
/** The last moment that a Date can hold, epoch ms (ECMAScript, "Time Values and Time Range"). */
const LAST_MOMENT = 8.64e15;

/** @returns true while no file may be submitted. A wait that is over holds nothing, even before it is ended */
export function isHeld({ state, until }: DispatchState, now: number): boolean {
  if (state === 'waiting') return Date.parse(until ?? '') > now;
  return state === 'paused';
}

/** A wait that begins this soon after the one before it ended is longer, in ms: Ittybit still refuses. */
const SOON_MS = 10 * 60_000;
/** The longest wait, in ms, but for one that Ittybit itself asks for: dispatch notices in time that a quota is new. */
const MAX_WAIT_MS = 3_600_000;
/** A wait up to this long leaves the mapping on, in ms: switching it takes up to a minute. */
const SHORT_WAIT_MS = 120_000;

/** @returns true for a stop that needs the mapping off */
export function isLong({ state, until, at }: DispatchState): boolean {
  return (
    state === 'paused' ||
    (state === 'waiting' && Date.parse(until ?? '') - Date.parse(at ?? '') > SHORT_WAIT_MS)
  );
}

/** Doubles the wait for each one in a row. @param ms what Ittybit asked for */
function nextWait(
  { waits = 0, at, until }: DispatchState,
  ms: number,
  now: number,
): { ms: number; waits: number } {
  const last = Date.parse(until ?? at ?? '');
  const inRow = now - last < SOON_MS ? waits : 0;
  return { ms: Math.max(ms, Math.min(MAX_WAIT_MS, ms * 2 ** Math.min(inRow, 20))), waits: inRow + 1 };
}

/**
 * The state in which a function stops dispatch by itself.
 * @param now epoch ms
 * @returns undefined where dispatch is held already: what the operator or another run has written stays
 */
export function stopped(
  read: DispatchState,
  { reason, waitMs }: { readonly reason: string; readonly waitMs?: number | undefined },
  by: string,
  now: number,
): DispatchState | undefined {
  if (isHeld(read, now)) return undefined;
  const why = reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}…` : reason;
  const written = { reason: why, at: laterThan(read, now), epoch: read.epoch + 1, by };
  if (waitMs === undefined) return { ...written, state: 'paused' };
  const { ms, waits } = nextWait(read, waitMs, now);
  return {
    ...written,
    state: 'waiting',
    until: new Date(Math.min(now + ms, LAST_MOMENT)).toISOString(),
    waits,
  };
}

/** @returns the state after a wait; undefined where dispatch does not wait, or not long enough yet */
export function waitEnded(read: DispatchState, by: string, now: number): DispatchState | undefined {
  if (read.state !== 'waiting' || isHeld(read, now)) return undefined;
  const { waits } = read;
  return {
    state: 'running',
    reason: undefined,
    at: laterThan(read, now),
    ...(waits && { waits }),
    epoch: read.epoch + 1,
    by,
  };
}

/** @returns the state that an operator asks for, whatever was before; `reason` is undefined for `running` */
export function switched(read: DispatchState, reason: string | undefined, now: number): DispatchState {
  const state = reason === undefined ? 'running' : 'paused';
  return { state, reason, at: laterThan(read, now), epoch: read.epoch + 1, by: 'operator' };
}

/** Later than what was read, also where this clock is behind: of two items, the later one counts. */
function laterThan({ at }: DispatchState, now: number): string {
  const next = Date.parse(at ?? '') + 1;
  return new Date(next > now && next <= LAST_MOMENT ? next : now).toISOString();
}
