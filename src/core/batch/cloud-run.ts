import { createHash } from 'node:crypto';
import type { BatchMeta, Checkpoint, CloudRun, SkipCounts } from './batch.ts';
import { InvalidInputError } from '../errors.ts';
import { parseFileFilter } from '../files/file-filter.ts';
import { fieldsOf, isAmount, isText } from '../foreign-json.ts';
import { readStoredJob } from '../ittybit/job-options.ts';
import { checkBatchId } from './queue-message.ts';
import { batchPk } from './table-keys.ts';

/** What a run of the cloud enqueue is asked for: the files of a batch, without those that an earlier batch has done. */
export interface RunOrder extends Pick<
  BatchMeta,
  'batch' | 'bucket' | 'prefix' | 'job' | 'extensions' | 'filter'
> {
  /** 0 for the batch's first run; a later one counts for itself */
  readonly ordinal: number;
}

/** The input of the state machine. */
export interface RunInput {
  readonly run: RunOrder;
  /** messages in the work queue above which nothing is sent */
  readonly depth: number;
  /** seconds until a part that found the queue full looks again */
  readonly recheck: number;
}

/** @returns the order of a batch; files that are done end as covered, so `not_yet_done` is left out */
export function runOrder(meta: BatchMeta, ordinal: number): RunOrder {
  const { batch, bucket, prefix, job, extensions } = meta;
  const { not_yet_done: _, ...filter } = meta.filter ?? {};
  return { batch, bucket, prefix, job, extensions, filter, ordinal };
}

/**
 * Reads the order that a part of a run brings with it.
 * @throws InvalidInputError where a part of it cannot be read, because less would send more files than were asked for
 */
export function readRunOrder(value: unknown): RunOrder {
  const { batch, bucket, prefix, job, extensions, filter, ordinal } = fieldsOf(value) ?? {};
  if (!isText(bucket) || !isText(prefix) || !isAmount(ordinal)) throw unreadable();
  if (!Array.isArray(extensions) || !extensions.every(isText)) throw unreadable();
  const order = { batch: checkBatchId(batch), bucket, prefix, job: readStoredJob(job), extensions, ordinal };
  return { ...order, filter: parseFileFilter(filter) };
}

function unreadable(): InvalidInputError {
  return new InvalidInputError(
    'run',
    'The run names no bucket, prefix or extensions: start it from Media Batch.',
  );
}

/** The counts of a run are spread over this many checkpoints, so that an item stays small and is rarely written twice at once. */
const RUN_SHARDS = 256;

/**
 * One run takes so many objects: the answers of all parts together, three bytes for each thousand objects or fewer, must
 * stay below the 256 KiB of a state's output (Step Functions, "Quotas").
 */
export const MOST_OBJECTS = 50_000_000;

/** Where AWS's reader ends without a word (Step Functions Developer Guide, "ItemReader"). */
export const READER_ENDS = 100_000_000;

/** One part of a run: what a child of the map has sent and left out. */
export interface RunPart {
  readonly order: Pick<RunOrder, 'batch' | 'ordinal'>;
  /** what only this part begins with */
  readonly firstKey: string;
  readonly listed: number;
  readonly sent: number;
  readonly skipped: SkipCounts;
}

type Attribute =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly SS: readonly string[] }
  | { readonly BOOL: boolean };

/** An update of the results table in DynamoDB's own form, which Step Functions carries out. */
export interface CountUpdate {
  readonly key: Readonly<Record<string, Attribute>>;
  readonly condition: string;
  readonly update: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, Attribute>>;
}

/** Starts the names of the attributes that count why objects were left out: ADD works on the top level only. */
export const SKIPPED = 'skipped:';

/**
 * Counts a part once, however often it runs: a checkpoint remembers the parts that it has counted.
 * @returns the update of one checkpoint, which makes it where there is none
 */
export function countUpdate({ order, firstKey, listed, sent, skipped }: RunPart): CountUpdate {
  const part = createHash('sha256').update(firstKey).digest('hex').slice(0, 16);
  const shard = order.ordinal * RUN_SHARDS + 1 + (parseInt(part.slice(0, 2), 16) % RUN_SHARDS);
  const reasons = Object.entries(skipped);
  const amounts = [
    ['listed', listed],
    ['sent', sent],
    ...reasons.map(([name, n]) => [SKIPPED + name, n]),
  ] as const;
  const added = amounts.map((_, i) => `#n${i} :n${i}`).join(', ');
  return {
    key: { pk: { S: batchPk(order.batch) }, sk: { S: `shard#${shard}` } },
    condition: 'NOT contains(seen, :part)',
    update: `ADD seen :parts, ${added} SET #shard = :shard, lastKey = :none, done = :done`,
    // `shard` is a reserved word of DynamoDB.
    names: { '#shard': 'shard', ...Object.fromEntries(amounts.map(([name], i) => [`#n${i}`, name])) },
    values: {
      ':part': { S: part },
      ':parts': { SS: [part] },
      ':shard': { N: String(shard) },
      ':none': { S: '' },
      ':done': { BOOL: true },
      ...Object.fromEntries(amounts.map(([, amount], i) => [`:n${i}`, { N: String(amount) }])),
    },
  };
}

/** @returns the run that enqueues a batch in the cloud; undefined for a batch that the editor enqueues */
export function runOf(checkpoints: readonly Checkpoint[]): CloudRun | undefined {
  return checkpoints.find(({ shard }) => shard === 0)?.run;
}

/**
 * @param checkpoints of a batch's last run
 * @returns true where AWS's reader may have ended before the bucket did, so that the run's end is not the batch's
 */
export function mayHaveMore(checkpoints: readonly Checkpoint[]): boolean {
  const listed = checkpoints.reduce((total, checkpoint) => total + checkpoint.listed, 0);
  return runOf(checkpoints) !== undefined && listed >= READER_ENDS;
}

/** @returns the checkpoints of a batch without those of its earlier runs in the cloud */
export function ofLastRun(checkpoints: readonly Checkpoint[]): readonly Checkpoint[] {
  const run = runOf(checkpoints);
  if (!run) return checkpoints;
  return checkpoints.filter(
    ({ shard }) => shard === 0 || Math.floor((shard - 1) / RUN_SHARDS) === run.ordinal,
  );
}
