import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from '../../core/errors.ts';

/** The pause after the first throttled call, in ms; each later one is twice as long, up to the longest. */
const PAUSE = 200;
const LONGEST = 10_000;
/** A call that is still throttled then has waited for about a minute, beside the retries of the SDK itself. */
const TRIES = 12;

/**
 * @param tries how often it was tried
 * @param first the longest pause after the first try, ms
 * @returns how long to wait, in ms: jitter keeps calls from coming back together
 */
export function pauseAfter(tries: number, first = PAUSE): number {
  return Math.min(LONGEST, first * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);
}

export interface PatienceOptions {
  /**
   * Asks for a new login. Once it resolves, the call is made again; it rejects where the user does not log in. Absent: an
   * expired login is an error.
   */
  readonly onExpired?: ((error: AwsError) => Promise<void>) | undefined;
}

/** Makes calls that wait while AWS throttles, and while the user logs in again; other errors it hands on. */
export class Patience {
  readonly #onExpired: PatienceOptions['onExpired'];
  #login: Promise<void> | undefined;

  constructor({ onExpired }: PatienceOptions = {}) {
    this.#onExpired = onExpired;
  }

  /** @param signal ends the waiting @throws what `work` throws last; the signal's reason */
  async call<Result>(work: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        await this.outlast(error, tries, signal);
      }
    }
  }

  /** Waits until a failed call may be made again. @throws the error itself where a repeat does not help */
  async outlast(error: unknown, tries: number, signal: AbortSignal | undefined): Promise<void> {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'expired-login' && this.#onExpired) {
      this.#login ??= this.#onExpired(error).finally(() => {
        this.#login = undefined;
      });
      await this.#login;
      signal?.throwIfAborted();
    } else if (error.code === 'throttled' && tries < TRIES) {
      await sleep(pauseAfter(tries), undefined, { signal });
    } else throw error;
  }
}
