import { fieldsOf, isText } from '../foreign-json.ts';
import type { ResultItem } from './result-item.ts';

/** Why an operator has left a failed file out of the failures to be dealt with. */
export interface LeftOut {
  /** ISO 8601 */
  readonly at: string;
  /** who, as AWS names the caller, such as `user/ann` */
  readonly by: string;
  readonly note: string;
}

/** A note has at most this many characters. */
export const NOTE_CHARACTERS = 500;

/** The flag, as the item holds it. `of` is the `updated_at` of the failure that it is about. */
interface Flag extends LeftOut {
  readonly of: string;
}

/**
 * Reads the flag of a failed or dead file. It is about one failure: a retry, a new state and another failure change the
 * item's `updated_at` and so make it void, whoever writes them, also functions of a stack that do not know the flag.
 * @returns undefined for a file that is not left out, or whose flag cannot be read
 */
export function leftOutOf(item: ResultItem): LeftOut | undefined {
  const { at, by, note, of } = fieldsOf(item.left_out) ?? {};
  if (!isFailure(item) || of !== item.updated_at) return undefined;
  return isText(at) && isText(by) && isText(note) ? { at, by, note } : undefined;
}

/**
 * Leaves a failed or dead file out. Its status, its counts and its place in the lists stay.
 * @returns undefined for a file in another state, or one that is left out already
 */
export function leftOut(item: ResultItem, mark: LeftOut): ResultItem | undefined {
  if (!isFailure(item) || leftOutOf(item)) return undefined;
  const note = mark.note.slice(0, NOTE_CHARACTERS).toWellFormed();
  const flag: Flag = { at: mark.at, by: mark.by, note, of: item.updated_at };
  return { ...item, left_out: flag, rev: item.rev + 1 };
}

/** Takes a file in again. @returns undefined for one that is not left out */
export function takenIn(item: ResultItem): ResultItem | undefined {
  if (!leftOutOf(item)) return undefined;
  const { left_out: _, ...rest } = item;
  return { ...rest, rev: item.rev + 1 };
}

function isFailure({ status }: ResultItem): boolean {
  return status === 'failed' || status === 'dead';
}
