import type { BatchRecord } from '../../core/batch/batch.ts';
import { atIttybit, batchProgress, hasOnlyUnclaimed, type BatchProgress } from './batch-progress.ts';

/** The batches with files on their way, taken together. */
export interface WorkAtHand {
  /** those batches; one that was cancelled is none, nor are messages that were sent without Media Batch */
  readonly batches: readonly BatchRecord[];
  readonly finished: number;
  readonly total: number;
  /** files without an end */
  readonly remaining: number;
  readonly atIttybit: number;
  /** failed at Ittybit, or dead */
  readonly failed: number;
}

/**
 * @param neverClaimed batches whose files are neither in the queue nor claimed
 * @returns what is at work now
 */
export function workOf(
  records: Iterable<BatchRecord>,
  neverClaimed: ReadonlySet<string> = new Set(),
): WorkAtHand {
  const batches = [...records].filter((record) => isAtWork(record, neverClaimed));
  let [finished, total, there, failed] = [0, 0, 0, 0];
  for (const record of batches) {
    const progress = batchProgress(record);
    finished += progress.ended;
    total += progress.total;
    there += atIttybit(progress);
    failed += failedOf(progress);
  }
  return { batches, finished, total, remaining: total - finished, atIttybit: there, failed };
}

/** @returns how many files ended without a result that somebody wants: failed at Ittybit, or dead */
export function failedOf({ counts }: Pick<BatchProgress, 'counts'>): number {
  return counts.failed + counts.dead;
}

function isAtWork(record: BatchRecord, neverClaimed: ReadonlySet<string>): boolean {
  const { meta } = record;
  if (!meta || meta.brake?.cancelled) return false;
  const progress = batchProgress(record);
  return !progress.settled && !(neverClaimed.has(meta.batch) && hasOnlyUnclaimed(progress));
}
