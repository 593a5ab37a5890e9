import pMap from 'p-map';
import { AwsError, MediaBatchError } from '../../core/errors.ts';

/** How many files are worked on at once: a read and a transaction each, and for some a message. */
const FILES = 16;

interface EachFile {
  readonly signal: AbortSignal;
  /** called for a file that could not be worked on, such as one with an item that cannot be read */
  readonly onRefused: () => void;
}

/**
 * Works on many files. A file that cannot be read or changed does not stop the others. After a cancel, or a failure of
 * AWS, no other file is begun.
 * @throws AwsError the first failure of AWS
 */
export async function eachFile<File>(
  files: readonly File[],
  work: (file: File) => Promise<void>,
  { signal, onRefused }: EachFile,
): Promise<void> {
  let failure: AwsError | undefined;
  const one = async (file: File): Promise<void> => {
    if (signal.aborted || failure) return;
    try {
      await work(file);
    } catch (error) {
      if (error instanceof AwsError) failure ??= error;
      else if (error instanceof MediaBatchError) onRefused();
      else throw error;
    }
  };
  await pMap(files, one, { concurrency: FILES });
  if (failure) throw failure;
}
