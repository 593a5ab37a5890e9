import { gunzipSync } from 'node:zlib';
import { InvalidInputError } from '../../core/errors.ts';

/** The first bytes of gzip (RFC 1952, section 2.3.1). No JSON in any encoding starts with them. */
const GZIP = Buffer.from([0x1f, 0x8b]);

/** The byte order marks, which say more surely than a header how a text is encoded (WHATWG Encoding, "BOM sniff"). */
const MARKS: readonly (readonly [Buffer, string])[] = [
  [Buffer.from([0xef, 0xbb, 0xbf]), 'utf-8'],
  [Buffer.from([0xff, 0xfe]), 'utf-16le'],
  [Buffer.from([0xfe, 0xff]), 'utf-16be'],
];

/**
 * Unpacks a body that is gzip, whether or not a header says so: a gateway may have unpacked it and kept the header.
 * @param mostBytes of the unpacked body; unpacking stops there, so that a small body cannot fill the memory
 * @returns the body itself where it is no gzip; undefined where it has more bytes
 * @throws InvalidInputError for broken gzip
 */
export function unpackBody(body: Buffer, mostBytes: number): Buffer | undefined {
  if (body.length > mostBytes) return undefined;
  if (!body.subarray(0, GZIP.length).equals(GZIP)) return body;
  try {
    return gunzipSync(body, { maxOutputLength: mostBytes });
  } catch (error) {
    if (error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      return undefined;
    throw new InvalidInputError('body', 'The body is broken gzip.', { cause: error });
  }
}

/**
 * @param charset of the `Content-Type`, where the body's bytes are as they were sent; UTF-8 where there is none that we know
 * @returns the body's text without a byte order mark
 */
export function bodyText(body: Buffer, charset: string | undefined): string {
  const marked = MARKS.find(([mark]) => body.subarray(0, mark.length).equals(mark))?.[1];
  try {
    return new TextDecoder(marked ?? charset).decode(body);
  } catch {
    return new TextDecoder().decode(body); // JSON is UTF-8 (RFC 8259, section 8.1).
  }
}
