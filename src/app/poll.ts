import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from '../core/errors.ts';

/** Answers that may be missed in a row: with the tries of each call some minutes, as of a laptop that wakes up. */
const MISSES = 60;

/**
 * Asks again and again until there is an answer.
 * @param ask returns undefined for "not yet"
 * @param everyMs pause between two questions, in ms; the first comes at once
 * @returns the first answer
 * @throws what `ask` throws, or the signal's reason
 */
export async function poll<Answer>(
  ask: () => Promise<Answer | undefined>,
  everyMs: number,
  signal?: AbortSignal,
): Promise<Answer> {
  for (;;) {
    signal?.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(everyMs, undefined, { signal });
  }
}

/**
 * Bears with an AWS that is out of reach or asks for patience: what is watched goes on there meanwhile.
 * @param ask only reads, or may be repeated
 * @returns the same, with "not yet" in the place of such an answer
 */
export function patiently<Answer>(ask: () => Promise<Answer | undefined>): () => Promise<Answer | undefined> {
  let missed = 0;
  return async () => {
    try {
      const answer = await ask();
      missed = 0;
      return answer;
    } catch (error) {
      const passes =
        error instanceof AwsError && (error.code === 'unreachable' || error.code === 'throttled');
      missed += 1;
      if (!passes || missed > MISSES) throw error;
      return undefined;
    }
  };
}
