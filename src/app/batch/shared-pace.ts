import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_SLEEP_MS } from '../../core/ittybit/dispatch-rules.ts';
import { isHeld } from '../../core/stack/dispatch-rules.ts';
import { dropOf, gapOf, isLowest, mostOf, nextSlot, planSlots } from '../../core/stack/pace.ts';
import type { PaceStore } from '../../core/stack/pace-store.ts';
import type { Slot, SlotGroup } from './slot-group.ts';

/** The last slot leaves this much of an invocation, in ms: a call of 5 s, and the reserve behind it. */
const LAST_CALL_MS = 8_000;
/** A call waits this long for its slot, in ms, and a little longer the more often its message has come back. */
const PATIENCE_MS = 8_000;
const PATIENCE_A_RECEIVE_MS = 100;
const MOST_PATIENT = 20;
/** Without a slot soon enough, the pace is read again so often, in ms. */
const POLL_MS = 2_000;
/** So long after it was taken, a slot may be void, in ms. */
export const STALE_MS = 1_000;
/** A look at the pace takes less than this, in ms: it comes before the slot, as calls that come unevenly are refused. */
const LOOK_MS = 100;
/** Each failed try is one in which somebody has changed the pace. */
const TRIES = 5;

type View = Awaited<ReturnType<PaceStore['read']>>;

/** The turn of one call to Ittybit. */
export interface Turn {
  /** Waits for a slot. @returns false where none comes in time; each call takes a slot of its own */
  take(): Promise<boolean>;
  /**
   * Ittybit has refused the call: the rate drops, once however many were refused together.
   * @param waitMs what Ittybit asks for. A long wait is about a quota, and no rate
   * @returns true where the limit is no rate: all files must wait
   */
  refused(waitMs: number): Promise<boolean>;
  /** Must be called at the end, also where no slot was taken. */
  leave(): void;
}

export interface PaceParts {
  readonly store: PaceStore;
  /** MaxRequestsPerSecond of the stack, 0: no limit */
  readonly parameter: number;
  /** when the invocation ends, epoch ms */
  readonly deadlineMs: number;
  /** true: no slots while dispatch is stopped */
  readonly obeysStops: boolean;
  /** the clock, epoch ms */
  readonly now: () => number;
}

/** The pace as one invocation sees it. */
export class SharedPace {
  readonly #parts: PaceParts;
  #seen: { readonly atMs: number; readonly view: Promise<View> } | undefined;

  constructor(parts: PaceParts) {
    this.#parts = parts;
  }

  /** @param maxAgeMs a look that is not older does too */
  look(maxAgeMs: number): Promise<View> {
    const { store, now } = this.#parts;
    if (!this.#seen || now() - this.#seen.atMs > maxAgeMs) this.#seen = { atMs: now(), view: store.read() };
    return this.#seen.view;
  }

  /** @returns as many slots as come in time, in order */
  async reserve(count: number): Promise<Slot[]> {
    const { store, now } = this.#parts;
    for (let tries = 0; tries < TRIES; tries++) {
      const view = await this.look(tries === 0 ? STALE_MS : -1);
      const want = { count, latestMs: this.#latest(MAX_SLEEP_MS) };
      const most = this.#most(view);
      // Slots that are closer together begin after the answer, so that no call is late for its own.
      const fromMs = now() + (gapOf(view.pace, most) < store.answerMs ? store.answerMs : 0);
      const plan = this.#isStopped(view) ? undefined : planSlots(view.pace, want, most, fromMs);
      if (!plan) break;
      const first = await store.reserve(plan);
      this.#seen = undefined;
      if (first === undefined) continue;
      const { drops, gapMs } = plan;
      return Array.from({ length: plan.count }, (_, i) => ({ atMs: first + i * gapMs, drops }));
    }
    return [];
  }

  /** @param group its calls will take slots before this one, which then belongs to it */
  async hasRoom(receives: number, group: SlotGroup): Promise<boolean> {
    const { now } = this.#parts;
    const patienceMs = PATIENCE_MS + PATIENCE_A_RECEIVE_MS * Math.min(receives - 1, MOST_PATIENT);
    const giveUpMs = now() + MAX_SLEEP_MS;
    for (;;) {
      const view = await this.look(STALE_MS);
      if (this.#isStopped(view)) return false;
      const slotMs = nextSlot(view.pace, now()) + group.promised * gapOf(view.pace, this.#most(view));
      if (slotMs <= this.#latest(patienceMs)) {
        group.promised += 1;
        return true;
      }
      const leftMs = giveUpMs - now();
      if (leftMs <= 0) return false;
      await sleep(Math.min(POLL_MS, leftMs));
    }
  }

  /** @param next reserves the next slot */
  turn(next: () => Promise<Slot | undefined>, leave: () => void): Turn {
    const { store, now } = this.#parts;
    let slot: Slot | undefined;
    return {
      take: async () => {
        for (;;) {
          slot = await next();
          if (!slot) return false;
          if (slot.atMs - now() > STALE_MS) {
            await this.#until(slot.atMs - LOOK_MS);
            const view = await this.look(STALE_MS);
            if (this.#isStopped(view)) return false;
            if (view.pace.drops !== slot.drops) continue;
          }
          await this.#until(slot.atMs);
          return true;
        }
      },
      refused: async (waitMs) => {
        const view = await this.look(-1);
        const isOfRate = view.pace.drops === slot?.drops && waitMs <= MAX_SLEEP_MS;
        await store.refuse(isOfRate ? dropOf(view.pace, this.#most(view), waitMs, now()) : undefined);
        this.#seen = undefined;
        return isLowest(view.pace, this.#most(view));
      },
      leave,
    };
  }

  #latest(ms: number): number {
    const { deadlineMs, now } = this.#parts;
    return Math.min(now() + ms, deadlineMs - LAST_CALL_MS);
  }

  #isStopped({ state }: View): boolean {
    return this.#parts.obeysStops && isHeld(state, this.#parts.now());
  }

  #most({ pace }: View): number {
    return mostOf(pace, this.#parts.parameter);
  }

  async #until(ms: number): Promise<void> {
    const leftMs = ms - this.#parts.now();
    if (leftMs > 0) await sleep(leftMs);
  }
}
