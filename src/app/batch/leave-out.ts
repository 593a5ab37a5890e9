import { leftOut, takenIn, type LeftOut } from '../../core/batch/left-out.ts';
import type { Ledger } from '../../core/batch/ledger.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { changeItem } from './change-item.ts';
import { eachFile } from './each-file.ts';

/** What leaving out, or taking in, has done so far. */
export interface LeaveOutProgress {
  /** the items as they are now, of the files that were changed */
  readonly done: readonly ResultItem[];
  /** files that have failed anew, or no longer fail, since they were shown; they stay as they are */
  readonly changed: number;
  /** files that could not be read or changed */
  readonly refused: number;
}

export interface LeaveOutOptions {
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LeaveOutProgress) => void;
}

/**
 * Leaves failed and dead files out, each under the condition that it is still the failure that was shown.
 * @param mark undefined takes the files in again
 * @throws AwsError, after which no other file is begun; what has been done is in the last progress
 */
export async function leaveOut(
  items: readonly ResultItem[],
  mark: LeftOut | undefined,
  { ledger, signal, onProgress }: LeaveOutOptions,
): Promise<LeaveOutProgress> {
  const done: ResultItem[] = [];
  let [changed, refused] = [0, 0];
  const tell = (): LeaveOutProgress => {
    const progress = { done, changed, refused };
    onProgress(progress);
    return progress;
  };
  const one = async (seen: ResultItem): Promise<void> => {
    const { item, isChanged } = await changeItem(ledger, seen, (stored) => {
      if (!stored || stored.status !== seen.status || stored.updated_at !== seen.updated_at) return undefined;
      return mark ? leftOut(stored, mark) : takenIn(stored);
    });
    if (isChanged && item) done.push(item);
    else changed += 1;
    tell();
  };
  const onRefused = (): void => {
    refused += 1;
    tell();
  };
  await eachFile(items, one, { signal, onRefused });
  return tell();
}
