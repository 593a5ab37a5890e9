import type { DeadLetter } from '../../app/batch/dead-letters.ts';
import type { BatchCounts } from '../../app/batch/failed-files.ts';

/** What another look need not read again. */
export interface LookMemory {
  /** how many files the look was asked for */
  readonly most: number;
  readonly counts: BatchCounts;
  /** how many letters the queue had more than there were dead files, and those that the table did not know */
  readonly letters: { readonly excess: number; readonly unknown: readonly DeadLetter[] } | undefined;
}

/**
 * Retried files leave their letters behind until the reconciler removes them: fewer letters are no news, unless some of those
 * that the table does not know are gone.
 */
export function needsPeek(excess: number, before: LookMemory['letters']): boolean {
  return excess > (before?.excess ?? 0) || excess < (before?.unknown.length ?? 0);
}
