import { batchProgress } from '../../app/batch/batch-progress.ts';
import type { BatchRecord } from '../../core/batch/batch.ts';

/** Tells which batches come to their end, reading by reading. */
export class SettledBatches {
  /** those of the last reading; undefined before the first */
  #settled: ReadonlySet<string> | undefined;

  /**
   * @param batches the counts as they were read now; undefined where they were not
   * @returns the batches that have settled since the reading before: the first one brings no news
   */
  take(batches: ReadonlyMap<string, BatchRecord> | undefined): BatchRecord[] {
    const before = this.#settled;
    if (!batches) return [];
    const settled = [...batches].filter(([, record]) => batchProgress(record).settled);
    this.#settled = new Set(settled.map(([id]) => id));
    if (!before) return [];
    return settled.filter(([id]) => !before.has(id)).map(([, record]) => record);
  }
}
