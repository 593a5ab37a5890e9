import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from '../core/errors.ts';

/** Failed polls in a row that we tolerate: several minutes, enough for a laptop that wakes up. */
const MISSES = 60;

/**
 * Repeats a question until there is an answer.
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
 * Tolerates an AWS that is unreachable or throttles calls, because the watched operation continues there.
 * @param ask only reads, or may be repeated
 * @returns the same question, with "not yet" in place of such an error
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
