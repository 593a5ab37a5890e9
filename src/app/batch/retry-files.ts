import { SETTLE_MS } from '../../core/batch/item-step.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import type { QueueMessage } from '../../core/batch/queue-message.ts';
import type { QueueService } from '../../core/batch/queue-service.ts';
import { isUnclear, type ResultItem } from '../../core/batch/result-item.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { eachFile } from './each-file.ts';
import type { BatchCounts } from './failed-files.ts';
import type { Failure } from './failures.ts';
import { retryFile } from './retry-file.ts';
import { fileMessage, sendAll } from './send-all.ts';

/** What a retry of some failures would do. */
export interface RetryPlan {
  /** everything that is retried */
  readonly items: readonly ResultItem[];
  /** of these: failed at Ittybit, so that each gets a new paid job */
  readonly failed: number;
  /** of these: dead, and sent again in the same run */
  readonly dead: number;
  /** of the dead: a job may exist, and is looked for before anything is sent */
  readonly unclear: number;
  /** of the unclear: Ittybit could not tell whether there is a job */
  readonly cannotTell: number;
  /** left out: letters that the table does not know, and files of cancelled batches */
  readonly letters: number;
  readonly cancelled: number;
}

/** @param counts of the batches, which say what is cancelled */
export function planRetry(failures: readonly Failure[], counts: BatchCounts): RetryPlan {
  const known = failures.flatMap(({ item }) => item ?? []);
  const isCancelled = ({ batch }: ResultItem): boolean =>
    counts.get(batch)?.meta?.brake?.cancelled !== undefined;
  const items = known.filter((item) => !isCancelled(item));
  const dead = items.filter(({ status }) => status === 'dead');
  const unclear = dead.filter(isUnclear);
  return {
    items,
    failed: items.length - dead.length,
    dead: dead.length,
    unclear: unclear.length,
    cannotTell: unclear.filter(({ cannot_tell }) => cannot_tell === true).length,
    letters: failures.length - known.length,
    cancelled: known.length - items.length,
  };
}

/** What a retry has done so far. */
export interface RetryProgress {
  /** files that were sent again */
  readonly sent: number;
  /** of these: with a new paid run */
  readonly paid: number;
  /** files that have changed since they were shown, and stay as they are */
  readonly changed: number;
  /** files that could not be retried, such as an item that cannot be read */
  readonly refused: number;
}

export interface RetryOptions {
  /** true: a dead file of which Ittybit cannot tell whether there is a job gets a new paid run */
  readonly payAgain: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RetryProgress) => void;
}

/**
 * Retries files: the item of each first, then its message. A repeat after a crash changes nothing for the files that were
 * retried already, and the reconciler sends a message that was lost in between. After a cancel no other file is begun.
 * @throws AwsError, after which no other file is begun; what has been done is in the last progress
 */
export async function retryFiles(
  items: readonly ResultItem[],
  { workQueueUrl }: StackOutputs,
  { ledger, queues }: { readonly ledger: Ledger; readonly queues: QueueService },
  { payAgain, signal, onProgress }: RetryOptions,
): Promise<RetryProgress> {
  let progress: RetryProgress = { sent: 0, paid: 0, changed: 0, refused: 0 };
  const add = (change: Partial<RetryProgress>): void => {
    const { sent, paid, changed, refused } = progress;
    progress = {
      sent: sent + (change.sent ?? 0),
      paid: paid + (change.paid ?? 0),
      changed: changed + (change.changed ?? 0),
      refused: refused + (change.refused ?? 0),
    };
    onProgress(progress);
  };
  const services = {
    ledger,
    // If a message is lost, the reconciler sends it this much later.
    patience: { reconcileAfterMs: SETTLE_MS, settleMs: SETTLE_MS },
    send: (message: QueueMessage) => sendAll(workQueueUrl, [fileMessage(message)], queues),
    now: () => Date.now(),
  };
  const retryOne = async (item: ResultItem): Promise<void> => {
    const paysAgain = payAgain && item.cannot_tell === true;
    const isSent = await retryFile(item, { payAgain: paysAgain, seen: item }, services);
    const isPaid = item.status === 'failed' || paysAgain;
    add(isSent ? { sent: 1, paid: isPaid ? 1 : 0 } : { changed: 1 });
  };
  const onRefused = (): void => {
    add({ refused: 1 });
  };
  await eachFile(items, retryOne, { signal, onRefused });
  return progress;
}
