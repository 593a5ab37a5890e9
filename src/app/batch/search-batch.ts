import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { ResultItem, Status } from '../../core/batch/result-item.ts';
import { foldLetters } from '../../core/files/letter-forms.ts';
import { countedProgress, sum } from './batch-progress.ts';
import { resultPages } from './result-pages.ts';

/** More matches than anyone reads: the search ends, so that a short text costs no look at the whole batch. */
export const MAX_MATCHES = 500;
/** Items asked for at once. */
const PAGE = 1_000;

/**
 * A file moves from the front of this list to its end, so that one that moves meanwhile is seen twice and not missed.
 * Each has a list of its own in the index, and an empty one costs next to nothing.
 */
const IN_ORDER: readonly Status[] = [
  'submitting',
  'retrying',
  'waiting',
  'submitted',
  'processing',
  'dead',
  'failed',
  'cancelled',
  'covered',
  'succeeded',
];

/** What is looked for. */
export interface BatchSearch {
  readonly batch: string;
  /** of the batch: a match must reach beyond it, as all files have it in common */
  readonly prefix: string;
  /** part of a key, in any case and Unicode form */
  readonly text: string;
}

/** How far a search has come. */
export interface SearchState {
  readonly matches: readonly ResultItem[];
  /** claimed files looked at */
  readonly looked: number;
  /** claimed files of the batch, by its counts; never below `looked` */
  readonly total: number;
  /** files that were sent and no consumer has claimed, which only the queue knows */
  readonly unclaimed: number;
  /** true: these files have left the queue without a job, or will, as their batch is cancelled */
  readonly isCancelled: boolean;
  /** true: there were more matches than are shown */
  readonly isFull: boolean;
}

/**
 * Looks at every claimed file of a batch, a page at a time.
 * @returns the state after each page; the last one is the end
 * @throws AwsError, the signal's reason
 */
export async function* searchBatch(
  search: BatchSearch,
  table: string,
  batches: Pick<BatchStore, 'read' | 'results'>,
  signal?: AbortSignal,
): AsyncGenerator<SearchState, void, undefined> {
  const { batch } = search;
  const record = await batches.read(table, batch, signal);
  const { counts, queued } = countedProgress(record);
  const claimed = sum(Object.values(counts));
  const isCancelled = record.meta?.brake?.cancelled !== undefined;
  const fits = matcher(search);
  const matches = new Map<string, ResultItem>();
  const seen = { looked: 0, submitting: 0 };
  const state = (): SearchState => ({
    matches: [...matches.values()].slice(0, MAX_MATCHES),
    looked: seen.looked,
    total: Math.max(claimed, seen.looked),
    // The counts leave out what is being submitted.
    unclaimed: Math.max(0, queued - seen.submitting),
    isCancelled,
    isFull: matches.size > MAX_MATCHES,
  });
  yield state();
  for (const status of IN_ORDER) {
    for await (const items of resultPages({ batch, status, limit: PAGE }, table, batches, signal)) {
      signal?.throwIfAborted();
      seen.looked += items.length;
      if (status === 'submitting') seen.submitting += items.length;
      for (const item of items) if (fits(item)) matches.set(`${item.bucket}/${item.key}`, item);
      yield state();
      if (matches.size > MAX_MATCHES) return;
    }
  }
}

function matcher({ prefix, text }: BatchSearch): (item: ResultItem) => boolean {
  const sought = foldLetters(text);
  const common = foldLetters(prefix).length;
  return ({ key }) => {
    const folded = foldLetters(key);
    const at = folded.lastIndexOf(sought);
    return at >= 0 && (at + sought.length > common || !key.startsWith(prefix));
  };
}
