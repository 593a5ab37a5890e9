import pMap from 'p-map';
import type { BatchEraser } from '../../core/batch/batch-eraser.ts';
import type { BatchMeta, BatchRecord } from '../../core/batch/batch.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { runOf } from '../../core/batch/cloud-run.ts';
import { fateOf } from '../../core/batch/deletion.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import { inQueue, type QueueService } from '../../core/batch/queue-service.ts';
import { isUnclear, type ResultItem, type Status } from '../../core/batch/result-item.ts';
import { cancelledUnpaid } from '../../core/batch/transitions.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { CONSUMER_TIMEOUT_SECONDS, type StackOutputs } from '../../core/stack/stack-contract.ts';
import { batchProgress, countedProgress, type BatchProgress } from './batch-progress.ts';
import { resultPages } from './result-pages.ts';

/** Items read, and deleted at once. */
const PAGE = 25;
/** Items read at once that are only looked at. */
const LOOKS = 1000;

/** In this order: a dead file becomes a cancelled one, which stays until its letter is gone. */
const DELETED: readonly Status[] = ['covered', 'cancelled', 'failed', 'dead'];

/** A consumer that has read of the batch before its mark may still claim a file for so long, in ms. */
const IN_FLIGHT_MS = (CONSUMER_TIMEOUT_SECONDS + 10) * 1000;

/** A part that was under way when its run was stopped ends within so long, in ms: an Express execution lives 5 minutes. */
const PARTS_ARRIVE_MS = 10 * 60_000;

export interface DeletionServices {
  readonly batches: Pick<BatchStore, 'read' | 'results' | 'resultsOf'>;
  readonly eraser: BatchEraser;
  readonly ledger: Pick<Ledger, 'write' | 'holdsOldResults'>;
  readonly queues: Pick<QueueService, 'depth'>;
  /** epoch ms */
  readonly now: () => number;
  readonly pause: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>;
}

/** How far a deletion has come: files whose item was deleted, and whose item stays. */
export interface DeletionProgress {
  readonly deleted: number;
  readonly kept: number;
}

export interface DeletionOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: DeletionProgress) => void;
}

type Place = Pick<StackOutputs, 'resultsTable' | 'workQueueUrl'>;

/**
 * Checks that a batch is over, so that its records can be deleted.
 * @returns what the batch was asked for, and how its files ended
 * @throws InvalidInputError that says why not; AwsError
 */
export async function planDeletion(
  batch: string,
  pipeline: Place,
  services: DeletionServices,
  signal?: AbortSignal,
): Promise<{ readonly meta: BatchMeta; readonly progress: BatchProgress }> {
  const record = await services.batches.read(pipeline.resultsTable, batch, signal);
  const { meta } = record;
  const progress = batchProgress(record);
  if (!meta) throw refused(`The results table has no readable record of batch ${batch}.`);
  // A file that is being submitted is not counted, and of a cancelled batch nothing else tells of it.
  const isAtWork =
    !progress.settled || (await hasItem(batch, 'submitting', () => true, pipeline, services, signal));
  if (isAtWork) {
    throw refused(
      `Batch ${batch} is not over: wait until every file has ended, or run "Media Batch: Cancel Batch" first.`,
    );
  }
  if (runOf(record.checkpoints) && services.now() < cancelledAt(meta) + PARTS_ARRIVE_MS) {
    throw refused(
      `Parts of the cloud enqueue of batch ${batch} may still arrive: try again ten minutes after it was cancelled.`,
    );
  }
  if (!meta.deleting && (await mayDrain(record, pipeline, services, signal))) {
    throw refused(`Batch ${batch} still drains: wait until the work queue is empty.`);
  }
  const isUnknown = (item: ResultItem): boolean => isUnclear(item);
  if (await hasItem(batch, 'dead', isUnknown, pipeline, services, signal)) {
    throw refused(
      `Batch ${batch} has dead files that may have a job at Ittybit: wait until the reconciler has looked for it, or retry them.`,
    );
  }
  // A result that names no work counts by what its batch was asked for.
  const isOld = ({ work }: ResultItem): boolean => work === undefined;
  if (
    (await services.ledger.holdsOldResults()) &&
    (await hasItem(batch, 'succeeded', isOld, pipeline, services, signal))
  ) {
    throw refused(
      `Batch ${batch} was made by an older stack: without its record, its files could be paid for again. It stays.`,
    );
  }
  return { meta, progress };
}

