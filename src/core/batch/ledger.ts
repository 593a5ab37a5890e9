import type { BatchFile } from '../files/batch-file.ts';
import type { ItemEvent, Transition } from './transitions.ts';

/** Where the state of each file is kept: one transition, one transaction. */
export interface Ledger {
  /**
   * Lets an event happen to a file: reads the item, asks the state machine, and writes the next state together with
   * the two counts it changes, under the condition that nobody wrote in between.
   * @returns what the state machine answered; nothing was written where it has no `next`
   * @throws MediaBatchError `unreadable-item` for an item that this version cannot read, and so does not write over;
   * the table's own error when it cannot be written, or after 10 lost races
   */
  apply(file: BatchFile, event: ItemEvent): Promise<Transition>;
}
