import pMap from 'p-map';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { reasonAttributes, reasonOf } from '../../core/batch/dead-letter.ts';
import { leftOutOf } from '../../core/batch/left-out.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import { inQueue, type QueueService } from '../../core/batch/queue-service.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { MediaBatchError } from '../../core/errors.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { allBatches } from './all-batches.ts';
import { batchProgress } from './batch-progress.ts';
import { resultPages } from './result-pages.ts';
import { fileMessage, sendAll } from './send-all.ts';

/** Files read at once: a page of the index. */
const PAGE = 100;
/** Items read at once that are only counted. */
const LOOKS = 1_000;
/** Batches whose counts are read at once. */
const READS = 8;

/** A batch with files whose messages are gone. */
export interface LeftFiles {
  readonly batch: string;
  /** those that an operator has left out are not counted, and not sent */
  readonly dead: number;
  /** how many of the dead files are left out */
  readonly leftOut: number;
  /** 0 while the work queue may hold their messages */
  readonly retrying: number;
}

interface ResendServices {
  readonly queues: QueueService;
  readonly batches: BatchStore;
}

export interface ResendOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each page with the number of files sent so far. */
  readonly onProgress?: (sent: number) => void;
}

/**
 * Finds the dead files without a letter, and the retrying ones without a message: their stack was deleted, their queue
 * was emptied, or 14 days are over.
 * @param batch only this one; absent: all batches, that of bare messages included
 * @throws MediaBatchError `queue-not-empty` while there are dead letters, which a redrive sends, `nothing-to-enqueue`
 * where no batch has such files; AwsError
 */
export async function findLeftFiles(
  { resultsTable, workQueueUrl, deadLetterQueueUrl }: StackOutputs,
  { queues, batches }: ResendServices,
  { batch, signal }: { batch?: string | undefined; signal?: AbortSignal | undefined } = {},
): Promise<readonly LeftFiles[]> {
  const letters = inQueue(await queues.depth(deadLetterQueueUrl, signal));
  if (letters > 0) {
    throw new MediaBatchError(
      'queue-not-empty',
      `About ${letters} dead letters are in the dead-letter queue: run "Media Batch: Redrive All" first, which sends those files again.`,
    );
  }
  const mayWait = inQueue(await queues.depth(workQueueUrl, signal)) > 0;
  // The files of bare messages are sent first.
  const ids =
    batch === undefined
      ? new Set([DEFAULT_BATCH, ...(await allBatches(resultsTable, batches, signal))])
      : [batch];
  const read = async (id: string): Promise<LeftFiles> => {
    const record = await batches.read(resultsTable, id, signal);
    const { dead, retrying } = batchProgress(record).counts;
    if (record.meta?.brake?.cancelled) return { batch: id, dead: 0, leftOut: 0, retrying: 0 };
    let leftOut = 0;
    if (dead > 0) {
      const list = { batch: id, status: 'dead', limit: LOOKS } as const;
      for await (const items of resultPages(list, resultsTable, batches, signal)) {
        leftOut += items.filter((item) => leftOutOf(item)).length;
      }
    }
    return { batch: id, dead: Math.max(0, dead - leftOut), leftOut, retrying: mayWait ? 0 : retrying };
  };
  const found = await pMap(ids, read, { concurrency: READS, ...(signal && { signal }) });
  const left = found.filter(({ dead, retrying }) => dead + retrying > 0);
  if (left.length > 0) return left;
  throw new MediaBatchError(
    'nothing-to-enqueue',
    mayWait
      ? 'No file is dead. Files that wait for another attempt have their messages in the work queue.'
      : 'No file is dead or waits for another attempt: there is nothing to send again.',
  );
}

/**
 * Sends the messages of such files from their items, as a redrive would: a dead file gets fresh attempts, one that may
 * have a job is looked up first, and the claim pays for each work once. A run that was cancelled, or broke, is
 * continued by another run.
 * @param left from `findLeftFiles`
 * @returns the number of files sent
 * @throws AwsError; the signal's reason
 */
export async function resendFiles(
  left: readonly LeftFiles[],
  pipeline: StackOutputs,
  services: ResendServices,
  { signal, onProgress }: ResendOptions = {},
): Promise<number> {
  let sent = 0;
  for (const { batch, dead, retrying } of left) {
    const statuses = [...(dead > 0 ? ['dead' as const] : []), ...(retrying > 0 ? ['retrying' as const] : [])];
    for (const status of statuses) {
      // The newest change comes first, so that a file which dies again meanwhile is not sent twice.
      const pages = resultPages(
        { batch, status, limit: PAGE },
        pipeline.resultsTable,
        services.batches,
        signal,
      );
      for await (const page of pages) {
        const items = page.filter((item) => !leftOutOf(item));
        await sendAll(pipeline.workQueueUrl, items.map(redriven), services.queues, signal);
        sent += items.length;
        onProgress?.(sent);
      }
    }
  }
  return sent;
}

/** Only a message with a reason brings back a dead file. */
function redriven(item: ResultItem): ReturnType<typeof fileMessage> {
  const message = fileMessage(item);
  return item.status === 'dead' ? { ...message, attributes: reasonAttributes(reasonOf(item)) } : message;
}
