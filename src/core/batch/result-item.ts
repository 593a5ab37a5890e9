import type { BatchFile } from '../files/batch-file.ts';

/** States of one file in one batch. `submitting`, `retrying` and `dead` come before Ittybit has accepted the job. */
export const STATUSES = [
  'submitting',
  'retrying',
  'dead',
  'submitted',
  'processing',
  'succeeded',
  'failed',
  'cancelled',
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
  /** the Idempotency-Key of this run */
  readonly reference: string;
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

/** @returns true when the status is final */
export function isTerminal(status: Status): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}
