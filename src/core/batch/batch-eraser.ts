import type { Cancelled } from './brake.ts';
import type { ResultItem } from './result-item.ts';

/** Deletes what the results table holds of a batch. */
export interface BatchEraser {
  /**
   * Marks a batch as being deleted, and as cancelled, so that nothing of it is sent any more; earlier marks stay. Raises
   * `not-found` where the batch has no record.
   */
  mark(table: string, batch: string, mark: Cancelled, signal?: AbortSignal): Promise<void>;
  /**
   * Deletes a file's item and takes it out of its batch's counts.
   * @returns false where the item has changed since it was read; it stays
   */
  remove(table: string, item: ResultItem, signal?: AbortSignal): Promise<boolean>;
  /** Deletes the batch's checkpoints and counts, then its `meta`. */
  forget(table: string, batch: string, signal?: AbortSignal): Promise<void>;
}
