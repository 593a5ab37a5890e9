import { NoBackground, type Background, type BackgroundCaller } from '../../core/background.ts';
import { AwsError, causesOf } from '../../core/errors.ts';
import type { KeyFile } from './key-file.ts';
import { fileAnswer } from './key-file-stream.ts';

/** What this thread may do better: VS Code sends its calls through the user's proxy and trusts his certificates. */
const HERE_INSTEAD: readonly string[] = ['unreachable', 'untrusted-certificate'];

/** Work for the background. */
export interface Errand<Event> extends Omit<BackgroundCaller, 'onEvent'> {
  readonly name: string;
  readonly request: unknown;
  readonly onEvent: ((event: Event) => void) | undefined;
  /** the file whose bytes the work may ask for */
  readonly keyFile: KeyFile | undefined;
}

/**
 * @param here the same work in this thread
 * @param again the same, where the background may have done a part of it
 * @returns the result of the background; where there is none, or AWS never answered it, that of this thread
 */
export async function inBackground<Event, Result>(
  background: Background | undefined,
  { name, request, keyFile, signal, onEvent, answers }: Errand<Event>,
  here: () => Promise<Result>,
  again = here,
): Promise<Result> {
  if (!background?.isUsable) return here();
  // The reading of a file ends with the work, which may end in its middle.
  const control = new AbortController();
  const ended = signal ? AbortSignal.any([signal, control.signal]) : control.signal;
  try {
    const caller = {
      signal,
      onEvent: (event: unknown) => onEvent?.(event as Event),
      answers: { ...fileAnswer(keyFile, ended), ...answers },
    };
    // The work of this name has these events and this result.
    return (await background.run(name, request, caller)) as Result;
  } catch (error) {
    if (!mayWorkHere(background, error)) throw error;
  } finally {
    control.abort();
  }
  const result = await again();
  // Other work may have shown meanwhile that AWS answers there.
  if (!background.hasAnswered) background.giveUp();
  return result;
}

function mayWorkHere(background: Background, error: unknown): boolean {
  if (error instanceof NoBackground) return true;
  // A resume tells as its cause what AWS did.
  const isLost = causesOf(error).some(
    (cause) => cause instanceof AwsError && HERE_INSTEAD.includes(cause.code),
  );
  return isLost && !background.hasAnswered;
}
