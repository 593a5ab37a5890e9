import type { BatchMeta, Checkpoint, SkipCounts } from '../../core/batch/batch.ts';
import { AwsError, isAbort, MediaBatchError, messageOf } from '../../core/errors.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { QueueService } from '../../core/batch/queue-service.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { addSkipped } from './batch-progress.ts';
import type { FileSource, SourcePage } from './file-source.ts';
import { pageSorter, type SortedPage } from './page-sorter.ts';
import { readAhead } from './read-ahead.ts';
import { fileMessage, sendAll } from './send-all.ts';
import { checkNotCancelled } from './stop-batch.ts';

/** Running totals; `listed = sent + the sum of skipped` at each report. */
export interface EnqueueProgress {
  readonly batch: string;
  readonly listed: number;
  readonly sent: number;
  readonly skipped: SkipCounts;
}

/** A batch, the source of its files, and how far its enqueue has come. */
export interface EnqueueRun {
  readonly meta: BatchMeta;
  readonly source: FileSource;
  /** the last checkpoint; undefined where there is none yet */
  readonly from: Checkpoint | undefined;
  /** true: the batch's record exists already */
  readonly created: boolean;
}

export interface EnqueueOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: EnqueueProgress) => void;
}

/** Codes of errors after which the batch is not to be resumed here. */
const STOPPED_ELSEWHERE: readonly string[] = ['enqueued-elsewhere', 'batch-cancelled'];

/** The state of an enqueue that has not begun. */
const START: Checkpoint = { shard: 0, lastKey: '', listed: 0, sent: 0, skipped: {}, done: false };

/**
 * Sends each media file of a source to the work queue, a page at a time, from the last checkpoint on. The batch's
 * record is written before the first file is sent, and a checkpoint after each page whose sends are confirmed.
 * @returns the totals
 * @throws MediaBatchError `enqueue-incomplete` (with the batch to resume) when AWS fails midway, `enqueued-elsewhere`
 * when another window continues the batch, `batch-cancelled` when the user cancels it; AwsError before the first file
 */
export async function enqueueFiles(
  { meta, source, from, created }: EnqueueRun,
  pipeline: StackOutputs,
  services: { readonly queues: QueueService; readonly batches: BatchStore },
  { signal, onProgress }: EnqueueOptions,
): Promise<EnqueueProgress> {
  const { batch, bucket } = meta;
  const table = pipeline.resultsTable;
  let saved = from;
  const save = async (next: Checkpoint) => {
    try {
      await services.batches.saveCheckpoint(table, batch, next, saved, signal);
      saved = next;
    } catch (error) {
      throw error instanceof AwsError && error.code === 'conflict' ? otherWriter(batch, error) : error;
    }
  };
  let state = from ?? START;
  let recorded = created;
  try {
    const sort = await pageSorter(meta, batch, pipeline, services.batches, {
      folders: source.folders,
      signal,
    });
    for await (const page of readAhead(source.pages(state.lastKey, signal))) {
      signal?.throwIfAborted();
      const sorted = await sort(page.files, state.stems ?? []);
      const { files } = sorted;
      if (recorded) await checkNotCancelled(batch, state.sent, pipeline, services.batches, signal);
      else if (files.length > 0) {
        await services.batches.create(table, meta, signal);
        recorded = true;
      }
      const messages = files.map(({ key, etag, size }) => fileMessage({ batch, bucket, key, etag, size }));
      await sendAll(pipeline.workQueueUrl, messages, services.queues, signal);
      state = advance(state, page, sorted);
      if (recorded) await save(state);
      onProgress?.(progressOf(batch, state));
    }
    state = { ...state, done: true };
    if (recorded) await save(state);
  } catch (error) {
    const isOurs = error instanceof MediaBatchError && STOPPED_ELSEWHERE.includes(error.code);
    throw recorded && !isAbort(error) && !isOurs ? incomplete(batch, state, error) : error;
  }
  return progressOf(batch, state);
}

/** @returns the totals of a checkpoint */
export function progressOf(batch: string, { listed, sent, skipped }: Checkpoint): EnqueueProgress {
  return { batch, listed, sent, skipped };
}

/**
 * When two windows continue one batch, the one that reaches a checkpoint second stops, because it would overwrite the
 * other's progress. Where both have sent a file, the consumer's claim drops the second copy.
 */
function otherWriter(batch: string, cause: unknown): MediaBatchError {
  return new MediaBatchError(
    'enqueued-elsewhere',
    `Another window continues batch ${batch}: let that window finish, or stop it there and resume the batch here.`,
    { cause },
  );
}

function advance(state: Checkpoint, page: SourcePage, { files, skipped, stems }: SortedPage): Checkpoint {
  const total = { ...state.skipped };
  addSkipped(total, skipped);
  return {
    shard: state.shard,
    done: state.done,
    lastKey: page.position,
    listed: state.listed + page.files.length,
    sent: state.sent + files.length,
    skipped: total,
    ...(stems.length > 0 && { stems }),
  };
}

function incomplete(batch: string, { sent }: Checkpoint, cause: unknown): MediaBatchError {
  return new MediaBatchError(
    'enqueue-incomplete',
    `Stopped after ${sent} files: ${messageOf(cause)} Resume batch ${batch} to continue from there.`,
    { cause },
  );
}
