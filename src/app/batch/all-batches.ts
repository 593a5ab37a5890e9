import type { BatchStore } from '../../core/batch/batch-store.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';

/** How many batches are listed with one query. */
const PAGE = 100;

/**
 * Lists every batch, and that of bare messages, which has no record unless a user wrote one.
 * @returns their ids, each once: newest first, and that of bare messages without a record last
 * @throws AwsError
 */
export async function allBatches(
  table: string,
  batches: Pick<BatchStore, 'list'>,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const ids = new Set<string>();
  let next: string | undefined;
  do {
    const page = await batches.list(table, { limit: PAGE, next }, signal);
    for (const { batch } of page.items) ids.add(batch);
    ({ next } = page);
  } while (next !== undefined);
  return [...ids.add(DEFAULT_BATCH)];
}
