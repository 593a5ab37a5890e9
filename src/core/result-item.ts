import { createHash } from 'node:crypto';
import type { BatchFile } from './batch-file.ts';
import { s3Uri } from './s3-location.ts';

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

/** Keys of the results table; `gsi1` is its one index. */
export const TABLE_KEYS = {
  pk: 'pk',
  sk: 'sk',
  indexName: 'gsi1',
  indexPk: 'gsi1pk',
  indexSk: 'gsi1sk',
} as const;

/**
 * Counts of one batch are spread over this many items, so that 1,000 writes/s to one key is no ceiling
 * (DynamoDB Developer Guide, "Best practices for designing and using partition keys effectively").
 */
export const COUNT_SHARDS = 8;

/** @returns the primary key of a file's item */
export function resultKey(file: BatchFile): { pk: string; sk: string } {
  return { pk: s3Uri(file), sk: batchPk(file.batch) };
}

/** @returns the partition key under which a batch keeps `meta`, `shard#<n>` and `counts#<n>` */
export function batchPk(batch: string): string {
  return `batch#${batch}`;
}

/** @returns the key of the counts item that a file's transitions change; always the same one for a file */
export function countsKey(file: BatchFile): { pk: string; sk: string } {
  const shard = (createHash('sha256').update(s3Uri(file)).digest()[0] ?? 0) % COUNT_SHARDS;
  return { pk: batchPk(file.batch), sk: `counts#${shard}` };
}

/** @returns where the index lists a file: "this status in this batch, by updated time" */
export function resultIndexKey(item: Pick<ResultItem, 'batch' | 'status' | 'updated_at'>): {
  gsi1pk: string;
  gsi1sk: string;
} {
  return { gsi1pk: `${batchPk(item.batch)}#${item.status}`, gsi1sk: item.updated_at };
}

/** The item that says whether dispatch runs. */
export const DISPATCH_KEY = { pk: 'control', sk: 'dispatch' } as const;

/** @returns true when nothing moves the status any more */
export function isTerminal(status: Status): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}
