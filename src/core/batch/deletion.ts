import { isUnclear, type ResultItem } from './result-item.ts';

/** What becomes of a file's item when the records of its batch are deleted; the sweep removes the letter of a cancelled file. */
export type Fate = 'delete' | 'cancel' | 'keep';

/**
 * Nothing may be paid again because a record is gone. A work item whose owner has no item is free, as after a failure. So an
 * item stays where its job was paid or still may be, and where the end of a file in another batch hangs on it.
 * @param item its status may be any
 * @param others the items of the same file, in all batches
 */
export function fateOf(item: ResultItem, others: readonly ResultItem[]): Fate {
  switch (item.status) {
    case 'covered':
      return 'delete';
    case 'failed':
      // Who waits for it ends as failed too, unpaid: without it, that file would be sent.
      return others.some((other) => waitsFor(other, item)) ? 'keep' : 'delete';
    case 'cancelled':
      // A job that was given up may still succeed, and a file that was dead may have a letter.
      return (item.given_up === true && item.job_id !== undefined) || wasDead(item) ? 'keep' : 'delete';
    case 'dead':
      return isUnclear(item) ? 'keep' : 'cancel';
    case 'succeeded':
    case 'submitting':
    case 'retrying':
    case 'submitted':
    case 'processing':
    case 'waiting':
      return 'keep';
  }
}

function waitsFor({ status, work, batch }: ResultItem, owner: ResultItem): boolean {
  return status === 'waiting' && batch !== owner.batch && work === owner.work;
}

function wasDead({ history = [] }: ResultItem): boolean {
  return history.some(({ status }) => status === 'dead');
}
