import pMap from 'p-map';
import type * as vscode from 'vscode';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { S3Object } from '../../core/files/bucket-store.ts';
import type { ResultItem, Status } from '../../core/batch/result-item.ts';

/** Queries that run at once: with 16, a page of 200 objects takes about as long as its listing. */
const QUERIES = 16;

/** The newest result of an object: what its row says, and where the whole is. */
export type ObjectResult = Pick<ResultItem, 'status' | 'batch'>;

/**
 * Reads the newest result of each object, with one query for each.
 * @returns each object's newest result by key; objects that were never sent are absent
 * @throws AwsError, the signal's reason
 */
export async function newestResults(
  table: string,
  bucket: string,
  objects: readonly S3Object[],
  batches: Pick<BatchStore, 'resultsOf'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ObjectResult>> {
  const results = new Map<string, ObjectResult>();
  const ask = async ({ key }: S3Object): Promise<void> => {
    const newest = newestOf(await batches.resultsOf(table, { bucket, key }, signal));
    // A level may have many objects, and an item has a history.
    if (newest) results.set(key, { status: newest.status, batch: newest.batch });
  };
  await pMap(objects, ask, { concurrency: QUERIES, signal });
  return results;
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
