import type { JobOptions } from '../ittybit/job-options.ts';
import type { BatchBrake, Cancelled } from './brake.ts';
import { STATUSES, type Status } from './result-item.ts';
import type { S3Prefix } from '../files/s3-location.ts';
import type { FileFilter } from '../files/file-filter.ts';
import type { SkipReason } from '../files/media-files.ts';

/**
 * Where a batch's files come from, where that is no listing of its prefix: a few keys of its bucket, or a file on the
 * computer of the person who enqueued it, known again by the SHA-256 of its bytes (hexadecimal).
 */
export type BatchSource =
  { readonly keys: readonly string[] } | { readonly file: string; readonly sha256: string };

/** One enqueue: its job and where its files are. Stored as the batch's item `meta`. */
export interface BatchMeta extends S3Prefix {
  readonly batch: string;
  readonly job: JobOptions;
  /** extensions that the enqueue takes: lower case, without the dot */
  readonly extensions: readonly string[];
  /** further conditions on a file; absent: none */
  readonly filter?: FileFilter | undefined;
  /** true: its work is its own, so files that are done are paid again; the user said so */
  readonly again?: boolean | undefined;
  /** how many files its enqueue was to send, as it was counted before; absent: not counted */
  readonly planned?: number | undefined;
  /** its records are being deleted, or that was begun; absent: they are not */
  readonly deleting?: Cancelled | undefined;
  /** absent: the listing of its prefix */
  readonly source?: BatchSource | undefined;
  /** what people call it; absent: they call it by its place */
  readonly name?: string | undefined;
  /** who enqueued it, as AWS names them, such as `user/anna`; absent: not recorded */
  readonly by?: string | undefined;
  /** what stops it; absent: nothing */
  readonly brake?: BatchBrake | undefined;
  /** ISO 8601 */
  readonly created_at: string;
}

/** Longest name of a batch, in UTF-16 units: a row of a view shows it. */
export const MAX_BATCH_NAME = 80;

/** How many objects were not enqueued, by reason; a reason that did not occur may be absent. */
export type SkipCounts = Readonly<Partial<Record<SkipReason, number>>>;

/**
 * How far the enqueue of one part of the key space has come. All pages up to it are confirmed, so a resumed enqueue
 * repeats at most the pages that were open. Always: `listed = sent + the sum of skipped`.
 */
export interface Checkpoint {
  readonly shard: number;
  readonly lastKey: string;
  readonly listed: number;
  readonly sent: number;
  readonly skipped: SkipCounts;
  readonly done: boolean;
  /** the stems that are open after `lastKey`, as `OpenStems` packs them; absent: none */
  readonly stems?: readonly string[] | undefined;
  /** of shard 0 of a batch that is enqueued in the cloud: its run there */
  readonly run?: CloudRun | undefined;
}

/** A run of Step Functions that enqueues a batch. */
export interface CloudRun {
  /** ARN of the execution */
  readonly execution: string;
  /** 0 for the batch's first run */
  readonly ordinal: number;
}

export type StatusCounts = Readonly<Record<Status, number>>;

/** @returns a count of 0 for every status */
export function zeroCounts(): Record<Status, number> {
  return Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>;
}

/** Everything that is stored under a batch's key, read with one query. */
export interface BatchRecord {
  readonly meta: BatchMeta | undefined;
  readonly checkpoints: readonly Checkpoint[];
  readonly counts: StatusCounts;
}

/**
 * Makes a batch id: sortable by time, readable, and random enough that two windows do not make the same one.
 * @param now epoch ms
 * @param random 0 to 1
 * @returns such as `20261123-140201-k3x9f2`
 */
export function newBatchId(now: number, random: number): string {
  const [date = '', time = ''] = new Date(now).toISOString().split('T');
  const suffix = Math.floor(random * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${suffix}`;
}
