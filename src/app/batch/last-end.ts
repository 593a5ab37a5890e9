import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { StatusCounts } from '../../core/batch/batch.ts';
import type { ResultItem, Status } from '../../core/batch/result-item.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';

const ENDS = ['succeeded', 'failed', 'dead', 'covered', 'cancelled'] as const satisfies readonly Status[];

/**
 * Finds when the last file of a batch ended, with one query of one file for each end that has files.
 * @returns epoch ms; undefined where no file has an end with a time
 * @throws AwsError, the signal's reason
 */
export async function lastEnd(
  { batch, counts }: { readonly batch: string; readonly counts: StatusCounts },
  { resultsTable }: Pick<StackOutputs, 'resultsTable'>,
  batches: Pick<BatchStore, 'results'>,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const statuses = ENDS.filter((status) => counts[status] > 0);
  const pages = await Promise.all(
    statuses.map((status) => batches.results(resultsTable, { batch, status }, { limit: 1 }, signal)),
  );
  const times = pages.flatMap(({ items }) => items.map(endOf)).filter((at) => !Number.isNaN(at));
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** A look at an ended file updates it, but is not its end. */
function endOf({ completed_at, history, updated_at }: ResultItem): number {
  return Date.parse(completed_at ?? history?.at(-1)?.at ?? updated_at);
}
