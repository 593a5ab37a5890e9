import { setTimeout as sleep } from 'node:timers/promises';

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
