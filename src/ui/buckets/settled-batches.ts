import { batchProgress } from '../../app/batch/batch-progress.ts';
import type { BatchRecord } from '../../core/batch/batch.ts';

/** Finds the batches that have settled since the last reading. */
export class SettledBatches {
  /** ids of the batches that were settled in the last reading; undefined before the first */
  #settled: ReadonlySet<string> | undefined;

  /**
   * @param batches the counts of this reading; undefined when they were not read
   * @returns the batches that have settled since the last reading; none for the first reading
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
