import type { BatchFile } from '../files/batch-file.ts';

/** Counts what ends in a row in a batch, and holds it; for the functions. */
export interface BatchBrakes {
  /**
   * A file has ended for good. The tenth in a row for the same cause holds the batch, unless the cause is disarmed. The
   * batch of bare messages has no record that could show a hold: its row only begins anew.
   * @returns how many files have ended in a row for this cause; 0 where it could not be counted
   */
  failed(file: BatchFile, reason: string): Promise<number>;
  /** A file was accepted: what ended before is no row any more. */
  succeeded(batch: string): Promise<void>;
  /** Holds a batch that is not held, unless the cause is disarmed. */
  hold(batch: string, hold: { readonly cause: string; readonly reason: string }): Promise<void>;
}
