import { InvalidInputError } from '../errors.ts';
import { fieldsOf } from '../foreign-json.ts';
import { MAX_GLOB } from './key-glob.ts';
import type { S3Object } from './bucket-store.ts';
import { formatBytes } from './byte-size.ts';

/** Which of the media files under a prefix an enqueue takes; an absent part lets every file through. */
export interface FileFilter {
  /** glob over the part of the key after the prefix, such as `reel-*.mov` */
  readonly glob?: string | undefined;
  /** bytes, inclusive */
  readonly min_size?: number | undefined;
  /** bytes, inclusive */
  readonly max_size?: number | undefined;
  /** ISO 8601; last modified at this moment or later */
  readonly changed_since?: string | undefined;
  /** true: leaves out files that are done or under way in another batch: this version, with the same job */
  readonly not_yet_done?: boolean | undefined;
  /** true: takes pieces of streams, and what looks like a source text in TypeScript, too */
  readonly segments?: boolean | undefined;
}

const PARTS = [
  'glob',
  'min_size',
  'max_size',
  'changed_since',
  'not_yet_done',
  'segments',
] satisfies (keyof FileFilter)[];

/**
 * A date, or a date and a time with a zone (ISO 8601). Without a zone the time would depend on the computer that reads
 * it.
 */
const ISO_DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Reads an untrusted filter strictly: a misspelt part would let every file through, and each one is paid for.
 * @param value parsed JSON
 * @returns the parts that are set; `changed_since` in UTC with milliseconds, a date alone being its midnight in UTC
 * @throws InvalidInputError naming the part and what it takes
 */
export function parseFileFilter(value: unknown): FileFilter {
  const parts = fieldsOf(value);
  if (!parts) throw new InvalidInputError('filter', 'The filter must be a JSON object.');
  const unknown = Object.keys(parts).find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined) {
    throw new InvalidInputError(unknown, `A filter has no part "${unknown}": use ${PARTS.join(', ')}.`);
  }
  const glob = parseGlob(parts['glob']);
  const least = parseBytes('min_size', parts['min_size']);
  const most = parseBytes('max_size', parts['max_size']);
  if (least !== undefined && most !== undefined && least > most) {
    throw new InvalidInputError(
      'min_size',
      `No file has at least ${formatBytes(least)} and at most ${formatBytes(most)}: make "min_size" the smaller one.`,
    );
  }
  const since = parseDate(parts['changed_since']);
  const notYetDone = parseSwitch('not_yet_done', parts['not_yet_done']);
  const segments = parseSwitch('segments', parts['segments']);
  return {
    ...(glob !== undefined && { glob }),
    ...(least !== undefined && { min_size: least }),
    ...(most !== undefined && { max_size: most }),
    ...(since !== undefined && { changed_since: since }),
    ...(notYetDone && { not_yet_done: true }),
    ...(segments && { segments: true }),
  };
}

function parseSwitch(name: string, value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value !== 'boolean') throw new InvalidInputError(name, `"${name}" is true or false.`);
  return value;
}

function parseGlob(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '' || value.length > MAX_GLOB) {
    throw new InvalidInputError('glob', `"glob" is a pattern such as "reel-*.mov", up to ${MAX_GLOB} long.`);
  }
  return value;
}

function parseBytes(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidInputError(name, `"${name}" is a whole number of bytes, 0 or more.`);
  }
  return value;
}

function parseDate(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const date = typeof value === 'string' && ISO_DATE.test(value) ? new Date(value) : undefined;
  // JavaScript takes 30 February for 1 or 2 March.
  const day = typeof value === 'string' ? value.slice(0, 10) : '';
  if (!date || Number.isNaN(date.getTime()) || new Date(day).toISOString().slice(0, 10) !== day) {
    throw new InvalidInputError(
      'changed_since',
      '"changed_since" is a date such as "2026-03-31" or "2026-03-31T08:00:00Z".',
    );
  }
  return date.toISOString();
}

/**
 * Checks an object against the size and the date of a filter. The filter's other parts need more than the object.
 * @returns false also for an object without a date where the filter names one
 */
export function hasSizeAndDate({ size, lastModified }: S3Object, filter: FileFilter): boolean {
  const { min_size: least = 0, max_size: most = Infinity, changed_since: since } = filter;
  if (size < least || size > most) return false;
  return since === undefined || (lastModified !== undefined && lastModified.getTime() >= Date.parse(since));
}
