import pMap from 'p-map';
import type * as vscode from 'vscode';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import type { S3Object } from '../../core/files/bucket-store.ts';
import type { ResultItem, Status } from '../../core/batch/result-item.ts';

/** Queries that run at once: with 16, a page of 200 objects takes about as long as its listing. */
const QUERIES = 16;
/** For so few objects a query each is no more than looking for their batches. */
const FEW = 10;
/** Batches in a page of the list, and items in a request for some of a batch. */
const BATCHES_A_PAGE = 1000;
const ITEMS_A_REQUEST = 100;

/** The newest result of an object: what its row says, and where the whole is. */
export type ObjectResult = Pick<ResultItem, 'status' | 'batch'>;

type Store = Pick<BatchStore, 'resultsOf' | 'resultsIn' | 'list'>;

/**
 * Reads the newest result of each object: from the batches that cover it, the newest first, a request for each 100 objects
 * that are still without one; or with a query for each object where that takes fewer.
 * @returns each object's newest result by key; objects that were never sent are absent
 * @throws AwsError, the signal's reason
 */
export async function newestResults(
  table: string,
  bucket: string,
  objects: readonly S3Object[],
  batches: Store,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ObjectResult>> {
  const results = new Map<string, ObjectResult>();
  let open = objects.map(({ key }) => key);
  const covering = open.length > FEW ? await batchesOver(table, { bucket, keys: open }, batches, signal) : [];
  for (const [i, batch] of covering.entries()) {
    if ((covering.length - i) * Math.ceil(open.length / ITEMS_A_REQUEST) > open.length) break;
    const files = open.map((key) => ({ bucket, key }));
    for (const { key, status } of await batches.resultsIn(table, batch, files, signal)) {
      results.set(key, { status, batch });
    }
    open = open.filter((key) => !results.has(key));
    if (i === covering.length - 1) open = [];
  }
  const ask = async (key: string): Promise<void> => {
    const newest = newestOf(await batches.resultsOf(table, { bucket, key }, signal));
    // A level may have many objects, and an item has a history.
    if (newest) results.set(key, { status: newest.status, batch: newest.batch });
  };
  await pMap(open, ask, { concurrency: QUERIES, signal });
  return results;
}

/** @returns the batches that may have one of the keys, the newest first, and that of bare messages, which has no record */
async function batchesOver(
  table: string,
  { bucket, keys }: { readonly bucket: string; readonly keys: readonly string[] },
  batches: Pick<BatchStore, 'list'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found = new Set<string>();
  let next: string | undefined;
  do {
    const page = await batches.list(table, { limit: BATCHES_A_PAGE, next }, signal);
    for (const meta of page.items) {
      if (meta.bucket === bucket && keys.some((key) => key.startsWith(meta.prefix))) found.add(meta.batch);
    }
    ({ next } = page);
  } while (next !== undefined);
  return [...found.add(DEFAULT_BATCH)];
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
