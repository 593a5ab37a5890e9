import { StringDecoder } from 'node:string_decoder';
import { Readable } from 'node:stream';
import { MediaBatchError } from '../../core/errors.ts';
import { fieldsOf, isText, parseJson } from '../../core/foreign-json.ts';
import { checkKey, parseObjectAddress } from '../../core/files/object-address.ts';
import { checkBucket } from '../../core/files/s3-location.ts';

/** What one line of a list of keys says: an object, or nothing that can be read. */
export interface KeyLine {
  /** the line as it is written, or what is left of a long one; for people */
  readonly text: string;
  /** undefined where the line cannot be read */
  readonly object: { readonly bucket: string | undefined; readonly key: string } | undefined;
}

/** Longer than a key of 1,024 bytes that is escaped, with its bucket: more is no line of keys. In UTF-16 units. */
const MAX_LINE = 16_384;
/** Spreadsheets write semicolons where the comma is a decimal one. */
const SEPARATOR = /[,;\t]/;
/** How much of a line that cannot be read is shown. */
const SHOWN = 200;

/**
 * Reads a list of keys. A line of `.jsonl` and `.ndjson` is an object `{"bucket","key"}`, or a text. Of `.csv` and `.tsv`
 * the columns `bucket` and `key` count where the first line names them; else one column is a key, and of several the
 * first is a bucket and the second a key. A line of any other file is a text. A text is a key as it is, or an address
 * as `parseObjectAddress` takes it. Empty lines do not count.
 * @param name the file's name, which says its format
 * @param chunks its bytes, UTF-8
 */
export async function* keyLines(name: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<KeyLine> {
  if (/\.(csv|tsv)$/i.test(name)) {
    yield* csvLines(chunks, /\.tsv$/i.test(name) ? /\t/ : SEPARATOR);
    return;
  }
  const isJson = /\.(jsonl|ndjson)$/i.test(name);
  for await (const line of textLines(chunks)) {
    if (line === '') continue;
    yield { text: shown(line), object: line.length > MAX_LINE ? undefined : readLine(line, isJson) };
  }
}

/** @returns the lines without their ends; of one that is too long just enough to know that */
async function* textLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let open = '';
  let isFirst = true;
  const whole = (line: string): string => {
    const text = isFirst ? line.replace(/^\uFEFF/, '') : line;
    isFirst = false;
    return text.replace(/\r$/, '');
  };
  for await (const chunk of chunks) {
    const [rest = '', ...lines] = decoder.write(Buffer.from(chunk)).split('\n').toReversed();
    for (const line of lines.toReversed()) {
      yield whole(open + line);
      open = '';
    }
    open = (open + rest).slice(0, MAX_LINE + 1);
  }
  yield whole(open + decoder.end());
}

function readLine(line: string, isJson: boolean): KeyLine['object'] {
  if (!isJson) return readText(line);
  const value = parseJson(line);
  return isText(value) ? readText(value) : readFields(fieldsOf(value)?.['bucket'], fieldsOf(value)?.['key']);
}

function readFields(bucket: unknown, key: unknown): KeyLine['object'] {
  if (!isText(key) || !(bucket === undefined || bucket === null || isText(bucket))) return undefined;
  if (bucket === undefined || bucket === null || bucket === '') return readText(key);
  return orNothing(() => ({ bucket: checkBucket(bucket), key: checkKey(key) }));
}

/** A key is taken as it is: a blank at its end is a part of it. */
function readText(text: string): KeyLine['object'] {
  return orNothing(() => {
    const [, bucket, key] = /^s3:\/\/([^/]*)\/(.*)$/is.exec(text) ?? [];
    if (bucket !== undefined && key !== undefined) return { bucket: checkBucket(bucket), key: checkKey(key) };
    if (/^(https?:\/\/|arn:|s3:\/\/)/i.test(text)) return parseObjectAddress(text);
    return { bucket: undefined, key: checkKey(text) };
  });
}

function orNothing(read: () => KeyLine['object']): KeyLine['object'] {
  try {
    return read();
  } catch (error) {
    if (error instanceof MediaBatchError) return undefined;
    throw error;
  }
}

function shown(line: string): string {
  return line.length > SHOWN ? `${line.slice(0, SHOWN).toWellFormed()}…` : line;
}

/** The library is loaded with the first such file. @param separator what may stand between columns */
async function* csvLines(chunks: AsyncIterable<Uint8Array>, separator: RegExp): AsyncGenerator<KeyLine> {
  const { parse } = await import('csv-parse');
  const unread: string[] = [];
  const { start, all } = await startOf(chunks);
  const parser = Readable.from(all).compose(
    parse({
      bom: true,
      // The first one that stands outside quotes; the others are characters of keys.
      delimiter: separator.exec(start.replace(/"[^"]*"/g, ''))?.[0] ?? ',',
      max_record_size: MAX_LINE,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error, raw) => void unread.push(raw ?? error?.message ?? ''),
    }),
  ) as AsyncIterable<string[]>;
  let columns: { readonly bucket: number; readonly key: number } | undefined;
  for await (const cells of parser) {
    for (const text of unread.splice(0)) yield { text: shown(text), object: undefined };
    if (!columns) {
      const names = cells.map((cell) => cell.trim().toLowerCase());
      const hasNames = names.includes('key');
      columns = hasNames
        ? { bucket: names.indexOf('bucket'), key: names.indexOf('key') }
        : { bucket: cells.length > 1 ? 0 : -1, key: cells.length > 1 ? 1 : 0 };
      if (hasNames) continue;
    }
    yield { text: shown(cells.join(',')), object: readFields(cells[columns.bucket], cells[columns.key]) };
  }
  for (const text of unread) yield { text: shown(text), object: undefined };
}

/** @returns the first line, as far as it is no too long one, and the same bytes from the beginning */
async function startOf(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ start: string; all: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  while (!read.includes('\n') && read.length <= MAX_LINE) {
    const next = await iterator.next();
    if (next.done === true) break;
    read = Buffer.concat([read, next.value]);
  }
  const first = read;
  async function* all(): AsyncGenerator<Uint8Array> {
    yield first;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { start: first.toString('utf8').split('\n', 1)[0] ?? '', all: all() };
}
