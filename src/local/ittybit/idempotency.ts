import { isDeepStrictEqual } from 'node:util';
import { ApiError } from './api-error.ts';

/** Ittybit forgets a key 24 hours after its first use (API reference). */
const idempotencyLifetimeMs = 24 * 60 * 60 * 1000;

interface Remembered {
  readonly body: unknown;
  readonly response: string;
  readonly expiresAt: number;
}

/** The original answers to creates that carried an `Idempotency-Key`. Refused creates are not remembered. */
export class IdempotencyMemory {
  readonly #remembered = new Map<string, Remembered>();
  readonly #now: () => number;

  /** @param now the time in Unix ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * The response body (JSON text) of the first create with `key`; undefined when there was none within 24 h.
   * @throws ApiError 400 `idempotency_mismatch` when that create had another body
   */
  recall(key: string, body: unknown): string | undefined {
    const remembered = this.#remembered.get(key);
    if (remembered === undefined || remembered.expiresAt <= this.#now()) return undefined;
    if (!isDeepStrictEqual(remembered.body, body)) {
      throw new ApiError(400, 'idempotency_mismatch', 'This Idempotency-Key was used with another body.');
    }
    return remembered.response;
  }

  /** Keeps the response body (JSON text) of a create for 24 h. */
  remember(key: string, body: unknown, response: string): void {
    this.#remembered.set(key, { body, response, expiresAt: this.#now() + idempotencyLifetimeMs });
  }
}
