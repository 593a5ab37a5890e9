import type { BatchMeta, Checkpoint, SkipCounts } from '../../core/batch/batch.ts';
import { AwsError, isAbort, MediaBatchError, messageOf } from '../../core/errors.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { QueueService } from '../../core/batch/queue-service.ts';
import type { S3Object } from '../../core/files/bucket-store.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { mapInSlices } from '../in-slices.ts';
import { addSkipped } from './batch-progress.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { patientPages, type FileSource, type SourcePage } from './file-source.ts';
import { pageSorter, type SortedPage } from './page-sorter.ts';
import { Patience, type PatienceOptions } from './patience.ts';
import { readAhead } from './read-ahead.ts';
import { fileMessage } from './send-all.ts';
import { SendPool } from './send-pool.ts';
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

/** `onExpired` is asked for a new login in the middle, and the enqueue goes on after it. */
export interface EnqueueOptions extends PatienceOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: EnqueueProgress) => void;
}

/** Codes of errors after which the batch is not to be resumed here. */
const STOPPED_ELSEWHERE: readonly string[] = ['enqueued-elsewhere', 'batch-cancelled'];

/** The state of an enqueue that has not begun. */
const START: Checkpoint = { shard: 0, lastKey: '', listed: 0, sent: 0, skipped: {}, done: false };

interface Services {
  readonly queues: QueueService;
  readonly batches: BatchStore;
}

/**
 * Sends each media file of a source to the work queue, from the last checkpoint on. The batch's record is written before
 * the first file is sent. Pages are sent together, and the checkpoint follows the last page before which all is confirmed.
 * @returns the totals
 * @throws MediaBatchError `enqueue-incomplete` (with the batch to resume) when AWS fails midway, `enqueued-elsewhere`
 * when another window continues the batch, `batch-cancelled` when the user cancels it; AwsError before the first file
 */
export async function enqueueFiles(
  run: EnqueueRun,
  pipeline: StackOutputs,
  services: Services,
  options: EnqueueOptions,
): Promise<EnqueueProgress> {
  const { batch } = run.meta;
  const work = new Enqueue(run, pipeline, services, options);
  try {
    await work.run();
  } catch (error) {
    const isOurs = error instanceof MediaBatchError && STOPPED_ELSEWHERE.includes(error.code);
    if (!work.isRecorded || isAbort(error) || isOurs) throw error;
    await work.keeper.settle();
    throw incomplete(batch, work.keeper.confirmed, error);
  }
  return progressOf(batch, work.last);
}

/** One run of an enqueue. */
class Enqueue {
  readonly keeper: CheckpointKeeper;
  /** the state after the last page that was listed */
  last: Checkpoint;
  isRecorded: boolean;
  readonly #run: EnqueueRun;
  readonly #pipeline: StackOutputs;
  readonly #services: Services;
  readonly #callers: AbortSignal | undefined;
  readonly #control = new AbortController();
  /** aborted by the caller, or by the first failure */
  readonly #signal: AbortSignal;
  readonly #patience: Patience;
  readonly #pool: SendPool;
  #saved: Checkpoint | undefined;

