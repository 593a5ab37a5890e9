import pMap from 'p-map';
import type { BatchMeta, SkipCounts } from '../../core/batch/batch.ts';
import { type SkipReason, skipReason } from '../../core/files/media-files.ts';
import { hasSizeAndDate } from '../../core/files/file-filter.ts';
import { replacedInOutput } from '../../core/ittybit/job-options.ts';
import { keyGlob } from '../../core/files/key-glob.ts';
import type { S3Object } from '../../core/files/bucket-store.ts';
import { addSkipped } from './batch-progress.ts';
import { findDoneBefore, type EarlierResults } from './done-before.ts';

/** Look-ups of earlier results under way at once: about 2 s for a page of 1,000 at 60 ms each. */
const LOOKUPS = 32;

/** Which files are enqueued, and for which job. */
export type Selection = Pick<BatchMeta, 'bucket' | 'prefix' | 'job' | 'extensions' | 'filter'>;

/** A page of the listing; `page.length = files.length + the sum of skipped`. */
export interface SortedPage {
  /** what is enqueued, in the order of the page */
  readonly files: readonly S3Object[];
  readonly skipped: SkipCounts;
}

/**
 * Makes the function that decides about each listed object. The enqueue and its dry run share it.
 * @param batch the batch that is being enqueued, undefined for a dry run
 * @throws InvalidInputError `glob`, AwsError where earlier batches cannot be read
 */
export async function pageSorter(
  { bucket, prefix, job, extensions, filter = {} }: Selection,
  batch: string | undefined,
  table: string,
  batches: EarlierResults,
  signal?: AbortSignal,
): Promise<(page: readonly S3Object[]) => Promise<SortedPage>> {
  const media = new Set(extensions);
  const matches = filter.glob === undefined ? () => true : keyGlob(filter.glob);
  const isWanted = (object: S3Object): boolean =>
    hasSizeAndDate(object, filter) && matches(object.key.slice(prefix.length));
  const isDone =
    filter.not_yet_done === true ? await findDoneBefore(job, batch, table, batches, signal) : undefined;

  return async (page) => {
    const skipped: Partial<Record<SkipReason, number>> = {};
    const files: S3Object[] = [];
    for (const object of page) {
      const isReplaced = replacedInOutput(job, { bucket, key: object.key }) !== undefined;
      const reason = skipReason(object, media, isWanted) ?? (isReplaced ? 'braces' : undefined);
      if (reason) addSkipped(skipped, { [reason]: 1 });
      else files.push(object);
    }
    if (!isDone) return { files, skipped };
    const done = await pMap(files, ({ key }) => isDone({ bucket, key }), {
      concurrency: LOOKUPS,
      ...(signal && { signal }),
    });
    const left = files.filter((_, i) => done[i] !== true);
    if (left.length < files.length) addSkipped(skipped, { done: files.length - left.length });
    return { files: left, skipped };
  };
}
