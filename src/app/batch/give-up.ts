import type { Ledger } from '../../core/batch/ledger.ts';
import type { ResultItem, Status } from '../../core/batch/result-item.ts';
import { givenUp } from '../../core/batch/transitions.ts';
import type { BatchFile } from '../../core/files/batch-file.ts';
import { changeItem } from './change-item.ts';

/** What is written beside the file; like all errors of the table it is not translated. */
const GIVEN_UP = 'Given up while the job was open at Ittybit; a late result is still taken over.';

/** How it ended: `status` is the file's present one, undefined for a file without an item. */
export interface GiveUpResult {
  readonly isGivenUp: boolean;
  readonly status: Status | undefined;
}

/**
 * Stops waiting for a file's job at Ittybit: the file counts as cancelled. The job may still end and be paid; the webhook
 * then takes over its result.
 * @param now the clock, epoch ms
 * @returns `isGivenUp` false for a file that has no open job at Ittybit, which stays as it is
 * @throws MediaBatchError `conflict`, `unreadable-item`; the ledger's own errors
 */
export async function giveUp(
  { batch, bucket, key }: BatchFile,
  ledger: Ledger,
  now: () => number,
): Promise<GiveUpResult> {
  const { item, isChanged } = await changeItem(ledger, { batch, bucket, key }, (stored) =>
    stored && isAtIttybit(stored) ? givenUp(stored, GIVEN_UP, now()) : undefined,
  );
  return { isGivenUp: isChanged, status: item?.status };
}

/** A file that waits for another batch has no job of its own. */
function isAtIttybit({ status }: ResultItem): boolean {
  return status === 'submitted' || status === 'processing';
}
