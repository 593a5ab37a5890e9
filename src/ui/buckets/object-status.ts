import pMap from 'p-map';
import type * as vscode from 'vscode';
import { eachBatch } from '../../app/batch/all-batches.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import type { S3Object } from '../../core/files/bucket-store.ts';
import type { ResultItem, Status } from '../../core/batch/result-item.ts';

/** Queries that run at once: with 16, a page of 200 objects takes about as long as its listing. */
const QUERIES = 16;
/** For so few objects a query each is no more than looking for their batches. */
const FEW = 10;
/** Items in a request for some of a batch. */
const ITEMS_A_REQUEST = 100;

/** The newest result of an object: what its row says, and where the whole is. */
export type ObjectResult = Pick<ResultItem, 'status' | 'batch'>;

type Store = Pick<BatchStore, 'resultsOf' | 'resultsIn' | 'list'>;

/**
 * Reads the newest result of each object, which is the one created last: of all batches that cover the objects, a request
 * for each 100 objects; or with a query for each object where that takes fewer.
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
  const keys = objects.map(({ key }) => key);
  const files = keys.map((key) => ({ bucket, key }));
  const covering = keys.length > FEW ? await batchesOver(table, { bucket, keys }, batches, signal) : [];
  const isCheap = covering.length * Math.ceil(keys.length / ITEMS_A_REQUEST) <= keys.length;
  const reads =
    covering.length > 0 && isCheap
      ? covering.map((batch) => () => batches.resultsIn(table, batch, files, signal))
      : files.map((file) => () => batches.resultsOf(table, file, signal));
  const newest = new Map<string, ObjectResult & Pick<ResultItem, 'created_at'>>();
  const read = async (ask: (typeof reads)[number]): Promise<void> => {
    // A level may have many objects, and an item has a history.
    for (const { key, status, batch, created_at } of await ask()) {
      const known = newest.get(key);
      if (!known || known.created_at < created_at) newest.set(key, { status, batch, created_at });
    }
  };
  await pMap(reads, read, { concurrency: QUERIES, signal });
  return new Map([...newest].map(([key, { status, batch }]) => [key, { status, batch }]));
}

/** @returns the batches that may have one of the keys, the newest first, and that of bare messages, which has no record */
async function batchesOver(
  table: string,
  { bucket, keys }: { readonly bucket: string; readonly keys: readonly string[] },
  batches: Pick<BatchStore, 'list'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const meta of eachBatch(table, batches, signal)) {
    if (meta.bucket === bucket && keys.some((key) => key.startsWith(meta.prefix))) found.add(meta.batch);
  }
  return [...found.add(DEFAULT_BATCH)];
}

/** @returns what an object's row says of a status: the table's own word where that says it all */
export function statusWords(vs: typeof vscode, status: Status | undefined): string | undefined {
  const { t } = vs.l10n;
  if (status === 'waiting') return t('waits for another batch');
  return status === 'covered' ? t('covered by another batch') : status;
}
