/**
 * `node test/package/vsix-limits.ts <vsix>` says how large a vsix is; the exit code is 1 when it is too large.
 */
import { readFile } from 'node:fs/promises';

export const MAX_FILES = 40;
export const MAX_BYTES = 600_000;

/** Bytes of a zip's end record, "end of central directory" (APPNOTE.TXT 4.3.16), without a comment. */
const END_BYTES = 22;
const END_SIGNATURE = 0x06054b50;

/** @returns how many files the archive has, the two that only describe it included, and its size */
export async function measureVsix(path: string): Promise<{ files: number; bytes: number }> {
  const zip = await readFile(path);
  const end = zip.length - END_BYTES;
  if (end < 0 || zip.readUInt32LE(end) !== END_SIGNATURE) throw new Error(`${path} is no vsix.`);
  return { files: zip.readUInt16LE(end + 10), bytes: zip.length };
}

if (import.meta.main) {
  const [path = ''] = process.argv.slice(2);
  const { files, bytes } = await measureVsix(path);
  console.log(`${path}: ${files} of ${MAX_FILES} files, ${bytes} of ${MAX_BYTES} bytes`);
  if (files > MAX_FILES || bytes > MAX_BYTES) {
    console.error('That is more than it may have: see what is new with "vsce ls --tree".');
    process.exitCode = 1;
  }
}
