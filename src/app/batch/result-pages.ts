import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { ResultItem, Status } from '../../core/batch/result-item.ts';

/** Which files of a batch, and how many are read at once. */
export interface ResultList {
  readonly batch: string;
  readonly status: Status;
  /** 1,000 at most */
  readonly limit: number;
}

/**
 * Reads a list of the index to its end, the newest change first. It yields no empty page.
 * @throws AwsError, the signal's reason where it comes during a read
 */
export async function* resultPages(
  { batch, status, limit }: ResultList,
  table: string,
  batches: Pick<BatchStore, 'results'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly ResultItem[], void, undefined> {
  let next: string | undefined;
  do {
    const page = await batches.results(table, { batch, status }, { limit, next }, signal);
    if (page.items.length > 0) yield page.items;
    ({ next } = page);
  } while (next !== undefined);
}
