import { poll } from '../../src/app/poll.ts';

export interface WaitOptions {
  readonly limitMs: number;
  readonly everyMs?: number;
  /** makes the error for the case that the limit has passed */
  readonly late: () => Error;
}

/**
 * Asks again and again until there is an answer. Every wait of the tests for a condition ends here.
 * @param ask returns undefined for "not yet"; an error that it throws ends the waiting
 * @returns the first answer
 */
export async function waitFor<Answer>(
  ask: () => Promise<Answer | undefined> | Answer | undefined,
  { limitMs, everyMs = 50, late }: WaitOptions,
): Promise<Answer> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await poll(async () => ask(), everyMs, limit);
  } catch (error) {
    const isLate = error === limit.reason || (error instanceof Error && error.cause === limit.reason);
    if (!limit.aborted || !isLate) throw error;
    throw late();
  }
}

/**
 * Waits for a condition, 40 s at most.
 * @param ask returns undefined for "not yet"
 * @throws Error with `what`
 */
export function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined> | Answer | undefined,
): Promise<Answer> {
  const late = (): Error => new Error(`This did not happen within 40 s: ${what}`);
  return waitFor(ask, { limitMs: 40_000, late });
}
