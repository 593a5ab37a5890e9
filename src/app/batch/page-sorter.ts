import type { BatchMeta, SkipCounts } from '../../core/batch/batch.ts';
import { type SkipReason, skipReason } from '../../core/files/media-files.ts';
import { mayBeNoMaster } from '../../core/files/stream-names.ts';
import { hasSizeAndDate } from '../../core/files/file-filter.ts';
import { outputFor } from '../../core/ittybit/job-options.ts';
import { keyGlob } from '../../core/files/key-glob.ts';
import { OpenStems } from '../../core/files/open-stems.ts';
import { outputProblem, sharesStem } from '../../core/ittybit/output-address.ts';
import type { S3Object } from '../../core/files/bucket-store.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { mapInSlices } from '../in-slices.ts';
import { addSkipped } from './batch-progress.ts';
import { findDoneBefore, type AreDone, type EarlierResults } from './done-before.ts';
import type { FolderReader } from './folder-reader.ts';

/** Which files are enqueued, and for which job. */
export type Selection = Pick<BatchMeta, 'bucket' | 'prefix' | 'job' | 'extensions' | 'filter' | 'again'>;

/** Two files whose results would have the same address: the first one keeps it. */
export interface SameOutput {
  readonly first: string;
  readonly second: string;
  readonly output: string;
}

/** A key that was left out, and why. */
export interface LeftOut {
  readonly key: string;
  readonly reason: SkipReason;
}

/** A page of the listing; `page.length = files.length + the sum of skipped`. */
export interface SortedPage {
  /** what is enqueued, in the order of the page */
  readonly files: readonly S3Object[];
  readonly skipped: SkipCounts;
  /** what is skipped, one by one */
  readonly left: readonly LeftOut[];
  /** the first pair of the page, where there is one */
  readonly sameOutput: SameOutput | undefined;
  /** what the next page has to be sorted with; empty: nothing */
  readonly stems: readonly string[];
}

/**
 * Sorts one page.
 * @param stems the `stems` of the page before; empty for the first page
 */
export type SortPage = (page: readonly S3Object[], stems: readonly string[]) => Promise<SortedPage>;

/**
 * Makes the function that decides about each listed object. The enqueue and its dry run share it. A file that is done
 * keeps its output address too: what shares it would overwrite that result.
 * @param batch the batch that is being enqueued, undefined for a dry run
 * @param folders those of the listing; absent: each file is taken for a master
 * @throws InvalidInputError `glob`, AwsError where earlier batches cannot be read
 */
export async function pageSorter(
  selection: Selection,
  batch: string | undefined,
  pipeline: StackOutputs,
  batches: EarlierResults,
  {
    folders,
    signal,
  }: { readonly folders?: FolderReader | undefined; readonly signal?: AbortSignal | undefined },
): Promise<SortPage> {
  const areDone =
    selection.filter?.not_yet_done === true
      ? await findDoneBefore(selection.job, batch, pipeline, batches, signal)
      : undefined;
  return sortPages(selection, { folders, areDone, signal });
}

/** What `sortPages` asks about files beside their names. */
export interface SortQuestions {
  readonly folders?: FolderReader | undefined;
  /** which files of a page are done or under way; absent: not asked */
  readonly areDone?: AreDone | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Makes the function of `pageSorter` without a request. @throws InvalidInputError `glob` */
export function sortPages(
  { bucket, prefix, job, extensions, filter = {} }: Selection,
  { folders, areDone, signal }: SortQuestions,
): SortPage {
  const media = new Set(extensions);
  const matches = filter.glob === undefined ? () => true : keyGlob(filter.glob);
  const isWanted = (object: S3Object): boolean =>
    hasSizeAndDate(object, filter) && matches(object.key.slice(prefix.length));
  const rules = { isWanted, folder: prefix.slice(0, prefix.lastIndexOf('/') + 1), now: Date.now() };
  const isUnclear = (object: S3Object): boolean =>
    mayBeNoMaster(object) && [undefined, 'archived'].includes(skipReason(object, media, rules));
  const judges = filter.segments === true ? undefined : folders;
  const canShare = sharesStem(job);

  return async (page, stems) => {
    const skipped: Partial<Record<SkipReason, number>> = {};
    const files: S3Object[] = [];
    const left: LeftOut[] = [];
    const leave = (key: string, reason: SkipReason): void => {
      addSkipped(skipped, { [reason]: 1 });
      left.push({ key, reason });
    };
    const open = new OpenStems(stems);
    const inFolder = await judges?.judge(page, isUnclear, signal);
    let sameOutput: SameOutput | undefined;
    const sort = (object: S3Object): void => {
      const { key } = object;
      const reason = skipReason(object, media, { ...rules, inFolder }) ?? outputProblem(job, { bucket, key });
      const first = reason === undefined && canShare ? open.firstWithStem(key) : key;
      if (first !== key) {
        leave(key, 'same-output');
        sameOutput ??= { first, second: key, output: outputFor(job, { bucket, key }) ?? '' };
      } else if (reason) leave(key, reason);
      else files.push(object);
    };
    await mapInSlices(page, sort, { signal });
    const sorted = { skipped, left, sameOutput, stems: open.pack() };
    if (!areDone) return { ...sorted, files };
    const done = await areDone(files.map(({ key, etag }) => ({ bucket, key, etag })));
    for (const { key } of files.filter((_, i) => done[i] === true)) leave(key, 'done');
    return { ...sorted, files: files.filter((_, i) => done[i] !== true) };
  };
}
