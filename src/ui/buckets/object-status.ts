import pMap from 'p-map';
import type * as vscode from 'vscode';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { S3Object } from '../../core/files/bucket-store.ts';
import type { ResultItem, Status } from '../../core/batch/result-item.ts';

/** Queries that run at once: with 16, a page of 200 objects takes about as long as its listing. */
const QUERIES = 16;

/**
 * Reads the newest result of each object, with one query for each.
 * @returns the status of each object's newest result by key; objects that were never sent are absent
 * @throws AwsError, the signal's reason
 */
export async function newestStatuses(
  table: string,
  bucket: string,
  objects: readonly S3Object[],
  batches: Pick<BatchStore, 'resultsOf'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Status>> {
  const statuses = new Map<string, Status>();
  const ask = async ({ key }: S3Object): Promise<void> => {
    const newest = newestOf(await batches.resultsOf(table, { bucket, key }, signal));
    if (newest) statuses.set(key, newest.status);
  };
  await pMap(objects, ask, { concurrency: QUERIES, signal });
  return statuses;
}

function newestOf(results: readonly ResultItem[]): ResultItem | undefined {
  return results.reduce<ResultItem | undefined>(
    (newest, item) => (newest && newest.created_at >= item.created_at ? newest : item),
    undefined,
  );
}

/** @returns what an object's row says of a status: the table's own word where that says it all */
export function statusWords(vs: typeof vscode, status: Status | undefined): string | undefined {
  const { t } = vs.l10n;
  if (status === 'waiting') return t('waits for another batch');
  return status === 'covered' ? t('covered by another batch') : status;
}
