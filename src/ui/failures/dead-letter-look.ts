import { groupDeadLetters, type DeadLetterGroup } from '../../app/batch/dead-letter-groups.ts';
import { listDeadLetters, type DeadLetter, type DeadLetterList } from '../../app/batch/dead-letters.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { StackScope } from '../watch/stack-scope.ts';

/** Letters that one look shows at most: each costs a receive and a release. */
const MOST = 1000;

/** How whole the letters of a look are. */
export interface LookEnd {
  /** about how many there are in all; undefined where the look broke off */
  readonly about: number | undefined;
  /** what broke it off, with some letters there already */
  readonly error: unknown;
}

/**
 * One look into a stack's dead-letter queue. Another look is another object; what this one still brings after its end
 * is dropped.
 */
export class DeadLetterLook implements Disposable {
  readonly #scope: Pick<StackScope, 'read'>;
  readonly #count: () => number | undefined;
  readonly #onEnd: (end: LookEnd) => void;
  readonly #control = new AbortController();
  #letters: readonly DeadLetter[] | undefined;
  /** the number that was known when the look began, or that it found */
  #about: number | undefined;
  /** until the look is over: resolves with its first letters, or its end */
  #first: Promise<unknown> | undefined;

  /**
   * Making it sends no request.
   * @param count the number of letters that the poll knows
   * @param onEnd told at the end of a look that has found letters, or that there are none
   */
  constructor(
    scope: Pick<StackScope, 'read'>,
    count: () => number | undefined,
    onEnd: (end: LookEnd) => void,
  ) {
    this.#scope = scope;
    this.#count = count;
    this.#onEnd = onEnd;
  }

  /** the letters so far by reason, the most frequent first */
  get groups(): readonly DeadLetterGroup[] {
    return groupDeadLetters(this.#letters ?? []);
  }

  /** @returns true where this look does not show so many: it is over, and was of another number */
  isOutdatedBy(about: number | undefined): boolean {
    return !this.#first && this.#about !== undefined && about !== this.#about;
  }

  /**
   * Starts the look where there is none yet; a look that failed is tried again.
   * @returns as soon as the first letters are there, or it is known that there are none; the look continues
   * @throws DeployError `not-deployed`, AwsError, AbortError
   */
  async firstLetters(signal: AbortSignal): Promise<void> {
    if (this.#letters === undefined) {
      const { promise: some, resolve: onFirst } = Promise.withResolvers<undefined>();
      await (this.#first ??= Promise.race([some, this.#run(onFirst)]));
    }
    signal.throwIfAborted();
  }

  /** Ends the look; letters that it holds are made visible again. */
  dispose(): void {
    this.#control.abort();
  }

  async #run(onFirst: (none: undefined) => void): Promise<void> {
    this.#about = this.#count();
    try {
      const { letters, about } = await this.#readAll(onFirst);
      this.#letters = letters;
      this.#about ??= about;
      this.#end({ about, error: undefined });
    } catch (error) {
      // With some letters on screen already, the level keeps them.
      if (this.#letters === undefined || this.#control.signal.aborted) throw error;
      this.#end({ about: undefined, error });
    } finally {
      this.#first = undefined;
    }
  }

  #readAll(onFirst: (none: undefined) => void): Promise<DeadLetterList> {
    return this.#scope.read(
      ({ queues }, pipeline, signal) =>
        listDeadLetters(pipeline, queues, {
          limit: MOST,
          signal,
          onProgress: ({ letters }) => {
            this.#letters = letters;
            onFirst(undefined);
          },
        }),
      this.#control.signal,
    );
  }

  #end(end: LookEnd): void {
    this.#control.signal.throwIfAborted();
    this.#first = undefined;
    this.#onEnd(end);
  }
}
