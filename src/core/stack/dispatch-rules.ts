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

/**
 * The state in which a function stops dispatch by itself.
 * @param now epoch ms
 * @returns undefined where dispatch is held already: what the operator or another run has written stays
 */
export function stopped(
  read: DispatchState,
  { reason, until }: { readonly reason: string; readonly until?: string | undefined },
  by: string,
  now: number,
): DispatchState | undefined {
  if (isHeld(read, now)) return undefined;
  const why = reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}…` : reason;
  const state = until === undefined ? 'paused' : 'waiting';
  return { state, reason: why, at: laterThan(read, now), until, epoch: read.epoch + 1, by };
}

/** @returns the state after a wait; undefined where dispatch does not wait, or not long enough yet */
export function waitEnded(read: DispatchState, by: string, now: number): DispatchState | undefined {
  if (read.state !== 'waiting' || isHeld(read, now)) return undefined;
  return { state: 'running', reason: undefined, at: laterThan(read, now), epoch: read.epoch + 1, by };
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
