import { ApiError } from './api-error.ts';

/** The state of a known key: `good`, `unpaid` (answers 402) or `no_project` (answers 403). */
export type KeyStanding = 'good' | 'unpaid' | 'no_project';

/** The API keys that are accepted. They can change at any time, from the next request on. */
export class ApiKeys {
  readonly #standings = new Map<string, KeyStanding>();

  /** Accepts `key` from now on, or changes the state of a key that is already accepted. */
  accept(key: string, standing: KeyStanding = 'good'): void {
    this.#standings.set(key, standing);
  }

  /** Refuses `key` from now on with `token_invalid`. */
  revoke(key: string): void {
    this.#standings.delete(key);
  }

  /** Replaces `oldKey` by `newKey`, which takes over its state. */
  rotate(oldKey: string, newKey: string): void {
    const standing = this.#standings.get(oldKey) ?? 'good';
    this.revoke(oldKey);
    this.accept(newKey, standing);
  }

  /**
   * Checks that a request has the header `Authorization: Bearer <accepted key>`.
   * @throws ApiError 401 `token_missing` or `token_invalid`, 402 `payment_required`, 403 `project_required`
   */
  authorize(authorization: string | undefined): void {
    const token = /^bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) {
      throw new ApiError(401, 'token_missing', 'Send your API key as "Authorization: Bearer <key>".');
    }
    switch (this.#standings.get(token)) {
      case undefined:
        throw new ApiError(401, 'token_invalid', 'This API key is not valid; create a new one.');
      case 'unpaid':
        throw new ApiError(402, 'payment_required', 'Add a payment method to continue.');
      case 'no_project':
        throw new ApiError(403, 'project_required', 'This API key belongs to no project.');
      case 'good':
    }
  }
}
