import type { TableKey } from '../batch/table-keys.ts';
import { fieldsOf, isAmount, isText } from '../foreign-json.ts';
import { controlPk } from './dispatch-codec.ts';

/** What one run did, each thing with how often, such as `settled: 12`. */
export type ReconcilerCounts = Readonly<Record<string, number>>;

/** The last run of the reconciler. */
export interface ReconcilerRun {
  /** ISO 8601 */
  readonly startedAt: string | undefined;
  /** of the last run that came to its end, like `did` and `error`; ISO 8601 */
  readonly endedAt: string | undefined;
  readonly did: ReconcilerCounts;
  /** why that run did not do all of its work */
  readonly error: string | undefined;
  /** since when each run has found nothing in the work queue, ISO 8601; undefined while it holds messages */
  readonly emptySince?: string | undefined;
}

/** What the function answers when it is run on demand. */
export interface ReconcilerSummary {
  /** true: another run was at work, and this one did nothing */
  readonly busy: boolean;
  readonly did: ReconcilerCounts;
}

/** @returns the key of the item that tells of the reconciler's last run */
export function reconcilerKey(stackId: string): TableKey {
  return { pk: controlPk(stackId), sk: 'reconciler' };
}

/** @returns the last run; undefined where there has been none. What cannot be read is left out */
export function readRun(item: unknown): ReconcilerRun | undefined {
  const fields = fieldsOf(item);
  if (!fields) return undefined;
  const { startedAt, endedAt, error, emptySince } = fields;
  return {
    startedAt: isText(startedAt) ? startedAt : undefined,
    endedAt: isText(endedAt) ? endedAt : undefined,
    did: readCounts(fields['did']),
    error: isText(error) && error !== '' ? error : undefined,
    ...(isText(emptySince) && { emptySince }),
  };
}

/** @returns the counts in an untrusted answer or item; others than amounts are left out */
export function readCounts(value: unknown): ReconcilerCounts {
  const counts = Object.entries(fieldsOf(value) ?? {}).filter(
    ([, amount]) => isAmount(amount) && amount >= 0,
  );
  return Object.fromEntries(counts) as Record<string, number>;
}

/** Reads the function's answer. @returns undefined for anything else */
export function readSummary(value: unknown): ReconcilerSummary | undefined {
  const { busy, did } = fieldsOf(value) ?? {};
  return typeof busy === 'boolean' && fieldsOf(did) ? { busy, did: readCounts(did) } : undefined;
}

/** What a run is asked for. EventBridge's own event asks for what is due. */
export interface ReconcilerRequest {
  /** one batch only */
  readonly batch: string | undefined;
  /** every open file now, and not only those whose look is due */
  readonly everything: boolean;
}

/** @returns the job that the editor asks for, as `{job}`; undefined for every other event */
export function askedJob(event: unknown): string | undefined {
  const { job } = fieldsOf(event) ?? {};
  return isText(job) ? job : undefined;
}

/** @param event of EventBridge, or `{now, batch}` of the editor */
export function readRequest(event: unknown): ReconcilerRequest {
  const { now, batch } = fieldsOf(event) ?? {};
  return { batch: isText(batch) ? batch : undefined, everything: now === true };
}
