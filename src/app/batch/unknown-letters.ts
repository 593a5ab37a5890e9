import pMap from 'p-map';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { QueueService } from '../../core/batch/queue-service.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { listDeadLetters, type DeadLetter } from './dead-letters.ts';
import { fileId } from './failures.ts';

/** How many letters one look receives at most: each one costs a receive and a release. */
const MOST = 1000;
/** How many items are read at once. */
const READS = 8;

/**
 * Peeks into the dead-letter queue for what the table does not know: messages that cannot be read, and bare ones that nobody
 * has claimed. A file with an item of any status is known; the reconciler removes its letter once it has moved on.
 * @param isKnown says whether a file, by its id, is known without a read
 * @throws AwsError
 */
export async function unknownLetters(
  pipeline: StackOutputs,
  { queues, batches }: { readonly queues: QueueService; readonly batches: Pick<BatchStore, 'result'> },
  isKnown: (id: string) => boolean,
  signal: AbortSignal,
): Promise<readonly DeadLetter[]> {
  const { letters } = await listDeadLetters(pipeline, queues, { limit: MOST, signal });
  const unknown = await pMap(
    letters,
    async ({ file }) =>
      !file || (!isKnown(fileId(file)) && !(await batches.result(pipeline.resultsTable, file, signal))),
    { concurrency: READS },
  );
  return letters.filter((_, index) => unknown[index]);
}
