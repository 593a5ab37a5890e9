import type { BatchStore } from '../../core/batch/batch-store.ts';

/** How many batches are listed with one query. */
const PAGE = 100;

/**
 * Lists every batch with a record; bare messages have none.
 * @returns their ids, newest first
 * @throws AwsError
 */
export async function allBatches(
  table: string,
  batches: Pick<BatchStore, 'list'>,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let next: string | undefined;
  do {
    const page = await batches.list(table, { limit: PAGE, next }, signal);
    ids.push(...page.items.map(({ batch }) => batch));
    ({ next } = page);
  } while (next !== undefined);
  return ids;
}
