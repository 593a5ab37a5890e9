import pMap from 'p-map';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { attempt } from '../attempt.ts';
import { allBatches } from './all-batches.ts';
import { atIttybit, batchProgress, sum } from './batch-progress.ts';

/** How many batches are read at once. */
const READS = 8;

/** The jobs of all batches that may still run. */
export interface JobsAtIttybit {
  /** accepted, and without a result yet */
  readonly atIttybit: number;
  /** files that wait for another attempt: the last one may have brought a job that is not known */
  readonly maybe: number;
  /** batches whose counts could not be read */
  readonly unread: number;
}

/**
 * Counts the jobs that are at Ittybit from the counts of all batches: one query for each batch, and none for a file.
 * @returns undefined where the batches could not be listed
 * @throws an error that every other call would get too: a cancel, a login that is not valid
 */
export async function jobsAtIttybit(
  { resultsTable }: Pick<StackOutputs, 'resultsTable'>,
  batches: Pick<BatchStore, 'list' | 'read'>,
  signal?: AbortSignal,
): Promise<JobsAtIttybit | undefined> {
  const { value: ids } = await attempt(() => allBatches(resultsTable, batches, signal));
  if (!ids) return undefined;
  const records = await pMap(ids, (batch) => attempt(() => batches.read(resultsTable, batch, signal)), {
    concurrency: READS,
  });
  const known = records.flatMap(({ value }) => (value ? [batchProgress(value)] : []));
  return {
    atIttybit: sum(known.map(atIttybit)),
    maybe: sum(known.map(({ counts }) => counts.retrying)),
    unread: records.length - known.length,
  };
}
