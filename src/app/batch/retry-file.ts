import type { BatchFile } from '../../core/files/batch-file.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import type { Patience } from '../../core/batch/item-step.ts';
import type { QueueMessage } from '../../core/batch/queue-message.ts';
import { retried } from '../../core/batch/transitions.ts';
import { changeItem } from './change-item.ts';

/** What a retry needs. */
export interface RetryServices {
  readonly ledger: Ledger;
  readonly patience: Patience;
  /** Sends a file's message to the work queue. */
  readonly send: (message: QueueMessage) => Promise<void>;
  readonly now: () => number;
}

/**
 * Retries a file from its item: a failed or cancelled one as another, paid run, a dead one in the same run. The item
 * comes first: if the message is lost in between, the reconciler sends it.
 * @param payAgain true: also a dead file whose job cannot be found gets another, paid run
 * @returns false for a file whose state cannot be retried
 * @throws MediaBatchError `conflict`, `unreadable-item`, and the table's and the queue's own errors
 */
export async function retryFile(
  file: BatchFile,
  { payAgain = false }: { payAgain?: boolean },
  { ledger, patience, send, now }: RetryServices,
): Promise<boolean> {
  const { item, isChanged } = await changeItem(
    ledger,
    file,
    (stored) => stored && retried(stored, payAgain, patience, now()),
  );
  if (!isChanged || !item) return false;
  await send(item);
  return true;
}
