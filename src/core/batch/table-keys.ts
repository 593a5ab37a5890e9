import { createHash } from 'node:crypto';
import type { BatchFile } from '../files/batch-file.ts';
import { isEnded, isUnclear, type ResultItem } from './result-item.ts';
import { s3Uri, type S3Location } from '../files/s3-location.ts';

/** Keys of the results table; `gsi1` is its one index. */
export const TABLE_KEYS = {
  pk: 'pk',
  sk: 'sk',
  indexName: 'gsi1',
  indexPk: 'gsi1pk',
  indexSk: 'gsi1sk',
} as const;

/** A primary key. */
export interface TableKey {
  readonly pk: string;
  readonly sk: string;
}

/** Where the index lists an item. */
export interface IndexKey {
  readonly gsi1pk: string;
  readonly gsi1sk: string;
}

/**
 * The counts of each batch are spread over this many items: two transactions on one item at the same time cancel each
 * other (DynamoDB Developer Guide, "Transactions"), and at 500 transitions/s of 12 ms each 6 are always under way.
 */
export const COUNT_SHARDS = 64;

/** Where the index lists the batches. */
export const BATCHES_INDEX_PK = 'batches';

/** The item that says whether dispatch runs. */
export const DISPATCH_KEY: TableKey = { pk: 'control', sk: 'dispatch' };

/** The item that says whether the table may hold results that name no work. */
export const OLD_RESULTS_KEY: TableKey = { pk: 'control', sk: 'old-results' };

/** @returns the partition key under which a batch keeps `meta`, `shard#<n>` and `counts#<n>` */
export function batchPk(batch: string): string {
  return `batch#${batch}`;
}

/** @returns the primary key of the item that describes a batch */
export function metaKey(batch: string): TableKey {
  return { pk: batchPk(batch), sk: 'meta' };
}

/** @returns the primary key of a file's item */
export function resultKey(file: BatchFile): TableKey {
  return { pk: s3Uri(file), sk: batchPk(file.batch) };
}

/** @returns the key of the counts item that a file's transitions change; always the same one for a file */
export function countsKey(file: BatchFile): TableKey {
  const shard = (createHash('sha256').update(s3Uri(file)).digest()[0] ?? 0) % COUNT_SHARDS;
  return { pk: batchPk(file.batch), sk: `counts#${shard}` };
}

/**
 * @param work sort key of the work, see `workOf`
 * @returns the primary key of the item that says which batch owns one version of a file and one job
 */
export function workKey(file: S3Location, work: string): TableKey {
  return { pk: s3Uri(file), sk: work };
}

/** @returns the primary key of the item that says which source owns an output address of the user's own */
export function outputKey(address: string): TableKey {
  return { pk: `output#${address}`, sk: 'owner' };
}

/** @returns the index key under which the files of a batch in one status are listed */
export function resultIndexPk({ batch, status }: Pick<ResultItem, 'batch' | 'status'>): string {
  return `${batchPk(batch)}#${status}`;
}

/** Sorts after every time, so that a list of what is due by time leaves it out. */
export const NEVER_DUE = '~';

/**
 * @returns where the index lists a file: an open one by the time of the reconciler's next look, any other by the time
 * of its last change
 */
export function resultIndexKey(item: ResultItem): IndexKey {
  const { updated_at, next_look_at = updated_at } = item;
  const isDue = !isEnded(item.status) && (item.status !== 'dead' || isUnclear(item));
  const changed = item.status === 'dead' ? `${NEVER_DUE}${updated_at}` : updated_at;
  return { gsi1pk: resultIndexPk(item), gsi1sk: isDue ? next_look_at : changed };
}
