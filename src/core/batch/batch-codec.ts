import {
  zeroCounts,
  type BatchMeta,
  type BatchRecord,
  type BatchSource,
  type Checkpoint,
  type CloudRun,
} from './batch.ts';
import { readBrake, readMark, type BatchBrake } from './brake.ts';
import { MediaBatchError } from '../errors.ts';
import { parseFileFilter } from '../files/file-filter.ts';
import { fieldsOf, isAmount, isText, type Fields } from '../foreign-json.ts';
import { readStoredJob, type JobOptions } from '../ittybit/job-options.ts';
import { ofLastRun, SKIPPED } from './cloud-run.ts';
import { STATUSES } from './result-item.ts';
import { BATCHES_INDEX_PK, batchPk, metaKey } from './table-keys.ts';

/** @returns the item `meta` of a batch, as the results table holds it; the index lists batches by creation time */
export function metaItem({ brake: _, deleting: __, ...meta }: BatchMeta): Fields {
  return { ...meta, ...metaKey(meta.batch), gsi1pk: BATCHES_INDEX_PK, gsi1sk: meta.created_at };
}

/** @returns a checkpoint's item, as the results table holds it */
export function checkpointItem(batch: string, checkpoint: Checkpoint): Fields {
  return { ...checkpoint, pk: batchPk(batch), sk: `shard#${checkpoint.shard}` };
}

/**
 * Builds a batch from all items under its key. Users and other versions also write to the table, so unreadable items
 * are left out.
 * @param items plain items, in any order
 * @returns the batch; its counts are the sums over all `counts#<n>`
 */
export function readBatchItems(items: readonly Fields[]): BatchRecord {
  const counts = zeroCounts();
  for (const item of items.filter(({ sk }) => isText(sk) && sk.startsWith('counts#'))) {
    for (const status of STATUSES) counts[status] += amount(item[status]);
  }
  const checkpoints = items.flatMap((item) => readCheckpoint(item) ?? []);
  const stored = items.find(({ sk }) => sk === 'meta');
  return {
    meta: stored && readMeta(stored),
    checkpoints: ofLastRun(checkpoints).toSorted((a, b) => a.shard - b.shard),
    counts,
  };
}

/** @returns the batch that an item `meta` describes, undefined where it cannot be read */
export function readMeta(item: Fields): BatchMeta | undefined {
  const { batch, bucket, prefix, extensions, planned, name, by, created_at } = item;
  const job = readable(() => readStoredJob(item['job']));
  const deleting = readMark(item['deleting']);
  // Without its prefix, filter or source a resumed enqueue would send, and pay for, more than was asked.
  const filter = readable(() => parseFileFilter(item['filter'] === undefined ? {} : item['filter']));
  if (!isText(batch) || !isText(bucket) || !isText(prefix) || !isText(created_at)) return undefined;
  const source = item['source'] === undefined ? undefined : readSource(item['source']);
  if (!job || !filter || (item['source'] !== undefined && !source)) return undefined;
  return {
    batch,
    bucket,
    prefix,
    job,
    extensions: Array.isArray(extensions) ? extensions.filter(isText) : [],
    ...(item['filter'] !== undefined && { filter }),
    ...(item['again'] === true && { again: true }),
    ...(isAmount(planned) && planned >= 0 && { planned }),
    ...(source && { source }),
    ...(isText(name) && name !== '' && { name }),
    ...(isText(by) && by !== '' && { by }),
    ...(['hold', 'cancelled', 'disarmed', 'streak'].some((name) => name in item) && {
      brake: readBrake(item),
    }),
    ...(deleting && { deleting }),
    created_at,
  };
}

function readSource(value: unknown): BatchSource | undefined {
  const { keys, file, sha256 } = fieldsOf(value) ?? {};
  if (Array.isArray(keys) && keys.length > 0 && keys.every(isText)) return { keys };
  return isText(file) && isText(sha256) ? { file, sha256 } : undefined;
}

/** What a batch asks for, and what stops it. */
export interface StoredOrder {
  readonly job: JobOptions;
  /** its work is its own, as the user said */
  readonly again: boolean;
  readonly brake: BatchBrake;
}

/**
 * Reads what a batch asks for, for the handlers. Only the form of its job is checked: a newer version may know other
 * words, and Ittybit judges those.
 * @param item a batch's item `meta`
 * @returns undefined where it names no job; `again` is true only where the item says exactly that
 * @throws InvalidInputError where the job does not have the form that an enqueue writes
 */
export function storedOrder({ job, again, ...meta }: Fields): StoredOrder | undefined {
  const isAgain = again === true;
  return job === undefined ? undefined : { job: readStoredJob(job), again: isAgain, brake: readBrake(meta) };
}

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MediaBatchError) return undefined;
    throw error;
  }
}

function readCheckpoint(item: Fields): Checkpoint | undefined {
  const { sk, shard, lastKey, listed, sent, skipped, done, stems } = item;
  const run = readRun(item['run']);
  if (!isText(sk) || !sk.startsWith('shard#') || !Number.isInteger(shard) || !isText(lastKey))
    return undefined;
  // A run in the cloud counts each reason in an attribute of its own.
  const counted = Object.entries(item).filter(([name]) => name.startsWith(SKIPPED));
  const reasons = [
    ...Object.entries(fieldsOf(skipped) ?? {}),
    ...counted.map(([name, count]) => [name.slice(SKIPPED.length), count] as const),
  ];
  return {
    shard: Number(shard),
    lastKey,
    listed: amount(listed),
    sent: amount(sent),
    skipped: Object.fromEntries(reasons.map(([reason, count]) => [reason, amount(count)])),
    done: done === true,
    ...(Array.isArray(stems) && stems.length > 0 && stems.every(isText) && { stems }),
    ...(run && { run }),
  };
}

function readRun(value: unknown): CloudRun | undefined {
  const { execution, ordinal } = fieldsOf(value) ?? {};
  return isText(execution) && isAmount(ordinal) ? { execution, ordinal } : undefined;
}

function amount(value: unknown): number {
  return isAmount(value) ? value : 0;
}
