import type { BatchFile } from '../files/batch-file.ts';

/** States of one file in one batch. `retrying` and `dead` are the dispatch side's. */
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
  /** paid run: 1, raised only by an explicit "retry failed job" */
  readonly run: number;
  /** the Idempotency-Key of this run */
  readonly reference: string;
  /** who holds the claim while `submitting` */
  readonly claim?: string;
  /** epoch ms until which the claim holds */
  readonly lease_until_ms?: number;
  /** when the first POST of this reference may have left: Ittybit forgets an Idempotency-Key 24 h after it */
  readonly first_post_at?: string;
  readonly job_id?: string;
  readonly output_url?: string;
  readonly duration_ms?: number;
  /** last error, in Ittybit's words or ours */
  readonly error?: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly completed_at?: string;
  /** what happened to it, oldest first; bounded, so that an item cannot outgrow DynamoDB's 400 kB */
  readonly history?: readonly HistoryEntry[];
  /** optimistic lock: raised by each transition */
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

/** @returns true when nothing moves the status any more */
export function isTerminal(status: Status): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}
