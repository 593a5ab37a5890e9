import { newBatchId, type BatchMeta, type BatchSource } from '../../core/batch/batch.ts';
import { type FileFilter, parseFileFilter } from '../../core/files/file-filter.ts';
import { InvalidInputError, MediaBatchError } from '../../core/errors.ts';
import {
  outputFor,
  parseJobOptions,
  replacedInOutput,
  type JobOptions,
} from '../../core/ittybit/job-options.ts';
import { outputProblem } from '../../core/ittybit/output-address.ts';
import { DEFAULT_EXTENSIONS } from '../../core/ittybit/kind-extensions.ts';
import { parseExtensions } from '../../core/files/media-files.ts';
import { checkListable, prefixUri, type S3Prefix } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import { enqueueBatch, readOrder, type BatchOptions } from './enqueue-batch.ts';
import type { EnqueueOptions, EnqueueProgress } from './enqueue-files.ts';
import type { EnqueueServices } from './enqueue-services.ts';
import type { KeyFile } from './key-file.ts';
import type { Selection } from './page-sorter.ts';

export interface EnqueueRequest extends S3Prefix {
  readonly job: JobOptions;
  /** which files; absent: those that the job's kind can take */
  readonly extensions?: readonly string[] | undefined;
  /** which of those; absent: all */
  readonly filter?: FileFilter | undefined;
  /** true: pays again for files that are done or under way; absent: they end as covered */
  readonly again?: boolean | undefined;
  /** how many files a dry run has counted; absent: not counted */
  readonly planned?: number | undefined;
  /** where the files come from; absent: the listing of the prefix */
  readonly source?: BatchSource | undefined;
  /** the file of such a source, where it is one */
  readonly keyFile?: KeyFile | undefined;
  /** what people call the batch */
  readonly name?: string | undefined;
  /** who enqueues it */
  readonly by?: string | undefined;
}

/**
 * Checks a request and fills in its defaults.
 * @throws InvalidInputError for a request that cannot be carried out; a broken glob is found when it is used
 */
export function selectionOf(request: EnqueueRequest): Selection {
  const { bucket, prefix } = request;
  checkListable(bucket);
  const job = parseJobOptions(request.job);
  const extensions = parseExtensions(request.extensions ?? DEFAULT_EXTENSIONS[job.kind]);
  checkOutputPlace({ bucket, prefix, job, extensions }, request.source !== undefined);
  const filter = parseFileFilter(request.filter ?? {});
  const again = request.again === true;
  if (again && filter.not_yet_done === true) {
    throw new InvalidInputError(
      'again',
      'Files that are done are either left out or paid again: choose one of the two.',
    );
  }
  const isFiltered = Object.keys(filter).length > 0;
  return { bucket, prefix, job, extensions, ...(isFiltered && { filter }), ...(again && { again }) };
}

/** @returns the record of a new batch. @throws InvalidInputError for a request that cannot be carried out */
export function newBatch(request: EnqueueRequest): BatchMeta {
  const selection = selectionOf(request);
  const now = Date.now();
  const { planned, source, name, by } = request;
  return {
    batch: newBatchId(now, Math.random()),
    ...selection,
    ...(planned !== undefined && { planned }),
    ...(source && { source }),
    ...(name !== undefined && name !== '' && { name }),
    ...(by !== undefined && { by }),
    created_at: new Date(now).toISOString(),
  };
}

/**
 * Lists a prefix and sends each media file to the work queue as a new batch. The batch's record is written before the first
 * file is sent, and checkpoints follow the last page before which all sends are confirmed.
 * @returns the totals
 * @throws InvalidInputError for a request that cannot be carried out, MediaBatchError `nothing-to-enqueue` when no file
 * under the prefix matches, `enqueue-incomplete` (with the batch to resume) when AWS fails midway, `enqueued-elsewhere`
 * when another window continues the batch; AwsError before the first file
 */
export async function enqueuePrefix(
  request: EnqueueRequest,
  pipeline: StackOutputs,
  services: EnqueueServices,
  options: EnqueueOptions = {},
): Promise<EnqueueProgress> {
  const meta = newBatch(request);
  const order = { meta, from: undefined, created: false };
  const { keyFile } = request;
  const done = await enqueueBatch(order, pipeline, services, { ...options, keyFile });
  if (done.sent === 0) throw nothingToEnqueue(meta, done);
  return done;
}

