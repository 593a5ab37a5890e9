import { batchProgress, hasOnlyUnclaimed, type BatchProgress } from '../../app/batch/batch-progress.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import type { SeenBatches } from './moving-batches.ts';

/** A batch of which no file is on its way any more. */
export interface EndedBatch {
  readonly meta: BatchMeta;
  readonly progress: BatchProgress;
  /** files that were sent and that no consumer has claimed; 0 for a batch that is done */
  readonly unclaimed: number;
}

/** @returns the batches of which no file is on its way any more; what was cancelled has none to tell */
export function endedBatches({ batches, neverClaimed }: SeenBatches): EndedBatch[] {
  return [...batches.values()].flatMap((record) => {
    const { meta } = record;
    if (!meta || meta.brake?.cancelled) return [];
    const progress = batchProgress(record);
    const isAtRest = neverClaimed.has(meta.batch) && hasOnlyUnclaimed(progress);
    if (progress.sent === 0 || !(progress.settled || isAtRest)) return [];
    return [{ meta, progress, unclaimed: progress.settled ? 0 : progress.queued }];
  });
}

/** Between a batch's id and what tells two of its ends apart. */
export const END_MARK = ' ';

/** @returns what tells an end from others: a batch whose files were sent again, such as by a redrive, has another one */
export function endId({ meta, progress, unclaimed }: EndedBatch): string {
  return [meta.batch, unclaimed, ...Object.values(progress.counts)].join(END_MARK);
}
