import type { BatchFile } from '../files/batch-file.ts';
import type { ItemEvent, Transition } from './transitions.ts';

/** Stores the state of each file: one transaction per transition. */
export interface Ledger {
  /**
   * Applies an event to a file. It reads the item, asks the state machine, and writes the next state together with the
   * two counts that it changes. The write fails if the item has changed since it was read.
   * @returns the state machine's answer; without `next`, nothing was written
   * @throws MediaBatchError `unreadable-item` for an item that this version cannot read, which is left as it is; the
   * table's own error when the write fails, or after 10 lost races
   */
  apply(file: BatchFile, event: ItemEvent): Promise<Transition>;
}
