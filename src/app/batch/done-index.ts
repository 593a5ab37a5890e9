import pMap from 'p-map';
import type { BatchStore, IndexedWork } from '../../core/batch/batch-store.ts';
import { STATUSES, type Status } from '../../core/batch/result-item.ts';
import { s3Uri } from '../../core/files/s3-location.ts';

/** Items that one query of the index reads: about 1 MB of them (DynamoDB API, Query). */
const PAGE = 1000;
/** Batches whose records, or whose index, are read at once. */
const READS = 8;

type Store = Pick<BatchStore, 'read' | 'works'>;

/** A batch whose results count, and in which statuses. */
export interface IndexedBatch {
  readonly batch: string;
  readonly statuses: readonly Status[];
}

/** One list of the index: a batch's files in one status. */
export interface IndexList {
  readonly batch: string;
  readonly status: Status;
  /** about how many files it has */
  readonly files: number;
}

/** What has to be read of the index, and with how many queries. */
export interface IndexPlan {
  readonly lists: readonly IndexList[];
  readonly queries: number;
}

/** Plans by the batches' counts: one query a batch. `submitting` is not counted, so that list is always read. */
export async function planIndex(
  table: string,
  wanted: readonly IndexedBatch[],
  batches: Store,
  signal: AbortSignal | undefined,
): Promise<IndexPlan> {
  const plan = async ({ batch, statuses }: IndexedBatch): Promise<readonly IndexList[]> => {
    const { counts } = await batches.read(table, batch, signal);
    return STATUSES.filter((status) => statuses.includes(status))
      .map((status) => ({ batch, status, files: counts[status] }))
      .filter(({ status, files }) => files > 0 || status === 'submitting');
  };
  const lists = (await pMap(wanted, plan, { concurrency: READS, ...(signal && { signal }) })).flat();
  return { lists, queries: lists.reduce((sum, { files }) => sum + 1 + Math.ceil(files / PAGE), 0) };
}

/**
 * Reads the planned lists, each from both its ends at once until they meet. A file that changes meanwhile may be missed, as
 * one that is claimed right after a look-up: the claim keeps it from being paid twice.
 * @param take called with each page of a list
 */
export async function readIndex(
  table: string,
  { lists }: IndexPlan,
  batches: Store,
  take: (list: IndexList, works: readonly IndexedWork[]) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const read = async (list: IndexList): Promise<void> => {
    const seen = { newest: new Set<string>(), oldest: new Set<string>() };
    let hasMet = false;
    const walk = async (from: 'newest' | 'oldest', others: ReadonlySet<string>): Promise<void> => {
      const query = { batch: list.batch, status: list.status, from };
      let next: string | undefined;
      do {
        const page = await batches.works(table, query, { limit: PAGE, next }, signal);
        // The batch of bare messages may have the same key in several buckets.
        const files = page.items.map((item) => s3Uri(item));
        for (const file of files) seen[from].add(file);
        take(list, page.items);
        hasMet ||= files.some((file) => others.has(file));
        ({ next } = page);
      } while (next !== undefined && !hasMet);
      hasMet = true;
    };
    const both = list.files > PAGE;
    await Promise.all([walk('newest', seen.oldest), ...(both ? [walk('oldest', seen.newest)] : [])]);
  };
  await pMap(lists, read, { concurrency: READS, ...(signal && { signal }) });
}
