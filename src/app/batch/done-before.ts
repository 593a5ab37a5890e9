import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_JOB_OPTIONS, parseJobOptions, type JobOptions } from '../../core/ittybit/job-options.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import type { Status } from '../../core/batch/result-item.ts';
import type { S3Location } from '../../core/files/s3-location.ts';

/** The two reads that tell what became of a file before. */
export type EarlierResults = Pick<BatchStore, 'list' | 'resultsOf'>;

/** The index is read in pages of this size. */
const PAGE = 1000;
/** The others are an end without a result: `dead`, `failed` and `cancelled`. */
const DONE_OR_UNDER_WAY: readonly Status[] = [
  'submitting',
  'retrying',
  'submitted',
  'processing',
  'succeeded',
];

/**
 * Looks up which files need not be enqueued again: those with a result that succeeded, or is under way, in an earlier
 * batch that asks for just the same job. It cannot see files that are queued and that no consumer has claimed yet,
 * nor batches that were created this very moment or will be.
 * @param except the batch that is being enqueued, whose own files are not done before
 * @returns one look-up a file; nothing is asked where no batch has the same job
 * @throws AwsError
 */
export async function findDoneBefore(
  job: JobOptions,
  except: string | undefined,
  table: string,
  batches: EarlierResults,
  signal?: AbortSignal,
): Promise<(file: S3Location) => Promise<boolean>> {
  const same = await batchesWithJob(job, table, batches, signal);
  if (except !== undefined) same.delete(except);
  if (same.size === 0) return () => Promise.resolve(false);
  return async (file) => {
    const results = await batches.resultsOf(table, file, signal);
    return results.some(({ batch, status }) => same.has(batch) && DONE_OR_UNDER_WAY.includes(status));
  };
}

/** @returns the ids of the batches with this job, of thousands at most: only ids are kept */
async function batchesWithJob(
  job: JobOptions,
  table: string,
  batches: EarlierResults,
  signal: AbortSignal | undefined,
): Promise<Set<string>> {
  // Parsed, both have just the fields that are set.
  const wanted = parseJobOptions(job);
  const same = new Set<string>();
  // Bare messages make a batch without a record, unless somebody wrote one.
  if (isDeepStrictEqual(wanted, DEFAULT_JOB_OPTIONS)) same.add(DEFAULT_BATCH);
  let next: string | undefined;
  do {
    const page = await batches.list(table, { limit: PAGE, next }, signal);
    for (const meta of page.items) {
      if (isDeepStrictEqual(meta.job, wanted)) same.add(meta.batch);
      else same.delete(meta.batch);
    }
    next = page.next;
  } while (next !== undefined);
  return same;
}
