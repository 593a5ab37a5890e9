import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';

/** How many batches are listed with one query. */
const PAGE = 1000;

type Store = Pick<BatchStore, 'list'>;

/** Lists every batch that has a record, the newest first. @throws AwsError */
export async function* eachBatch(
  table: string,
  batches: Store,
  signal: AbortSignal | undefined,
): AsyncGenerator<BatchMeta> {
  let next: string | undefined;
  do {
    const page = await batches.list(table, { limit: PAGE, next }, signal);
    yield* page.items;
    ({ next } = page);
  } while (next !== undefined);
}

/**
 * Lists every batch, and that of bare messages, which has no record unless a user wrote one.
 * @returns their ids, each once: newest first, and that of bare messages without a record last
 * @throws AwsError
 */
export async function allBatches(
  table: string,
  batches: Store,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const ids = new Set<string>();
  for await (const { batch } of eachBatch(table, batches, signal)) ids.add(batch);
  return [...ids.add(DEFAULT_BATCH)];
}
