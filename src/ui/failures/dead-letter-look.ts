import { groupDeadLetters, type DeadLetterGroup } from '../../app/batch/dead-letter-groups.ts';
import { listDeadLetters, type DeadLetter, type DeadLetterList } from '../../app/batch/dead-letters.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { StackScope } from '../watch/stack-scope.ts';

/** How many letters one look shows at most: each one costs a receive and a release. */
const MOST = 1000;

/** How a look ended. */
export interface LookEnd {
  /** about how many letters the queue has; undefined when the look failed */
  readonly about: number | undefined;
  /** why the look failed after it had found some letters */
  readonly error: unknown;
}

/**
 * One look into a stack's dead-letter queue. To look again, make another one. Letters that arrive after its end are
 * dropped.
 */
export class DeadLetterLook implements Disposable {
  readonly #scope: Pick<StackScope, 'read'>;
  readonly #count: () => number | undefined;
  readonly #onEnd: (end: LookEnd) => void;
  readonly #control = new AbortController();
  #letters: readonly DeadLetter[] | undefined;
  /** the number of letters that was known when the look began, or that it found */
  #about: number | undefined;
  /** set while the look runs: resolves with its first letters, or at its end */
  #first: Promise<unknown> | undefined;

  /**
   * Prepares a look; it sends no request.
   * @param count returns the number of letters that the poll knows
   * @param onEnd called at the end, unless the look failed before it found letters
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

  /** the letters found so far by reason, the most frequent first; undefined when nothing has been read */
  get groups(): readonly DeadLetterGroup[] | undefined {
    return this.#letters && groupDeadLetters(this.#letters);
  }

  /** @returns true when the look has ended and the number of letters has changed since */
  isOutdatedBy(about: number | undefined): boolean {
    return !this.#first && this.#about !== undefined && about !== this.#about;
  }

  /**
   * Starts the look unless it has started; starts it again when it has failed. Returns when it has found its first letters,
   * or none; the look then continues.
   * @throws DeployError `not-deployed`, AwsError, AbortError
   */
  async firstLetters(signal: AbortSignal): Promise<void> {
    if (this.#letters === undefined) {
      const { promise: some, resolve: onFirst } = Promise.withResolvers<undefined>();
      await (this.#first ??= Promise.race([some, this.#run(onFirst)]));
    }
    signal.throwIfAborted();
  }

  /** Ends the look. It makes the letters that it holds visible again. */
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
      // Letters that are on screen already stay there.
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
