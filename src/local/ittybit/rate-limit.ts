import { ApiError } from './api-error.ts';

/** How many requests are accepted. Ittybit does not publish its numbers. Absent: unlimited. */
export interface RateLimits {
  /** Tokens that the bucket gains each second. */
  readonly requestsPerSecond?: number;
  /** Most tokens that the bucket can hold; absent: as many as it gains in one second. */
  readonly burst?: number;
  /** Most requests in progress at once. */
  readonly maxConcurrent?: number;
  /** The form of `Retry-After`: whole seconds, or an HTTP date. Ittybit does not say which it uses. */
  readonly retryAfter?: 'seconds' | 'http-date';
  readonly quota?: Quota;
}

/** How many creates are accepted until a moment; from then on there is no quota any more. */
export interface Quota {
  readonly creates: number;
  /** Unix ms. */
  readonly resetsAt: number;
  /** Said instead of the time until the reset, however far that is. */
  readonly retryAfterSeconds?: number;
}

/** A token bucket and a cap on concurrent requests, both over all routes, and a quota of creates. */
export class RateLimit {
  readonly #now: () => number;
  #limits: RateLimits = {};
  #tokens = 0;
  #filledAt = 0;
  #creates = 0;

  /** @param now the time in Unix ms */
  constructor(limits: RateLimits, now: () => number) {
    this.#now = now;
    this.set(limits);
  }

  /** Replaces the limits; the bucket starts full, and the quota unused. */
  set(limits: RateLimits): void {
    this.#limits = limits;
    this.#creates = 0;
    this.#tokens = this.#capacity();
    this.#filledAt = this.#now();
  }

  /**
   * Takes one token for a request. @param inProgress requests in progress, with this one
   * @throws ApiError 429 with `Retry-After`
   */
  admit(inProgress: number): void {
    if (inProgress > (this.#limits.maxConcurrent ?? Infinity)) throw this.#refusal(1);
    const { requestsPerSecond } = this.#limits;
    if (requestsPerSecond === undefined) return;
    const now = this.#now();
    const gained = ((now - this.#filledAt) / 1000) * requestsPerSecond;
    this.#tokens = Math.min(this.#capacity(), this.#tokens + gained);
    this.#filledAt = now;
    if (this.#tokens < 1) throw this.#refusal((1 - this.#tokens) / requestsPerSecond);
    this.#tokens -= 1;
  }

  /**
   * Takes a create from the quota, be it accepted later or not.
   * @throws ApiError 429 with `Retry-After`
   */
  admitCreate(): void {
    const { quota } = this.#limits;
    if (quota === undefined || this.#now() >= quota.resetsAt) return;
    if (this.#creates >= quota.creates) {
      throw this.#refusal(quota.retryAfterSeconds ?? (quota.resetsAt - this.#now()) / 1000);
    }
    this.#creates += 1;
  }

  #capacity(): number {
    return Math.max(1, this.#limits.burst ?? this.#limits.requestsPerSecond ?? 1);
  }

  #refusal(waitSeconds: number): ApiError {
    const seconds = Math.max(1, Math.ceil(waitSeconds));
    const retryAfter =
      this.#limits.retryAfter === 'http-date'
        ? new Date(this.#now() + seconds * 1000).toUTCString()
        : String(seconds);
    return new ApiError(429, 'rate_limited', 'Too many requests; reduce the frequency of your requests.', {
      'Retry-After': retryAfter,
    });
  }
}
