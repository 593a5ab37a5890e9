import type { FailureClass } from '../../core/batch/dead-letter.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import type { SizedFile } from '../../core/files/common-traits.ts';
import type { BatchFile } from '../../core/files/batch-file.ts';
import { leftOutOf, type LeftOut } from '../../core/batch/left-out.ts';
import type { DeadLetter } from './dead-letters.ts';

/**
 * How a file failed: its job at Ittybit, or, for a dead one, the class of its letter. `dead` is a dead file of an older
 * stack, which does not say its class.
 */
export type FailureKind = 'failed' | 'dead' | FailureClass | (string & {});

/** A file that needs somebody: its job failed, it is dead, or the queue has a letter that the table does not know. */
export interface Failure {
  /** the same for the same file of the same batch, or for the same letter */
  readonly id: string;
  readonly kind: FailureKind;
  /** in Ittybit's words or ours; empty where none is recorded */
  readonly reason: string;
  /** undefined for a letter that cannot be read */
  readonly file: (BatchFile & SizedFile) | undefined;
  /** when it failed, epoch ms; 0 where that is not known */
  readonly at: number;
  /** the file's item; undefined for a letter that the table does not know */
  readonly item: ResultItem | undefined;
  /** the letter that the table does not know */
  readonly letter: DeadLetter | undefined;
  /** where an operator has left the file out */
  readonly leftOut: LeftOut | undefined;
}

/** @param item a failed or dead file */
export function failureOfItem(item: ResultItem): Failure {
  const { status, failure_class = 'dead', error = '', updated_at } = item;
  return {
    id: fileId(item),
    kind: status === 'failed' ? 'failed' : failure_class,
    reason: error.trim(),
    file: item,
    at: timeOf(updated_at),
    item,
    letter: undefined,
    leftOut: leftOutOf(item),
  };
}

/** @param letter one whose file has no item */
export function failureOfLetter(letter: DeadLetter): Failure {
  const { id, failureClass, reason, file, failedAt } = letter;
  return {
    id: `letter ${id}`,
    kind: failureClass,
    reason: reason.trim(),
    file,
    at: timeOf(failedAt),
    item: undefined,
    letter,
    leftOut: undefined,
  };
}

/** @returns a text that no other file of any batch has: a batch id has no blank */
export function fileId(file: BatchFile): string {
  return `${file.batch} ${s3Uri(file)}`;
}

/** Other senders and versions may write anything. */
function timeOf(text = ''): number {
  return Math.max(0, Date.parse(text) || 0);
}
