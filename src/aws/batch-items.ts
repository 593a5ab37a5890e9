import { zeroCounts, type BatchMeta, type BatchRecord, type Checkpoint } from '../core/batch.ts';
import { MediaBatchError } from '../core/errors.ts';
import { parseFileFilter } from '../core/file-filter.ts';
import { readStoredJob } from '../core/job-options.ts';
import { STATUSES } from '../core/result-item.ts';

type Item = Readonly<Record<string, unknown>>;

/**
 * Puts a batch together from everything under its key. People and other versions write to the table too: what cannot
 * be read is left out.
 * @param items plain items, in any order
 * @returns the batch; its counts are the sums over all `counts#<n>`
 */
export function readBatchItems(items: readonly Item[]): BatchRecord {
  const counts = zeroCounts();
  for (const item of items.filter(({ sk }) => isText(sk) && sk.startsWith('counts#'))) {
    for (const status of STATUSES) counts[status] += amount(item[status]);
  }
  const checkpoints = items.flatMap((item) => readCheckpoint(item) ?? []);
  const metaItem = items.find(({ sk }) => sk === 'meta');
  return {
    meta: metaItem && readMeta(metaItem),
    checkpoints: checkpoints.toSorted((a, b) => a.shard - b.shard),
    counts,
  };
}

/** @returns the batch that an item `meta` describes, undefined where it cannot be read */
export function readMeta(item: Item): BatchMeta | undefined {
  const { batch, bucket, prefix, extensions, created_at } = item;
  const job = readable(() => readStoredJob(item['job']));
  // Without its prefix or filter a resumed enqueue would send, and pay for, more than was asked.
  const filter = readable(() => parseFileFilter(item['filter'] === undefined ? {} : item['filter']));
  if (!isText(batch) || !isText(bucket) || !isText(prefix) || !isText(created_at)) return undefined;
  if (!job || !filter) return undefined;
  return {
    batch,
    bucket,
    prefix,
    job,
    extensions: Array.isArray(extensions) ? extensions.filter(isText) : [],
    ...(item['filter'] !== undefined && { filter }),
    created_at,
  };
}

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MediaBatchError) return undefined;
    throw error;
  }
}

function readCheckpoint(item: Item): Checkpoint | undefined {
  const { sk, shard, lastKey, listed, sent, skipped, done } = item;
  if (!isText(sk) || !sk.startsWith('shard#') || !Number.isInteger(shard) || !isText(lastKey))
    return undefined;
  const reasons = typeof skipped === 'object' && skipped !== null ? Object.entries(skipped) : [];
  return {
    shard: Number(shard),
    lastKey,
    listed: amount(listed),
    sent: amount(sent),
    skipped: Object.fromEntries(reasons.map(([reason, count]) => [reason, amount(count)])),
    done: done === true,
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function amount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
