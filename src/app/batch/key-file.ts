import { createHash } from 'node:crypto';
import type { ListFlaw } from '../../core/files/bucket-store.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { keyLines } from './key-lines.ts';

/** A file with keys that the user has chosen. */
export interface KeyFile {
  /** its name without its folder */
  readonly name: string;
  /** @returns its bytes from the beginning */
  read(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** One entry of a list of keys: a key of the batch's bucket, or a line that names none, with its text. */
export interface KeyEntry {
  readonly key: string;
  readonly flaw?: ListFlaw | undefined;
}

/** What a file with keys has in it. */
export interface KeyList {
  /** hexadecimal, of the file's bytes */
  readonly sha256: string;
  /** how many lines name a bucket, by its name, in the order in which they come */
  readonly buckets: ReadonlyMap<string, number>;
  /** how many lines are keys without a bucket */
  readonly bare: number;
  /** first the lines that name no key of the bucket, then its keys, each once, in the order of a listing */
  readonly entries: readonly KeyEntry[];
}

/** All keys are held at once, to sort them: 2 million take about 250 MB. */
const MAX_LINES = 2_000_000;

/**
 * Reads a file with keys whole.
 * @param bucket the bucket whose keys are wanted; a key without a bucket is one of its own. Undefined: none is chosen
 * yet, and each named bucket is another one
 * @throws InvalidInputError where it has more lines than a list may have; the errors of the file system; the signal's
 * reason
 */
export async function readKeyFile(
  file: KeyFile,
  bucket: string | undefined,
  signal?: AbortSignal,
): Promise<KeyList> {
  const hash = createHash('sha256');
  const buckets = new Map<string, number>();
  const flawed: KeyEntry[] = [];
  const keys: string[] = [];
  let bare = 0;
  for await (const { text, object } of keyLines(file.name, hashed(file.read(signal), hash))) {
    signal?.throwIfAborted();
    if (!object) flawed.push({ key: text, flaw: 'bad-line' });
    else {
      if (object.bucket === undefined) bare += 1;
      else buckets.set(object.bucket, (buckets.get(object.bucket) ?? 0) + 1);
      if (object.bucket === undefined || object.bucket === bucket) keys.push(object.key);
      else flawed.push({ key: text, flaw: 'other-bucket' });
    }
    if (keys.length + flawed.length > MAX_LINES) {
      throw new InvalidInputError(
        'file',
        `The file has more than ${MAX_LINES} lines: split it, or enqueue the prefix that has the files.`,
      );
    }
  }
  return { sha256: hash.digest('hex'), buckets, bare, entries: [...flawed, ...entriesOf(keys)] };
}

/** @returns keys in the order of a listing, in which keys that differ only in their extension are found; a repeat is flawed */
export function entriesOf(keys: readonly string[]): KeyEntry[] {
  const sorted = keys.toSorted(inOrder);
  return sorted.map((key, i) => (sorted[i - 1] === key ? { key, flaw: 'repeated' } : { key }));
}

/** By UTF-16 units, in which keys that begin alike stand together, as by bytes. */
function inOrder(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
