import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { Hold } from '../../core/batch/brake.ts';
import { MediaBatchError } from '../../core/errors.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';

/** The cause of a hold that the user has asked for; it is never disarmed. */
export const ASKED_FOR = 'operator';

type Table = Pick<StackOutputs, 'resultsTable'>;

/**
 * Refuses to send more of a batch that the user has cancelled, maybe in another window.
 * @param sent how many of its files have been sent
 * @throws MediaBatchError `batch-cancelled`; AwsError
 */
export async function checkNotCancelled(
  batch: string,
  sent: number,
  { resultsTable }: Table,
  batches: Pick<BatchStore, 'read'>,
  signal?: AbortSignal,
): Promise<void> {
  const { meta } = await batches.read(resultsTable, batch, signal);
  if (meta?.brake?.cancelled) throw batchCancelled(batch, sent);
}

/** @param sent how many of its files have been sent */
export function batchCancelled(batch: string, sent: number): MediaBatchError {
  return new MediaBatchError(
    'batch-cancelled',
    `Batch ${batch} was cancelled: ${sent} files were sent before, and no more are. Enqueue the rest as a new batch.`,
  );
}

/**
 * Cancels a batch: its messages drain without a call, files without a job end as cancelled, and jobs at Ittybit run on.
 * Other batches go on. An enqueue of the batch in another window stops at its next page.
 * @throws AwsError
 */
export async function cancelBatch(
  batch: string,
  { resultsTable }: Table,
  batches: Pick<BatchStore, 'cancel'>,
  signal?: AbortSignal,
): Promise<void> {
  const mark = { at: new Date().toISOString(), by: 'operator' };
  await batches.cancel(resultsTable, batch, mark, signal);
}

/** Holds a batch until the user resumes it; other batches go on. @throws AwsError */
export async function holdBatch(
  batch: string,
  { resultsTable }: Table,
  batches: Pick<BatchStore, 'hold'>,
  signal?: AbortSignal,
): Promise<void> {
  const hold = {
    reason: 'You held this batch.',
    cause: ASKED_FOR,
    at: new Date().toISOString(),
    by: 'operator',
  };
  await batches.hold(resultsTable, batch, hold, signal);
}

/**
 * Resumes a batch that is held. Its cause does not hold it again, as the user has seen it. Files come back from the
 * queue within the time for which the hold has hidden them: minutes after a short hold, hours after a long one.
 * @throws AwsError
 */
export async function resumeBatch(
  batch: string,
  hold: Hold,
  { resultsTable }: Table,
  batches: Pick<BatchStore, 'endHold'>,
  signal?: AbortSignal,
): Promise<void> {
  await batches.endHold(resultsTable, batch, hold.cause === ASKED_FOR ? undefined : hold.cause, signal);
}
