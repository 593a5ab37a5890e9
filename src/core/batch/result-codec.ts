import { MediaBatchError } from '../errors.ts';
import { fieldsOf, isAmount, isText, type Fields } from '../foreign-json.ts';
import { STATUSES, type HistoryEntry, type ResultItem, type Status } from './result-item.ts';
import { resultIndexKey, resultKey } from './table-keys.ts';

type Check = (value: unknown) => boolean;

/** Every attribute that the rules know. The operator's flag is none: a transition keeps it as what a newer version knows. */
type Name = Exclude<keyof ResultItem, 'left_out'>;
/** The form of each attribute. */
const FORM: Readonly<Record<Name, Check>> = {
  status: isStatus,
  bucket: isText,
  key: isText,
  batch: isText,
  kind: isText,
  attempts: isAmount,
  run: isAmount,
  reference: orAbsent(isText),
  work: orAbsent(isText),
  etag: orAbsent(isText),
  size: orAbsent(isAmount),
  covered_by: orAbsent(isText),
  exports: orAbsent(isFlag),
  unclear: orAbsent(isFlag),
  sent: orAbsent(isText),
  last_post_at: orAbsent(isText),
  due_at: orAbsent(isText),
  next_look_at: orAbsent(isText),
  looks: orAbsent(isAmount),
  cannot_tell: orAbsent(isFlag),
  given_up: orAbsent(isFlag),
  claim: orAbsent(isText),
  lease_until_ms: orAbsent(isAmount),
  first_post_at: orAbsent(isText),
  job_id: orAbsent(isText),
  output_url: orAbsent(isText),
  duration_ms: orAbsent(isAmount),
  error: orAbsent(isText),
  failure_class: orAbsent(isText),
  created_at: isText,
  updated_at: isText,
  completed_at: orAbsent(isText),
  // Entries are only appended and shown, so an entry of a newer version is kept as it is.
  history: orAbsent(Array.isArray),
  rev: isAmount,
};
const NAMES = Object.keys(FORM) as Name[];

/** @returns a file's item as the results table holds it, under its keys and the index's */
export function resultItem(item: ResultItem): Fields {
  return { ...resultKey(item), ...resultIndexKey(item), ...item };
}

/**
 * Reads an item that a transition will replace. Nothing may be guessed or left out, because a claim on a wrong state
 * could be paid for twice. Attributes that only a newer version knows are kept.
 * @param item a plain item, with its keys
 * @throws MediaBatchError `unreadable-item` naming the first attribute that does not have the expected form
 */
export function storedResult({ pk, sk, gsi1pk, gsi1sk, ...item }: Fields): ResultItem {
  if (isResult(item)) return item;
  throw new MediaBatchError(
    'unreadable-item',
    `This version cannot read "${wrongOf(item)}" of ${String(pk)} in ${String(sk)}: update the stack, or correct the item.`,
  );
}

/**
 * Reads a file's item of the results table, to show it. Users and other versions also write to the table, so unreadable
 * attributes are left out.
 * @param item a plain item
 * @returns undefined where the file, the batch or the status is missing
 */
export function readResult(item: Fields): ResultItem | undefined {
  const readable = NAMES.filter((name) => item[name] !== undefined && FORM[name](item[name]));
  const { history, ...rest } = Object.fromEntries(readable.map((name) => [name, item[name]]));
  const read: Fields = {
    ...{ kind: '', attempts: 0, run: 0, created_at: '', rev: 0 },
    ...rest,
    ...(Array.isArray(history) && { history: history.flatMap(readEntry) }),
  };
  return isResult(read) ? read : undefined;
}

/** As `readResult`, with the operator's flag, which only the editor shows: the functions' code has to stay small. */
export function shownResult(item: Fields): ResultItem | undefined {
  const read = readResult(item);
  const { left_out } = item;
  return read && left_out !== undefined ? { ...read, left_out } : read;
}

function isResult(item: Fields): item is Fields & ResultItem {
  return wrongOf(item) === undefined;
}

function wrongOf(item: Fields): Name | undefined {
  return NAMES.find((name) => !FORM[name](item[name]));
}

function readEntry(value: unknown): HistoryEntry[] {
  const { status, at, attempts, error } = fieldsOf(value) ?? {};
  if (!isStatus(status) || !isText(at)) return [];
  return [{ status, at, attempts: isAmount(attempts) ? attempts : 0, ...(isText(error) && { error }) }];
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isStatus(value: unknown): value is Status {
  return STATUSES.some((status) => status === value);
}

function orAbsent(check: Check): Check {
  return (value) => value === undefined || check(value);
}
