import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_JOB_OPTIONS, parseJobOptions, type JobOptions } from '../../core/ittybit/job-options.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import type { Status } from '../../core/batch/result-item.ts';
import type { S3Location } from '../../core/files/s3-location.ts';

/** The two reads that find the earlier results of a file. */
export type EarlierResults = Pick<BatchStore, 'list' | 'resultsOf'>;

/** The index is read in pages of this size. */
const PAGE = 1000;
/** The other statuses, `dead`, `failed` and `cancelled`, are an end without a result. */
const DONE_OR_UNDER_WAY: readonly Status[] = [
  'submitting',
  'retrying',
  'submitted',
  'processing',
  'succeeded',
];

/**
 * Finds the files that need not be enqueued again: those that succeeded, or are in progress, in an earlier batch with
 * exactly the same job. It does not see queued files that no consumer has claimed yet. Nor does it see batches that are
 * created while it looks, or later.
 * @param except the batch that is being enqueued; its own files do not count as done
 * @returns a look-up for one file; it makes no request where no batch has the same job
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

/** @returns the ids of the batches with this job; nothing else of them is kept in memory */
async function batchesWithJob(
  job: JobOptions,
  table: string,
  batches: EarlierResults,
  signal: AbortSignal | undefined,
): Promise<Set<string>> {
  // After parsing, both jobs have only the fields that are set.
  const wanted = parseJobOptions(job);
  const same = new Set<string>();
  // The batch of bare messages has no record unless a user wrote one.
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
