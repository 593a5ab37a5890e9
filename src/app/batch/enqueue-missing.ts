import pMap from 'p-map';
import type { BatchMeta, SkipCounts } from '../../core/batch/batch.ts';
import { inQueue } from '../../core/batch/queue-service.ts';
import { MediaBatchError } from '../../core/errors.ts';
import type { S3Object } from '../../core/files/bucket-store.ts';
import { parseJobOptions } from '../../core/ittybit/job-options.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { addSkipped, batchProgress } from './batch-progress.ts';
import type { EnqueueServices } from './enqueue-services.ts';
import { patientPages } from './file-source.ts';
import { inBackground } from './in-background.ts';
import type { KeyFile } from './key-file.ts';
import { sourceOf } from './key-source.ts';
import { checkNotInCloud } from './not-in-cloud.ts';
import { pageSorter } from './page-sorter.ts';
import { Patience } from './patience.ts';
import { readAhead } from './read-ahead.ts';
import { fileMessage, sendAll } from './send-all.ts';
import { batchCancelled, checkNotCancelled } from './stop-batch.ts';

/** Look-ups of items under way at once: about 2 s for a page of 1,000 at 60 ms each. */
const LOOKUPS = 32;

/** A batch of which files were sent, and no consumer has claimed them. */
export interface MissingFiles {
  readonly meta: BatchMeta;
  /** how many */
  readonly missing: number;
}

/** Running totals of one run. */
export interface MissingProgress {
  readonly listed: number;
  readonly sent: number;
  /** why others were left out, as in the first enqueue */
  readonly skipped: SkipCounts;
}

export interface MissingOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: MissingProgress) => void;
  /** the file of a batch whose source is one */
  readonly keyFile?: KeyFile | undefined;
}

type Stores = Pick<EnqueueServices, 'queues' | 'batches'>;

/**
 * Finds out whether files of a batch were sent and never claimed: the work queue is empty, and they are not in the table.
 * A message lives 14 days at most, and a queue can be emptied.
 * @throws MediaBatchError `not-found` for an unknown batch, `batch-cancelled` for a cancelled one, `enqueue-incomplete` where its enqueue has not finished (`enqueued-in-cloud` where Step Functions does it),
 * `nothing-to-enqueue` where nothing is missing, `queue-not-empty` while files may still be claimed; AwsError
 */
export async function findMissing(
  batch: string,
  { resultsTable, workQueueUrl }: StackOutputs,
  { queues, batches }: Stores,
  signal?: AbortSignal,
): Promise<MissingFiles> {
  const { meta, ...record } = await batches.read(resultsTable, batch, signal);
  if (!meta) {
    throw new MediaBatchError(
      'not-found',
      `There is no batch "${batch}" in this stack: choose one from the list of batches.`,
    );
  }
  const { enqueued, queued, sent } = batchProgress(record);
  if (meta.brake?.cancelled) throw batchCancelled(batch, sent);
  if (!enqueued) {
    checkNotInCloud(batch, record);
    throw new MediaBatchError(
      'enqueue-incomplete',
      `The enqueue of batch ${batch} has not finished: resume it, which sends the rest.`,
    );
  }
  if (queued === 0) {
    throw new MediaBatchError(
      'nothing-to-enqueue',
      `No file of batch ${batch} is missing: each one that was sent has been claimed.`,
    );
  }
  const left = inQueue(await queues.depth(workQueueUrl, signal));
  if (left > 0) {
    throw new MediaBatchError(
      'queue-not-empty',
      `About ${left} messages are still in the work queue, and files of batch ${batch} may be among them: wait until it is empty.`,
    );
  }
  return { meta, missing: queued };
}

/** What the background is given. */
export interface MissingErrand {
  readonly meta: BatchMeta;
  readonly pipeline: StackOutputs;
  /** the name of the file of a source that is one */
  readonly fileName: string | undefined;
}

/**
 * Lists the batch's prefix again, with its filter, and sends each file that has no item in the batch, a page at a time; in
 * the background where there is one.
 * The batch's checkpoints and counts stay as they are: the files were counted as sent before. A run that was cancelled, or
 * broke, is continued by another run. Where a file is claimed meanwhile, the claim drops its second message.
 * @returns the totals
 * @throws MediaBatchError `batch-cancelled`, which counts the files of this run; InvalidInputError where the batch's job
 * breaks a current rule; AwsError; the signal's reason
 */
export function enqueueMissing(
  { meta }: Pick<MissingFiles, 'meta'>,
  pipeline: StackOutputs,
  services: EnqueueServices,
  options: MissingOptions = {},
): Promise<MissingProgress> {
  const { signal, onProgress, keyFile } = options;
  const request: MissingErrand = { meta, pipeline, fileName: keyFile?.name };
  let sent = 0;
  const here = () => sendMissing(meta, pipeline, services, options);
  return inBackground(
    services.background,
    {
      ...{ name: 'missing', request, keyFile, signal },
      onEvent: (progress: MissingProgress) => {
        ({ sent } = progress);
        onProgress?.(progress);
      },
    },
    here,
    // Some of what was sent may have been claimed, and would be missing in the totals of another run.
    () => (sent === 0 ? here() : Promise.reject(brokenOff(meta.batch, sent))),
  );
}

function brokenOff(batch: string, sent: number): MediaBatchError {
  return new MediaBatchError(
    'enqueue-incomplete',
    `Looking for the missing files of batch ${batch} broke off after ${sent} were sent, which stay sent: run it again to send the others.`,
  );
}

async function sendMissing(
  meta: BatchMeta,
  pipeline: StackOutputs,
  services: EnqueueServices,
  { signal, onProgress, keyFile }: MissingOptions,
): Promise<MissingProgress> {
  const { batch, bucket, job } = meta;
  const { buckets, queues, batches } = services;
  // An older version may have allowed a job that is refused now.
  parseJobOptions(job);
  const source = sourceOf(meta, buckets, keyFile);
  const { folders } = source;
  const patience = new Patience();
  const sort = await patience.call(
    () => pageSorter(meta, batch, pipeline, batches, { folders, signal }),
    signal,
  );
  const hasItem = async ({ key }: S3Object): Promise<boolean> =>
    (await batches.result(pipeline.resultsTable, { batch, bucket, key }, signal)) !== undefined;
  let progress: MissingProgress = { listed: 0, sent: 0, skipped: {} };
  let open: readonly string[] = [];
  for await (const { files: page } of readAhead(patientPages(source, '', patience, signal))) {
    signal?.throwIfAborted();
    const { files, skipped, stems } = await patience.call(() => sort(page, open), signal);
    open = stems;
    const claimed = await pMap(files, hasItem, { concurrency: LOOKUPS, ...(signal && { signal }) });
    const missing = files.filter((_, i) => claimed[i] !== true);
    const messages = missing.map(({ key, etag, size }) => fileMessage({ batch, bucket, key, etag, size }));
    await checkNotCancelled(batch, progress.sent, pipeline, batches, signal);
    await sendAll(pipeline.workQueueUrl, messages, queues, signal);
    const total = { ...progress.skipped };
    addSkipped(total, skipped);
    progress = {
      listed: progress.listed + page.length,
      sent: progress.sent + missing.length,
      skipped: total,
    };
    onProgress?.(progress);
  }
  return progress;
}