/**
 * Deletes the records of a batch that is over: the items of files that were covered, cancelled or failed, then counts,
 * checkpoints and `meta`. A dead file ends as cancelled. Items of files that succeeded stay, so that nothing is paid again.
 * A run that was stopped, or broke, is continued by another one.
 * @throws as `planDeletion`; InvalidInputError where a file of the batch is at work again; AwsError, the signal's reason
 */
export async function deleteRecords(
  batch: string,
  pipeline: Place,
  services: DeletionServices,
  options: DeletionOptions = {},
): Promise<DeletionProgress> {
  const { signal } = options;
  const { resultsTable: table } = pipeline;
  const { meta } = await planDeletion(batch, pipeline, services, signal);
  const at = meta.deleting?.at ?? new Date(services.now()).toISOString();
  await services.eraser.mark(table, batch, { at, by: 'operator' }, signal);
  await untilNobodyClaims(at, services, signal);
  const progress = { deleted: 0, kept: 0 };
  for (const status of DELETED) {
    for await (const items of resultPages({ batch, status, limit: PAGE }, table, services.batches, signal)) {
      const gone = await pMap(items, (item) => end(item, table, services, signal), { concurrency: PAGE });
      progress.deleted += gone.filter(Boolean).length;
      progress.kept += gone.filter((isGone) => !isGone).length;
      options.onProgress?.({ ...progress });
      signal?.throwIfAborted();
    }
  }
  const { counts } = batchProgress(await services.batches.read(table, batch, signal));
  progress.kept += counts.succeeded;
  const open = counts.retrying + counts.submitted + counts.processing + counts.waiting + counts.dead;
  if (open > 0 || (await hasItem(batch, 'submitting', () => true, pipeline, services, signal))) {
    throw refused(`A file of batch ${batch} was sent again meanwhile: delete its records when it has ended.`);
  }
  await services.eraser.forget(table, batch, signal);
  return progress;
}

/** @returns true where the work queue may hold messages of a cancelled batch, which would become dead letters without it */
async function mayDrain(
  record: BatchRecord,
  { workQueueUrl }: Place,
  { queues }: DeletionServices,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  return countedProgress(record).queued > 0 && inQueue(await queues.depth(workQueueUrl, signal)) > 0;
}

/** @returns epoch ms; 0 where it was not cancelled */
function cancelledAt({ brake }: BatchMeta): number {
  return Date.parse(brake?.cancelled?.at ?? '') || 0;
}

async function untilNobodyClaims(
  markedAt: string,
  { now, pause }: DeletionServices,
  signal: AbortSignal | undefined,
): Promise<void> {
  const left = (Date.parse(markedAt) || now()) + IN_FLIGHT_MS - now();
  // A clock that is far ahead must not make it longer.
  if (left > 0) await pause(Math.min(left, IN_FLIGHT_MS), signal);
}

/** @returns true where the item is gone; one that has changed meanwhile stays */
async function end(
  item: ResultItem,
  table: string,
  { batches, eraser, ledger, now }: DeletionServices,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const others = item.status === 'failed' ? await batches.resultsOf(table, item, signal) : [];
  const fate = fateOf(item, others);
  if (fate === 'cancel') await ledger.write({ before: item, next: cancelledUnpaid(item, now()) });
  return fate === 'delete' && eraser.remove(table, item, signal);
}

async function hasItem(
  batch: string,
  status: Status,
  fits: (item: ResultItem) => boolean,
  { resultsTable }: Place,
  { batches }: DeletionServices,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for await (const items of resultPages({ batch, status, limit: LOOKS }, resultsTable, batches, signal)) {
    if (items.some(fits)) return true;
  }
  return false;
}

function refused(sentence: string): InvalidInputError {
  return new InvalidInputError('batch', sentence);
}
