import { AwsError } from '../../core/errors.ts';
import type { Disposable } from '../../core/lifetime.ts';

/** AWS counts as silent when it has not answered for this time, in ms. */
const SILENT_MS = 30_000;

/** Notices that AWS does not answer: requests hang, or fail without an answer. */
export class Silence {
  readonly #setTimer: (run: () => void, ms: number) => Disposable;
  readonly #now: () => number;
  readonly #onSilent: () => void;
  /** the first request without an answer */
  #asked: { readonly at: number; readonly timer: Disposable } | undefined;
  #isSilent = false;

  /**
   * @param now epoch ms
   * @param onSilent called once for each silence, when it has lasted half a minute
   */
  constructor(
    setTimer: (run: () => void, ms: number) => Disposable,
    now: () => number,
    onSilent: () => void,
  ) {
    this.#setTimer = setTimer;
    this.#now = now;
    this.#onSilent = onSilent;
  }

  /** since when AWS has not answered, epoch ms; undefined while it answers, and for the first half minute */
  get since(): number | undefined {
    return this.#isSilent ? this.#asked?.at : undefined;
  }

  /** A request leaves. */
  ask(): void {
    this.#asked ??= {
      at: this.#now(),
      timer: this.#setTimer(() => {
        this.#isSilent = true;
        this.#onSilent();
      }, SILENT_MS),
    };
  }

  /** A request has failed: a refusal and a throttle are answers. */
  fail(error: unknown): void {
    if (!isUnreachable(error)) this.end();
  }

  /** AWS has answered, or nobody waits any more. */
  end(): void {
    this.#asked?.timer.dispose();
    this.#asked = undefined;
    this.#isSilent = false;
  }
}

/** @returns true for an error that says that no answer came */
export function isUnreachable(error: unknown): boolean {
  return error instanceof AwsError && error.code === 'unreachable';
}
