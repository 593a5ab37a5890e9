import type { JobReport } from '../ittybit/webhook-payload.ts';
import { edit, iso, later, MAX_PAUSE_MS, move, type Patience } from './item-step.ts';
import { isUnclear, leaseOf, type ResultItem } from './result-item.ts';
import { accepted, reported } from './transitions.ts';

/** How often a look-up may not tell whether there is a job, before the file is given to the user. */
const LOOKS_THAT_CANNOT_TELL = 3;
export const CANNOT_TELL =
  'Ittybit cannot tell whether there is a job for this file. Look in its dashboard before you pay again.';

/** What a look-up of an unclear file's job found. */
export type LookUp = { readonly found: JobReport } | 'no-job' | 'cannot-tell';

/** Writes what a look-up found. Only it may end `unclear` without a job. */
export function lookedUp(
  item: ResultItem,
  lookUp: LookUp,
  patience: Patience,
  now: number,
): ResultItem | undefined {
  if (lookUp === 'cannot-tell') return cannotTell(item, patience, now);
  if (lookUp === 'no-job') {
    const clear = { unclear: false, sent: undefined };
    const unknown = { cannot_tell: undefined, looks: undefined, next_look_at: undefined };
    if (item.status === 'dead') return edit(item, { ...clear, ...unknown }, now);
    const due = { due_at: iso(now - patience.settleMs), next_look_at: iso(now) };
    return move(item, 'retrying', { ...clear, ...due }, now);
  }
  const { found } = lookUp;
  const end = reported(item, item, item.run, found, now);
  if (end) return end;
  const { jobId, reference = item.reference } = found;
  if (jobId === undefined || reference === undefined) return undefined;
  return accepted(item, { reference, jobId }, patience, now);
}

function cannotTell(item: ResultItem, patience: Patience, now: number): ResultItem {
  const next_look_at = iso(now + MAX_PAUSE_MS);
  if (item.cannot_tell === true) return edit(item, { next_look_at }, now);
  const next = later(item, patience, now);
  if ((next.looks ?? 0) < LOOKS_THAT_CANNOT_TELL) return next;
  const known = { unclear: true, cannot_tell: true, error: CANNOT_TELL, sent: undefined };
  return move(item, 'dead', { ...known, next_look_at }, now);
}

/**
 * Leaves an unclear file to the reconciler: nothing may be sent before it has looked. What was sent is forgotten, or a
 * reconciler that knows another signing key would send the file back to this consumer, again and again.
 */
export function leftToLookUp(item: ResultItem, now: number): ResultItem {
  const at = iso(now);
  // Only a redrive brings a dead file here. Without new attempts it would be buried again at once.
  const attempts = item.status === 'dead' ? 0 : item.attempts;
  return move(
    item,
    'retrying',
    { unclear: true, sent: undefined, attempts, due_at: at, next_look_at: at },
    now,
  );
}

/** @returns epoch ms from which a look-up may say that there is no job */
export function mayLookAt(item: ResultItem, { settleMs }: Patience): number {
  const lease = leaseOf(item);
  // An old item does not say when it posted: at the latest when its claim ended.
  const last = Math.max(Date.parse(item.last_post_at ?? item.updated_at), lease);
  return isUnclear(item) ? last + settleMs : lease;
}