  constructor(
    run: EnqueueRun,
    pipeline: StackOutputs,
    services: Services,
    { signal, onExpired, onProgress }: EnqueueOptions,
  ) {
    this.#run = run;
    this.#pipeline = pipeline;
    this.#services = services;
    this.#callers = signal;
    this.#saved = run.from;
    this.last = run.from ?? START;
    this.isRecorded = run.created;
    const own = this.#control.signal;
    this.#signal = signal ? AbortSignal.any([signal, own]) : own;
    this.#patience = new Patience({ onExpired });
    this.#pool = new SendPool({
      ...{ queueUrl: pipeline.workQueueUrl, queues: services.queues },
      ...{ patience: this.#patience, signal: this.#signal },
      onRoom: () => {
        this.keeper.wake();
      },
    });
    this.keeper = new CheckpointKeeper({
      from: run.from ?? START,
      save: (next) => this.#save(next),
      onConfirmed: (state) => onProgress?.(progressOf(run.meta.batch, state)),
    });
    const stop = (error: unknown): void => {
      this.#control.abort(error);
    };
    this.#signal.addEventListener('abort', () => {
      this.keeper.wake();
    });
    this.#pool.done.catch(stop);
    this.keeper.failure.catch(stop);
  }

  async run(): Promise<void> {
    try {
      try {
        await this.#walk();
      } finally {
        // Where only the listing has failed, what was listed before is sent.
        await this.#pool.end();
      }
      await this.keeper.end();
      this.#signal.throwIfAborted();
      if (this.isRecorded) await this.#save({ ...this.last, done: true });
    } catch (error) {
      // Of several failures the first one says why: the others came of it.
      this.#control.abort(error);
      // Who resumes must not meet a checkpoint that is written after it has read.
      await this.keeper.settle();
      this.#signal.throwIfAborted();
    }
  }

  async #walk(): Promise<void> {
    const { meta, source, from = START } = this.#run;
    const { batches } = this.#services;
    const signal = this.#signal;
    const { batch, bucket } = meta;
    const sort = await this.#patience.call(
      () => pageSorter(meta, batch, this.#pipeline, batches, { folders: source.folders, signal }),
      signal,
    );
    let state = from;
    for await (const page of readAhead(patientPages(source, state.lastKey, this.#patience, signal))) {
      signal.throwIfAborted();
      const { stems = [] } = state;
      const sorted = await this.#patience.call(() => sort(page.files, stems), signal);
      if (!this.isRecorded && sorted.files.length > 0) {
        await this.#patience.call(() => batches.create(this.#pipeline.resultsTable, meta, signal), signal);
        this.isRecorded = true;
      }
      await this.#room();
      const isTail = page.position === state.lastKey;
      this.last = state = advance(state, page, sorted);
      // A resume would read and count it again: only the end is behind it.
      if (isTail) continue;
      const message = ({ key, etag, size }: S3Object) => fileMessage({ batch, bucket, key, etag, size });
      const messages = await mapInSlices(sorted.files, message, { signal });
      this.#pool.add(messages, this.keeper.open(state, this.isRecorded));
    }
    signal.throwIfAborted();
  }

  async #room(): Promise<void> {
    while (this.keeper.isFull || this.#pool.isFull) {
      // What is no full ten holds its page open.
      if (this.keeper.isFull) this.#pool.flush();
      await this.keeper.room();
      this.#signal.throwIfAborted();
    }
  }

  /** It stops with the caller's signal only: after a failure, what was confirmed before is saved all the same. */
  async #save(next: Checkpoint): Promise<void> {
    const { batch } = this.#run.meta;
    const { resultsTable } = this.#pipeline;
    const { batches } = this.#services;
    const signal = this.#callers;
    signal?.throwIfAborted();
    const isAsked = !this.#signal.aborted;
    const check = (): Promise<void> => checkNotCancelled(batch, next.sent, this.#pipeline, batches, signal);
    const write = (): Promise<void> => batches.saveCheckpoint(resultsTable, batch, next, this.#saved, signal);
    // Both at once, and both to their ends: nothing is written any more once this has failed.
    const [saved, asked] = await Promise.allSettled([
      this.#patience.call(write, signal),
      isAsked && this.#patience.call(check, signal),
    ]);
    if (saved.status === 'rejected') throw writeFailure(batch, saved.reason);
    this.#saved = next;
    if (asked.status === 'rejected') throw asked.reason;
  }
}

/** @returns the totals of a checkpoint */
export function progressOf(batch: string, { listed, sent, skipped }: Checkpoint): EnqueueProgress {
  return { batch, listed, sent, skipped };
}

/**
 * When two windows continue one batch, the one that reaches a checkpoint second stops, because it would overwrite the
 * other's progress. Where both have sent a file, the consumer's claim drops the second copy.
 */
function writeFailure(batch: string, cause: unknown): unknown {
  if (!(cause instanceof AwsError) || cause.code !== 'conflict') return cause;
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
