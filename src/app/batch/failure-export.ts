import { stringify } from 'csv-stringify/sync';
import type { FailureGroup } from './failure-groups.ts';
import type { Failure } from './failures.ts';

/** Files that can be exported to: a table for people, or a JSON object a line for programs. */
export type ExportFormat = 'csv' | 'jsonl';

/** Lines that are made at once: a chunk has about 75 kB. */
const LINES = 250;

const COLUMNS = [
  ...['bucket', 'key', 'batch', 'failed', 'cause', 'reason', 'failed_at'],
  ...['attempts', 'run', 'job_id', 'size', 'etag', 'left_out_at', 'left_out_by', 'note', 'message'],
] as const;
type Row = Readonly<Partial<Record<(typeof COLUMNS)[number], string | number>>>;

/** @returns the format that a file name asks for: JSON Lines for `.jsonl` and `.ndjson`, else CSV */
export function formatOf(name: string): ExportFormat {
  return /\.(jsonl|ndjson)$/i.test(name) ? 'jsonl' : 'csv';
}

/**
 * Writes failures in the order of their groups, with who left which of them out, and why. CSV has a header and starts with a byte order mark, without which spreadsheets
 * take UTF-8 for something else. A cell that a spreadsheet would calculate gets a quote before it (OWASP, "CSV Injection").
 * JSON Lines has all values as they are.
 * @returns the text in chunks
 */
export function* exportFailures(groups: readonly FailureGroup[], format: ExportFormat): Generator<string> {
  const failures = groups.flatMap(({ words, failures: those }) =>
    those.map((failure) => ({ failure, words })),
  );
  if (format === 'csv') yield csv([], true);
  for (let index = 0; index < failures.length; index += LINES) {
    const some = failures.slice(index, index + LINES).map(({ failure, words }) => rowOf(failure, words));
    yield format === 'csv' ? csv(some, false) : some.map((row) => `${JSON.stringify(row)}\n`).join('');
  }
}

function csv(rows: readonly Row[], isFirst: boolean): string {
  return stringify([...rows], {
    columns: [...COLUMNS],
    ...{ header: isFirst, bom: isFirst, escape_formulas: true, record_delimiter: 'windows' },
  });
}

function rowOf({ kind, reason, file, at, item, letter, leftOut }: Failure, cause: string): Row {
  return {
    ...(file ? { bucket: file.bucket, key: file.key, batch: file.batch } : { message: letter?.body ?? '' }),
    ...{ failed: kind, cause, reason },
    ...(at > 0 && { failed_at: new Date(at).toISOString() }),
    ...definedOf({ attempts: item?.attempts ?? letter?.attempts, run: item?.run, job_id: item?.job_id }),
    ...definedOf({ size: file?.size, etag: item?.etag ?? letter?.file?.etag }),
    ...(leftOut && { left_out_at: leftOut.at, left_out_by: leftOut.by, note: leftOut.note }),
  };
}

function definedOf(fields: Readonly<Record<string, string | number | undefined>>): Row {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
