import { isDeepStrictEqual } from 'node:util';
import { answerOrRefusal, type Answer } from './answer.ts';
import { ApiError } from './api-error.ts';
import type { JobBookWriter } from './job-book.ts';

/** Ittybit forgets a key 24 hours after its first use (API reference). */
const idempotencyLifetimeMs = 24 * 60 * 60 * 1000;

/** What Ittybit does with a key where its reference is silent: each reading is possible. */
export interface IdempotencyRules {
  /** A refused create is remembered under its key, and the refusal replayed; or the key is free again. */
  readonly refused: 'replay' | 'forget';
  /** The answer to the same key with another body. */
  readonly mismatchStatus: 400 | 409 | 422;
}

const defaultRules: IdempotencyRules = { refused: 'forget', mismatchStatus: 400 };

interface Remembered {
  readonly body: unknown;
  readonly answer: Answer;
  readonly expiresAt: number;
}

interface Collaborators {
  readonly book: JobBookWriter;
  /** The time in Unix ms. */
  readonly now: () => number;
}

/** The first answers to creates that carried an `Idempotency-Key`. */
export class IdempotencyMemory {
  readonly #remembered = new Map<string, Remembered>();
  readonly #with: Collaborators;
  #rules = defaultRules;

  constructor(rules: Partial<IdempotencyRules>, collaborators: Collaborators) {
    this.#with = collaborators;
    this.setRules(rules);
  }

  /** Changes the rules from the next create on; what is remembered stays. Absent: refusals are forgotten, 400. */
  setRules(rules: Partial<IdempotencyRules>): void {
    this.#rules = { ...defaultRules, ...rules };
  }

  /**
   * The answer to a create: the first one where its key is known, with 200 in place of 201, else that of `create`. It
   * looks, creates and remembers in one synchronous step, so concurrent repeats are safe.
   * @param create answers, or throws an ApiError to refuse
   * @throws ApiError `idempotency_mismatch` when the key was first used with another body
   */
  answer(key: string | undefined, body: unknown, create: () => Answer): Answer {
    const { book, now } = this.#with;
    if (key === undefined) return answerOrRefusal(create);
    const known = this.#remembered.get(key);
    if (known === undefined || known.expiresAt <= now()) {
      const answer = answerOrRefusal(create);
      if (isAccepted(answer) || this.#rules.refused === 'replay') {
        this.#remembered.set(key, { body, answer, expiresAt: now() + idempotencyLifetimeMs });
      }
      return answer;
    }
    if (!isDeepStrictEqual(known.body, body)) {
      book.keyMismatches += 1;
      const { mismatchStatus } = this.#rules;
      throw new ApiError(
        mismatchStatus,
        'idempotency_mismatch',
        'This Idempotency-Key was used with another body.',
      );
    }
    if (isAccepted(known.answer)) book.replays += 1;
    else book.replayedRefusals += 1;
    return isAccepted(known.answer) ? { ...known.answer, status: 200 } : known.answer;
  }
}

function isAccepted({ status }: Answer): boolean {
  return status < 300;
}
