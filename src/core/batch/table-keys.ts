import { createHash } from 'node:crypto';
import type { BatchFile } from '../files/batch-file.ts';
import type { ResultItem } from './result-item.ts';
import { s3Uri } from '../files/s3-location.ts';

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
 * The counts of each batch are spread over this many items, because one key takes only 1,000 writes/s (DynamoDB
 * Developer Guide, "Best practices for designing and using partition keys effectively").
 */
export const COUNT_SHARDS = 8;

/** Where the index lists the batches. */
export const BATCHES_INDEX_PK = 'batches';

/** The item that says whether dispatch runs. */
export const DISPATCH_KEY: TableKey = { pk: 'control', sk: 'dispatch' };

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

/** @returns the index key under which the files of a batch in one status are listed */
export function resultIndexPk({ batch, status }: Pick<ResultItem, 'batch' | 'status'>): string {
  return `${batchPk(batch)}#${status}`;
}

/** @returns where the index lists a file: "this status in this batch, by updated time" */
export function resultIndexKey(item: Pick<ResultItem, 'batch' | 'status' | 'updated_at'>): IndexKey {
  return { gsi1pk: resultIndexPk(item), gsi1sk: item.updated_at };
}
