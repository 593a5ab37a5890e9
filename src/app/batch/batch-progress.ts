import { zeroCounts, type BatchRecord, type SkipCounts, type StatusCounts } from '../../core/batch/batch.ts';
import { mayHaveMore } from '../../core/batch/cloud-run.ts';
import type { SkipReason } from '../../core/files/media-files.ts';
import { STATUSES } from '../../core/batch/result-item.ts';

/**
 * The progress of a batch. `listed = sent + the sum of skipped`, and `sent = queued + the sum of counts`. Of a cancelled
 * batch, the files that were sent and have no item count as cancelled, and nothing is queued.
 */
export interface BatchProgress {
  readonly listed: number;
  readonly skipped: SkipCounts;
  readonly sent: number;
  /** sent to the queue and not yet claimed, or being submitted: `submitting` is not counted */
  readonly queued: number;
  readonly counts: StatusCounts;
  /** files with an end: a result, another batch's result, or a dead letter */
  readonly ended: number;
  /** all files: those that were sent, and while the enqueue has not finished those that were planned */
  readonly total: number;
  /** the whole prefix has been listed and sent */
  readonly enqueued: boolean;
  /** no file is on its way, and none will be sent. A dead one may still move: by a redrive, or because its job is found at Ittybit */
  readonly settled: boolean;
}

/** Calculates a batch's progress from its checkpoints, its counts and its cancel mark; it reads no item. */
export function batchProgress({
  checkpoints,
  counts,
  meta,
}: Pick<BatchRecord, 'checkpoints' | 'counts'> & Partial<Pick<BatchRecord, 'meta'>>): BatchProgress {
  const listed = sum(checkpoints.map((checkpoint) => checkpoint.listed));
  const sent = sum(checkpoints.map((checkpoint) => checkpoint.sent));
  const skipped: Partial<Record<SkipReason, number>> = {};
  for (const checkpoint of checkpoints) addSkipped(skipped, checkpoint.skipped);
  // Stacks before template version 3 counted `submitting`.
  const known = { ...zeroCounts(), ...counts, submitting: 0 };
  const counted = sum(STATUSES.map((status) => known[status]));
  const open = known.retrying + known.submitted + known.processing + known.waiting;
  const areDone = checkpoints.length > 0 && checkpoints.every((checkpoint) => checkpoint.done);
  const enqueued = areDone && !mayHaveMore(checkpoints);
  // A claim may be counted before the page's checkpoint is saved; the number must not fall below zero.
  const unclaimed = Math.max(0, sent - counted);
  const isCancelled = meta?.brake?.cancelled !== undefined;
  const [queued, drained] = isCancelled ? [0, unclaimed] : [unclaimed, 0];
  return {
    listed,
    skipped,
    sent,
    queued,
    counts: { ...known, cancelled: known.cancelled + drained },
    ended: counted - open + drained,
    total: Math.max(sent, counted, enqueued || isCancelled ? 0 : (meta?.planned ?? 0)),
    enqueued,
    settled: (enqueued || isCancelled) && queued === 0 && open === 0,
  };
}

/** @returns the progress by the counts alone, in which what was sent and has no item is queued, also of a cancelled batch */
export function countedProgress({
  checkpoints,
  counts,
}: Pick<BatchRecord, 'checkpoints' | 'counts'>): BatchProgress {
  return batchProgress({ checkpoints, counts });
}

/** @returns how many files have a job at Ittybit that has not ended */
export function atIttybit({ counts }: Pick<BatchProgress, 'counts'>): number {
  return counts.submitted + counts.processing;
}

/** @returns true where all files without an end are in the queue by the counts */
export function hasOnlyUnclaimed({ enqueued, sent, queued, ended }: BatchProgress): boolean {
  return enqueued && queued + ended === sent;
}

/** Adds skip counts to a total, reason by reason. */
export function addSkipped(total: Partial<Record<SkipReason, number>>, more: SkipCounts): void {
  for (const [reason, count] of Object.entries(more) as [SkipReason, number][]) {
    total[reason] = (total[reason] ?? 0) + count;
  }
}

/** @returns the sum of the numbers, 0 for none */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
