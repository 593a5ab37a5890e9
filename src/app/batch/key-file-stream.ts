import { ReadableStream } from 'node:stream/web';
import type { BackgroundCaller, WorkContext } from '../../core/background.ts';
import type { KeyFile } from './key-file.ts';

/**
 * @param signal ends the reading, as the background may end in the middle of it
 * @returns the answer that gives the background the bytes of a file, as often as it asks
 */
export function fileAnswer(
  file: KeyFile | undefined,
  signal: AbortSignal,
): NonNullable<BackgroundCaller['answers']> {
  // A message hands a stream over.
  return file ? { file: () => Promise.resolve(ReadableStream.from(file.read(signal))) } : {};
}

/** @returns the file whose bytes the caller has; undefined where there is none */
export function askedFile(name: string | undefined, { ask }: Pick<WorkContext, 'ask'>): KeyFile | undefined {
  if (name === undefined) return undefined;
  return {
    name,
    async *read() {
      yield* (await ask('file')) as ReadableStream<Uint8Array>;
    },
  };
}
