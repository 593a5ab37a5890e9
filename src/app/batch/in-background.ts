import type { Background, BackgroundCaller } from '../../core/background.ts';
import { NoBackground } from '../../core/background.ts';
import { AwsError } from '../../core/errors.ts';

/** What this thread may do better: VS Code sends its calls through the user's proxy and trusts his certificates. */
const HERE_INSTEAD: readonly string[] = ['unreachable', 'untrusted-certificate'];

/** Work for the background. */
export interface Errand extends BackgroundCaller {
  readonly name: string;
  readonly request: unknown;
}

/**
 * @param here the same work in this thread
 * @param again the same, where the background may have done a part of it
 * @returns the result of the background; where there is none, or AWS never answered it, that of this thread
 */
export async function inBackground<Result>(
  background: Background | undefined,
  { name, request, ...caller }: Errand,
  here: () => Promise<Result>,
  again = here,
): Promise<Result> {
  if (!background?.isUsable) return here();
  try {
    // The work of this name has this result.
    return (await background.run(name, request, caller)) as Result;
  } catch (error) {
    if (!mayWorkHere(background, error)) throw error;
    const result = await again();
    background.giveUp();
    return result;
  }
}

function mayWorkHere(background: Background, error: unknown): boolean {
  if (error instanceof NoBackground) return true;
  return error instanceof AwsError && HERE_INSTEAD.includes(error.code) && !background.hasAnswered;
}