/**
 * Continues a cancelled or interrupted enqueue after its last checkpoint. At most the pages that were open are sent twice
 * (`OPEN_PAGES`); the consumer's claim drops the second copies.
 * @throws MediaBatchError `not-found` for an unknown batch, `batch-cancelled` for one that the user has cancelled,
 * InvalidInputError where its job breaks a current rule, `key-file-needed` as `sourceOf`; otherwise as `enqueuePrefix`
 */
export async function resumeEnqueue(
  batch: string,
  pipeline: StackOutputs,
  services: EnqueueServices,
  options: BatchOptions = {},
): Promise<EnqueueProgress> {
  const order = await readOrder(batch, pipeline, services, options.signal);
  if (!order)
    throw new MediaBatchError(
      'not-found',
      `There is no batch "${batch}" in this stack: choose one from the list of batches.`,
    );
  return enqueueBatch(order, pipeline, services, options);
}

/**
 * What enqueues the rest of a batch, as a batch of its own: the same place, job and filter, without the files that are
 * done or under way. Of a batch that pays again, the rest is what no batch has paid for.
 */
export function restOf({ bucket, prefix, job, extensions, filter, source }: BatchMeta): EnqueueRequest {
  const place = { bucket, prefix, ...(source && { source }) };
  return { ...place, job, extensions, filter: { ...filter, not_yet_done: true } };
}

/**
 * Refuses an output under the prefix itself, because the next run would enqueue the results and pay for them. It also
 * refuses a prefix that no output can contain, because then every file would be skipped.
 * @param isList the files are named one by one, so that results are not enqueued by themselves
 */
function checkOutputPlace({ bucket, prefix, job, extensions }: Selection, isList: boolean): void {
  const sample = { bucket, key: `${prefix}sample.mp4` };
  const problem = outputProblem(job, sample);
  if (problem === 'braces') {
    const replaced = visibleText(replacedInOutput(job, sample) ?? '', 100);
    throw new InvalidInputError(
      'output',
      `Each output would contain ${replaced} of the prefix, which Ittybit replaces with its own text: leave the output empty, or rename the folder.`,
    );
  }
  if (problem === 'output-folder') {
    throw new InvalidInputError(
      'output',
      'Each output would contain the folder "." or ".." of the prefix: leave the output empty, or rename the folder.',
    );
  }
  if (isList) return;
  const place = prefixUri({ bucket, prefix });
  const isUnder = (ext: string): boolean =>
    outputFor(job, { bucket, key: `${prefix}sample.${ext}` })?.startsWith(place) ?? false;
  // Where {ext} names the first folder, the files of one extension can be those that write under the prefix.
  const start = outputFor({ ...job, output: job.output?.split('{ext}')[0] ?? '' }, sample)?.length ?? 0;
  if (extensions.some((ext) => isUnder(inCaseOf(place.slice(start), ext)))) {
    throw new InvalidInputError(
      'output',
      `The results would be written under ${place}, which this batch reads: choose another output prefix.`,
    );
  }
}

/** @returns the extension with its letters in the case that they have in a text, as long as both agree */
function inCaseOf(text: string, ext: string): string {
  return Array.from(ext, (letter, i) => (text[i]?.toLowerCase() === letter ? text[i] : letter)).join('');
}

function nothingToEnqueue(
  { bucket, prefix, filter, source }: BatchMeta,
  { listed, skipped }: EnqueueProgress,
): MediaBatchError {
  const place = prefixUri({ bucket, prefix });
  if (listed === 0)
    return new MediaBatchError(
      'nothing-to-enqueue',
      source && 'file' in source
        ? `${source.file} has no lines: choose a file with keys.`
        : `There is nothing under ${place}: check the prefix, which is case-sensitive.`,
    );
  const reasons = Object.entries(skipped)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');
  if (skipped.done !== undefined)
    return new MediaBatchError(
      'nothing-to-enqueue',
      `Every file under ${place} that matches is already done or in progress (${reasons}): take the files that are done, too, and choose to pay again for them.`,
    );
  return new MediaBatchError(
    'nothing-to-enqueue',
    `None of the ${listed} objects under ${place} is a media file for this job (${reasons}): check the prefix, the kind${filter ? ', the extensions and the filter' : ' and the extensions'}.`,
  );
}
