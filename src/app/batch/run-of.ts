import type { BatchRecord, CloudRun } from '../../core/batch/batch.ts';
import { MediaBatchError } from '../../core/errors.ts';

/** @returns the run that enqueues a batch in the cloud; undefined for a batch that the editor enqueues */
export function runOf({ checkpoints }: Pick<BatchRecord, 'checkpoints'>): CloudRun | undefined {
  return checkpoints.find(({ shard }) => shard === 0)?.run;
}

/** @throws MediaBatchError `enqueued-in-cloud` for a batch that the editor must not walk: it would send all again */
export function checkNotInCloud(batch: string, record: Pick<BatchRecord, 'checkpoints'>): void {
  if (!runOf(record)) return;
  throw new MediaBatchError(
    'enqueued-in-cloud',
    `Batch ${batch} is enqueued in the cloud: resume it there, in the Pipeline view.`,
  );
}
