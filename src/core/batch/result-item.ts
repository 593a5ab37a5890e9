import type { BatchFile } from '../files/batch-file.ts';

/**
 * States of one file in one batch. `submitting`, `retrying` and `dead` come before Ittybit has accepted the job. A file
 * whose work another batch does is `waiting` and then `covered`. `processing` is only in items of older stacks.
 */
export const STATUSES = [
  'submitting',
  'retrying',
  'dead',
  'submitted',
  'processing',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'covered',
] as const;
export type Status = (typeof STATUSES)[number];

/** One file in one batch, as the results table holds it. Times are ISO 8601 in UTC unless the name says `_ms`. */
export interface ResultItem extends BatchFile {
  readonly status: Status;
  readonly kind: string;
  /** counted attempts to submit since the claim or the last redrive; 429 and pauses do not count */
  readonly attempts: number;
  /** number of the paid run, 1 for the first; it is part of the reference */
  readonly run: number;
  /** the Idempotency-Key; absent between a retry and its claim */
  readonly reference?: string;
  /** sort key of the work item: one version of this file and one job; absent in items of older stacks */
  readonly work?: string;
  /** S3's ETag of the version that was enqueued */
  readonly etag?: string;
  /** bytes */
  readonly size?: number;
  /** the batch that did or does the work, while `waiting` and when `covered` */
  readonly covered_by?: string;
  /** the result goes to an output of the user's own, so that the job's last task is an export */
  readonly exports?: boolean;
  /** a POST may have been accepted without our knowing its job; see `isUnclear` for items without it */
  readonly unclear?: boolean;
  /** what was sent under the reference, to repeat exactly that; see `sentMark` */
  readonly sent?: string;
  /** the last moment at which a POST may have left */
  readonly last_post_at?: string;
  /** when the file's message should be received again */
  readonly due_at?: string;
  /** when the reconciler looks at the file, while it is open */
  readonly next_look_at?: string;
  /** looks since the last change that settled nothing */
  readonly looks?: number;
  /** Ittybit could not tell whether there is a job: paying again is the user's choice */
  readonly cannot_tell?: boolean;
  /** `cancelled` on our side only: the job may still end */
  readonly given_up?: boolean;
  /** the invocation that holds the claim while `submitting` */
  readonly claim?: string;
  /** epoch ms until which the claim holds */
  readonly lease_until_ms?: number;
  /** when the first POST of this reference may have been sent; Ittybit forgets an Idempotency-Key 24 h later */
  readonly first_post_at?: string;
  readonly job_id?: string;
  readonly output_url?: string;
  readonly duration_ms?: number;
  /** last error, in Ittybit's words or ours */
  readonly error?: string;
  /** why the file is `dead`: a word of its letter, of any version; absent in items of older stacks */
  readonly failure_class?: string;
  /** the operator's flag on a failed or dead file; `leftOutOf` reads it */
  readonly left_out?: unknown;
  readonly created_at: string;
  readonly updated_at: string;
  readonly completed_at?: string;
  /** the item's changes, oldest first; limited, because DynamoDB takes items of at most 400 kB */
  readonly history?: readonly HistoryEntry[];
  /** optimistic lock: each transition adds 1 */
  readonly rev: number;
}

/** One change of a file's status. */
export interface HistoryEntry {
  readonly status: Status;
  /** ISO 8601 */
  readonly at: string;
  /** counted attempts at that time */
  readonly attempts: number;
  readonly error?: string;
}

/** @returns the item for a long list: a document reads the history again, and here it would take most of the memory */
export function withoutHistory({ history: _, ...item }: ResultItem): ResultItem {
  return item;
}

const ENDED: readonly Status[] = ['succeeded', 'failed', 'cancelled', 'covered'];

/** @returns true when the status is final */
export function isEnded(status: Status): boolean {
  return ENDED.includes(status);
}

/** @returns epoch ms until which an invocation holds the file; 0 where none does */
export function leaseOf(item: ResultItem): number {
  return item.status === 'submitting' ? (item.lease_until_ms ?? 0) : 0;
}

/**
 * May a POST of this file have been accepted, without our knowing its job? `submitting` is unclear whoever looks, and
 * so is an item of an older stack, which does not say.
 */
export function isUnclear(item: ResultItem): boolean {
  return (
    item.job_id === undefined && !isSettled(item) && (item.status === 'submitting' || item.unclear !== false)
  );
}

/** Items of older stacks have no `unclear`, but an end or another batch's work is none of this file's POSTs. */
function isSettled({ status }: ResultItem): boolean {
  return isEnded(status) || status === 'waiting';
}
