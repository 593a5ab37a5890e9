import type { BatchRecord } from '../../core/batch/batch.ts';
import { runOf } from '../../core/batch/cloud-run.ts';
import { MediaBatchError } from '../../core/errors.ts';

/** @throws MediaBatchError `enqueued-in-cloud` for a batch that the editor must not walk: it would send all again */
export function checkNotInCloud(batch: string, { checkpoints }: Pick<BatchRecord, 'checkpoints'>): void {
  if (!runOf(checkpoints)) return;
  throw new MediaBatchError(
    'enqueued-in-cloud',
    `Batch ${batch} is enqueued in the cloud: resume it there, in the Pipeline view.`,
  );
}
