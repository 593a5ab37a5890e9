import type { BatchFile } from '../../core/files/batch-file.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import { leftOutOf } from '../../core/batch/left-out.ts';
import type { Patience } from '../../core/batch/item-step.ts';
import type { QueueMessage } from '../../core/batch/queue-message.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
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
 * @param seen the state in which the user saw the file; a file that has ended in another way since is left as it is
 * @returns false for a file whose state cannot be retried
 * @throws MediaBatchError `conflict`, `unreadable-item`, and the table's and the queue's own errors
 */
export async function retryFile(
  file: BatchFile,
  { payAgain = false, seen }: { payAgain?: boolean; seen?: ResultItem },
  { ledger, patience, send, now }: RetryServices,
): Promise<boolean> {
  const { item, isChanged } = await changeItem(ledger, file, (stored) =>
    stored && isAsSeen(stored, seen)
      ? retried({ ...stored, left_out: undefined }, payAgain, patience, now())
      : undefined,
  );
  if (!isChanged || !item) return false;
  await send(item);
  return true;
}

/** What decides whether a retry is paid; nor is a file retried that was left out since. */
function isAsSeen(stored: ResultItem, seen: ResultItem | undefined): boolean {
  if (!seen) return true;
  const { status, run, cannot_tell } = stored;
  const isSame = status === seen.status && run === seen.run && cannot_tell === seen.cannot_tell;
  return isSame && (!leftOutOf(stored) || leftOutOf(seen) !== undefined);
}
