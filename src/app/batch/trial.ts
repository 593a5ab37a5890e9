import pMap from 'p-map';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { isEnded, type ResultItem } from '../../core/batch/result-item.ts';
import type { BucketStore } from '../../core/files/bucket-store.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { patiently, poll } from '../poll.ts';
import { findObject } from './find-object.ts';

/** Pause between two looks, in ms: a look reads each file that has not ended. */
const EVERY_MS = 2_000;
/** Reads under way at once. */
const READS = 8;

/** A small batch that is tried before others. */
export interface Trial {
  readonly batch: string;
  readonly bucket: string;
  readonly keys: readonly string[];
}

/** A file of a trial, and its item; undefined while no consumer has claimed it. */
export interface TriedFile {
  readonly key: string;
  readonly item: ResultItem | undefined;
}

export interface TrialOptions {
  readonly signal?: AbortSignal | undefined;
  /** called with all files after each look */
  readonly onLook?: ((files: readonly TriedFile[]) => void) | undefined;
  /** pause between two looks, in ms */
  readonly everyMs?: number | undefined;
}

/** @returns true where the file has its end: a result, another batch's result, or a dead letter */
export function hasEnd({ item }: TriedFile): boolean {
  return item !== undefined && (isEnded(item.status) || item.status === 'dead');
}

/**
 * Waits until all files of a trial have their end. Nothing hangs on it: the batch goes on without anybody waiting.
 * @returns the files in the order of their keys
 * @throws AwsError, the signal's reason
 */
export function awaitTrial(
  { batch, bucket, keys }: Trial,
  { resultsTable }: Pick<StackOutputs, 'resultsTable'>,
  batches: Pick<BatchStore, 'result'>,
  { signal, onLook, everyMs = EVERY_MS }: TrialOptions = {},
): Promise<readonly TriedFile[]> {
  let files: readonly TriedFile[] = keys.map((key) => ({ key, item: undefined }));
  const look = async (file: TriedFile): Promise<TriedFile> =>
    hasEnd(file)
      ? file
      : { key: file.key, item: await batches.result(resultsTable, { batch, bucket, key: file.key }, signal) };
  const ask = async (): Promise<readonly TriedFile[] | undefined> => {
    files = await pMap(files, look, { concurrency: READS, ...(signal && { signal }) });
    onLook?.(files);
    return files.every(hasEnd) ? files : undefined;
  };
  return poll(patiently(ask), everyMs, signal);
}

/** @returns how many files succeeded and how long their results are together, in ms, as far as Ittybit says so */
export function trialLength(files: readonly TriedFile[]): { readonly files: number; readonly ms: number } {
  const lengths = files.flatMap(({ item }) =>
    item?.status === 'succeeded' && item.duration_ms !== undefined ? [item.duration_ms] : [],
  );
  return { files: lengths.length, ms: lengths.reduce((sum, ms) => sum + ms, 0) };
}

/** What lies at an output address of the user's own. */
export type FoundOutput = { readonly size: number } | 'missing';

/**
 * Looks at the output of a file in the user's own bucket.
 * @returns undefined for any other address, which only its reader can look at
 * @throws AwsError where the bucket may not be listed; the signal's reason
 */
export async function lookAtOutput(
  { output_url = '' }: Pick<ResultItem, 'output_url'>,
  buckets: Pick<BucketStore, 'level'>,
  signal?: AbortSignal,
): Promise<FoundOutput | undefined> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(output_url) ?? [];
  if (bucket === undefined || key === undefined) return undefined;
  // A stream is a folder of many objects.
  if (key.endsWith('/')) {
    const { objects, prefixes } = await buckets.level({ bucket, prefix: key, max: 1 }, signal);
    return objects.length + prefixes.length > 0 ? undefined : 'missing';
  }
  const object = await findObject({ bucket, key }, buckets, signal);
  return object ? { size: object.size } : 'missing';
}
