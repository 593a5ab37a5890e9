import { AwsError } from '../core/errors.ts';
import type { S3Object } from '../core/files/bucket-store.ts';

/**
 * Stops a listing that does not go on: one that repeats a page, a token, or a round of tokens, or that jumps back in the
 * order of keys. Without it such a listing is endless, and a resumed enqueue skips files. It keeps one key and one token.
 */
export class ListingWatch {
  #last = '';
  #token: string | undefined;
  #pages = 0;
  #limit = 1;

  /** @param token the token that the listing begins with; undefined: its beginning */
  constructor(token?: string) {
    this.#token = token;
  }

  /**
   * @param objects one page
   * @param next the token of the page after it
   * @throws AwsError when the page or the token was there before
   */
  check(objects: readonly S3Object[], next: string | undefined): void {
    const before = this.#last;
    for (const { key } of objects) {
      if (key === '') continue;
      if (key !== this.#last && !isAfter(key, this.#last)) throw endless('OutOfOrder');
      // Nothing comes after the last page, so there its own order does not matter.
      if (next !== undefined) this.#last = key;
    }
    if (next === undefined) return;
    if (this.#last === before && objects.some(({ key }) => key !== '')) throw endless('RepeatedPage');
    // R. P. Brent's search for cycles: a round of any length comes back to a token that is kept ever longer.
    if (next === this.#token) throw endless('RepeatedToken');
    this.#pages += 1;
    if (this.#pages < this.#limit) return;
    this.#token = next;
    this.#pages = 0;
    this.#limit *= 2;
  }
}

/**
 * @returns whether a key comes after another one: by bytes as S3 orders them, or by UTF-16 units as some stores do
 */
export function isAfter(key: string, other: string): boolean {
  return key > other || Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0;
}

function endless(awsCode: string): AwsError {
  return new AwsError(
    'aws',
    'The object store gave a part of its listing twice or out of order, so the listing was stopped: try again, and ask who runs the store if it stays so.',
    { operation: 's3:ListObjectsV2', awsCode },
  );
}
