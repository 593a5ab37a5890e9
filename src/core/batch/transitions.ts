import { isStep, reportsJob, type JobReport } from '../ittybit/webhook-payload.ts';
import type { FailureClass } from './dead-letter.ts';
import type { BatchFile } from '../files/batch-file.ts';
import {
  edit,
  firstItem,
  iso,
  MAX_PAUSE_MS,
  move,
  postponed,
  type Change,
  type Patience,
} from './item-step.ts';
import { isEnded, isUnclear, leaseOf, type ResultItem, type Status } from './result-item.ts';

/**
 * A reported status must have a higher rank than the present one. All states before Ittybit's acceptance share rank 0.
 */
export const RANK: Readonly<Record<Status, number>> = {
  submitting: 0,
  retrying: 0,
  dead: 0,
  submitted: 1,
  waiting: 1,
  processing: 2,
  succeeded: 3,
  failed: 3,
  cancelled: 3,
  covered: 3,
};

/**
 * Ittybit has accepted the job of this reference.
 * @returns undefined where nothing is new: another run, or an answer that comes twice
 */
export function accepted(
  item: ResultItem | undefined,
  { reference, jobId }: { reference: string; jobId: string },
  { reconcileAfterMs }: Patience,
  now: number,
): ResultItem | undefined {
  if (item?.reference !== reference || item.status === 'waiting' || item.status === 'covered')
    return undefined;
  const known = { job_id: jobId, unclear: false, ...NO_POST };
  // A webhook may have come first, and may name one of the job's tasks: then only the id is new.
  if (RANK[item.status] > 0) return item.job_id === jobId ? undefined : edit(item, known, now);
  const next_look_at = iso(now + reconcileAfterMs);
  return move(item, 'submitted', { ...known, error: undefined, next_look_at }, now);
}

/** Once the job is known, its POST need not be repeated or looked for. */
const NO_POST = { sent: undefined, first_post_at: undefined, last_post_at: undefined, due_at: undefined };

/** How an attempt ended that brought no job. */
export interface FailedAttempt {
  readonly error: string;
  /** may a POST of this item have been accepted? */
  readonly unclear: boolean;
  /** false: the attempt does not count, as for a rate limit */
  readonly counts: boolean;
  /** ms until the message is received again */
  readonly backMs: number;
}

/**
 * Gives a claim back. An invocation whose claim was taken over after its lease ended changes nothing.
 * @param claim the invocation that holds the claim
 */
export function released(
  item: ResultItem | undefined,
  claim: string,
  { error, unclear, counts, backMs }: FailedAttempt,
  { settleMs }: Patience,
  now: number,
): ResultItem | undefined {
  if (!holds(item, claim)) return undefined;
  const attempts = counts ? item.attempts : Math.max(0, item.attempts - 1);
  const change = { error, unclear, attempts, last_post_at: iso(now), due_at: iso(now + backMs) };
  return move(item, 'retrying', { ...change, next_look_at: iso(now + backMs + settleMs) }, now);
}

/** Makes a file a dead letter. An unclear one is asked for before any redrive, and only a look-up frees it. */
export function buried(
  item: ResultItem | undefined,
  claim: string,
  {
    error,
    unclear,
    failureClass,
  }: Pick<FailedAttempt, 'error' | 'unclear'> & { failureClass?: FailureClass },
  { settleMs }: Patience,
  now: number,
): ResultItem | undefined {
  if (!holds(item, claim)) return undefined;
  const change = {
    error,
    unclear,
    failure_class: failureClass,
    last_post_at: iso(now),
    due_at: undefined,
    next_look_at: iso(now + settleMs),
  };
  return move(
    item,
    'dead',
    unclear ? { ...change, sent: undefined } : { ...change, next_look_at: undefined },
    now,
  );
}

/** A file whose batch holds no readable job becomes a dead letter without a claim, unless another delivery holds one. */
export function unsendable(
  item: ResultItem | undefined,
  { batch, bucket, key }: BatchFile,
  error: string,
  { settleMs }: Patience,
  now: number,
): ResultItem | undefined {
  if (item && (RANK[item.status] > 0 || item.status === 'dead' || leaseOf(item) > now)) return undefined;
  const unclear = item !== undefined && isUnclear(item);
  const base = item ?? firstItem({ batch, bucket, key }, now);
  const next_look_at = unclear ? iso(now + settleMs) : undefined;
  const change = { error, unclear, failure_class: 'unreadable', sent: undefined, due_at: undefined };
  return move(base, 'dead', { ...change, next_look_at }, now);
}

function holds(item: ResultItem | undefined, claim: string): item is ResultItem {
  return item?.status === 'submitting' && item.claim === claim;
}

/**
 * What a callback or a look-up says about the file's own job. Progress writes nothing. An ended state never moves back,
 * but takes what it lacks.
 * @param run the run that the report's address names
 * @returns undefined where the report changes nothing
 */
export function reported(
  item: ResultItem | undefined,
  file: BatchFile,
  run: number,
  report: JobReport,
  now: number,
): ResultItem | undefined {
  const { status } = report;
  if (status === undefined || !isEnded(status) || isStep(report)) return undefined;
  if (!item) return move(unknownFile(file, run, report, now), status, endOf(report, now), now);
  const isOther = report.reference !== undefined && report.reference !== item.reference;
  if (isOther || run !== item.run || item.status === 'waiting' || item.status === 'covered') return undefined;
  if (item.exports === true && !reportsJob(report, item.job_id)) {
    // The task that made the result has ended, and the export may still fail: the reconciler asks soon.
    return item.status === 'submitted' ? postponed(item, now) : undefined;
  }
  if (status === item.status) return completed(item, report, now);
  const mayEnd = RANK[status] > RANK[item.status] || (item.status === 'cancelled' && item.given_up === true);
  if (!mayEnd) return undefined;
  return move(
    item,
    status,
    { ...endOf(report, now), ...(item.job_id !== undefined && { job_id: item.job_id }) },
    now,
  );
}

function endOf(report: JobReport, now: number): Change {
  return {
    unclear: false,
    given_up: undefined,
    next_look_at: undefined,
    ...NO_POST,
    error: report.error,
    ...(report.jobId !== undefined && { job_id: report.jobId }),
    ...(report.outputUrl !== undefined && { output_url: report.outputUrl }),
    ...(report.durationMs !== undefined && { duration_ms: report.durationMs }),
    completed_at: report.finishedAt ?? iso(now),
  };
}

/** A repeated report may bring what the first one lacked. */
function completed(item: ResultItem, report: JobReport, now: number): ResultItem | undefined {
  const missing = {
    ...(item.job_id === undefined && report.jobId !== undefined && { job_id: report.jobId }),
    ...(item.output_url === undefined && report.outputUrl !== undefined && { output_url: report.outputUrl }),
    ...(item.duration_ms === undefined &&
      report.durationMs !== undefined && { duration_ms: report.durationMs }),
    ...(item.error === undefined && report.error !== undefined && { error: report.error }),
  };
  return Object.keys(missing).length > 0 ? edit(item, missing, now) : undefined;
}

/** A genuine report about a file without an item, which was lost with a table, say: its job is paid. */
function unknownFile(
  { batch, bucket, key }: BatchFile,
  run: number,
  report: JobReport,
  now: number,
): ResultItem {
  const { kind = '', reference } = report;
  return {
    ...firstItem({ batch, bucket, key }, now),
    kind,
    run,
    ...(reference !== undefined && { reference }),
  };
}

/** The batch that owns the work is `covered_by`; this file ends with its output. */
export function covered(item: ResultItem, owner: ResultItem, now: number): ResultItem {
  const { output_url, duration_ms } = owner;
  const end = { output_url, duration_ms, completed_at: iso(now), next_look_at: undefined, due_at: undefined };
  return move(item, 'covered', { ...end, covered_by: owner.batch, unclear: false, error: undefined }, now);
}

/** Waits for the batch that owns the work. */
export function waiting(
  item: ResultItem,
  { owner, work }: { owner: string; work: string },
  { reconcileAfterMs }: Patience,
  now: number,
): ResultItem {
  const look = { next_look_at: iso(now + reconcileAfterMs), due_at: undefined };
  return move(item, 'waiting', { ...look, work, covered_by: owner, unclear: false, error: undefined }, now);
}

/** Ends the wait for an owner that failed or cannot be told, unpaid. */
export function endedAs(item: ResultItem, status: 'failed' | 'dead', error: string, now: number): ResultItem {
  const end = { error, unclear: false, next_look_at: undefined, due_at: undefined };
  return move(item, status, status === 'failed' ? { ...end, completed_at: iso(now) } : end, now);
}

/** A file whose message is to be sent, or has been: the condition comes first, the message second. */
export function sentAgain(item: ResultItem, { settleMs }: Patience, now: number): ResultItem {
  const looks = (item.looks ?? 0) + 1;
  const due = now + Math.min(MAX_PAUSE_MS, 4 * settleMs * 2 ** Math.min(looks - 1, 10));
  return { ...postponed(item, due), looks, due_at: iso(due) };
}

/** A waiting file whose owner will not do the work goes back to the queue. */
export function freed(item: ResultItem, { settleMs }: Patience, now: number): ResultItem {
  const due = { due_at: iso(now), next_look_at: iso(now + 4 * settleMs) };
  return move(item, 'retrying', { ...due, covered_by: undefined, attempts: 0, unclear: false }, now);
}

/**
 * Retries a file: a failed or cancelled one as another, paid run; a dead one in the same run.
 * @param payAgain a dead file may have a job that cannot be found: the user pays for another one
 * @returns undefined for a file that cannot be retried in its state
 */
export function retried(
  item: ResultItem,
  payAgain: boolean,
  { settleMs }: Patience,
  now: number,
): ResultItem | undefined {
  const isAnotherRun = item.status === 'failed' || item.status === 'cancelled';
  if (!isAnotherRun && item.status !== 'dead') return undefined;
  const due = { attempts: 0, due_at: iso(now), next_look_at: iso(now + settleMs), given_up: undefined };
  if (!isAnotherRun && !payAgain) return move(item, 'retrying', due, now);
  const ofRun = { job_id: undefined, output_url: undefined, duration_ms: undefined, completed_at: undefined };
  const ofPost = { reference: undefined, sent: undefined, first_post_at: undefined, last_post_at: undefined };
  const change = { ...due, ...ofRun, ...ofPost, run: item.run + 1, covered_by: undefined, unclear: false };
  return move(item, 'retrying', change, now);
}

/** A file of a batch that the user has cancelled, which has no job and gets none. */
export function cancelledUnpaid(item: ResultItem, now: number): ResultItem {
  const end = {
    completed_at: iso(now),
    unclear: false,
    sent: undefined,
    due_at: undefined,
    next_look_at: undefined,
  };
  return move(item, 'cancelled', { ...end, given_up: true, error: 'The batch was cancelled.' }, now);
}

/** The user no longer waits for a job at Ittybit. Its end is still taken over if it comes. */
export function givenUp(item: ResultItem, error: string, now: number): ResultItem | undefined {
  if (RANK[item.status] === 0 || isEnded(item.status)) return undefined;
  const end = { error, given_up: true, completed_at: iso(now), next_look_at: undefined };
  return move(item, 'cancelled', { ...end, unclear: false }, now);
}
