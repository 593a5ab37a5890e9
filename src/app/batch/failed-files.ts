import pMap from 'p-map';
import type { BatchRecord } from '../../core/batch/batch.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import { withoutHistory, type ResultItem } from '../../core/batch/result-item.ts';
import type { Page, PageRequest } from '../../core/page.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { allBatches } from './all-batches.ts';
import { fileId } from './failures.ts';

/** How many lists or batches are read at once. */
const READS = 8;
/** Files of the first page of a list, and of each further one: one query returns at most 1 MB (DynamoDB API, Query). */
const FIRST_PAGE = 100;
const PAGE = 500;

export type BatchCounts = ReadonlyMap<string, BatchRecord>;

/**
 * Reads the counts of all batches: one query for each that is not known, and none for a file.
 * @param known batches whose counts need not be read
 * @throws AwsError
 */
export async function readCounts(
  { resultsTable }: Pick<StackOutputs, 'resultsTable'>,
  batches: Pick<BatchStore, 'list' | 'read'>,
  known: BatchCounts,
  signal: AbortSignal,
): Promise<BatchCounts> {
  const records = await pMap(
    await allBatches(resultsTable, batches, signal),
    async (batch): Promise<[string, BatchRecord]> => [
      batch,
      known.get(batch) ?? (await batches.read(resultsTable, batch, signal)),
    ],
    { concurrency: READS },
  );
  return new Map(records);
}

/** @returns how many files failed at Ittybit, and how many are dead */
export function failuresIn(counts: BatchCounts): { readonly failed: number; readonly dead: number } {
  let [failed, dead] = [0, 0];
  for (const record of counts.values()) {
    failed += record.counts.failed;
    dead += record.counts.dead;
  }
  return { failed, dead };
}

/** A list of the table's index: the files of a batch in one status, newest first. */
interface FailedList {
  readonly batch: string;
  readonly status: 'failed' | 'dead';
}
type ReadPage = (list: FailedList, page: PageRequest) => Promise<Page<ResultItem>>;

interface Source {
  readonly list: FailedList;
  next: string | undefined;
  /** the page read last, and how many of it have been taken */
  ahead: readonly ResultItem[];
  taken: number;
  isBegun: boolean;
}

/** Failed and dead files of all batches, the newest first, as far as they have been read. */
export class FailedFiles {
  readonly #sources: readonly Source[];
  readonly #items = new Map<string, ResultItem>();
  readonly #counted: number;

  /** @param counts of all batches; it reads nothing yet */
  constructor(counts: BatchCounts) {
    const { failed, dead } = failuresIn(counts);
    this.#counted = failed + dead;
    this.#sources = [...counts].flatMap(([batch, record]) =>
      (['failed', 'dead'] as const)
        .filter((status) => record.counts[status] > 0)
        .map((status) => ({ list: { batch, status }, next: undefined, ahead: [], taken: 0, isBegun: false })),
    );
  }

  get items(): readonly ResultItem[] {
    return [...this.#items.values()];
  }

  get size(): number {
    return this.#items.size;
  }

  /** false once all of them have been read */
  get hasMore(): boolean {
    return this.#sources.some((source) => !isEmpty(source) || canRead(source));
  }

  /** how many there are in all, by the counts until all have been read */
  get total(): number {
    return this.hasMore ? Math.max(this.#counted, this.#items.size) : this.#items.size;
  }

  /** Is this file among those that have been read? */
  has(id: string): boolean {
    return this.#items.has(id);
  }

  /**
   * Reads on until there are `most` files, or no more.
   * @param onPage called whenever some have been added
   * @throws what `read` throws; what has been read stays
   */
  async readUpTo(most: number, read: ReadPage, onPage: () => void = () => undefined): Promise<void> {
    while (this.#items.size < most) {
      const empty = this.#sources.filter(mustRead);
      await pMap(empty, (source) => readAhead(source, read), { concurrency: READS });
      if (!this.hasMore) break;
      this.#take(most);
      onPage();
    }
  }

  /** Takes another state of a file that has been read. */
  replace(item: ResultItem): void {
    const id = fileId(item);
    if (this.#items.has(id)) this.#items.set(id, withoutHistory(item));
  }

  /** Takes the newest of all lists in turn, until a list has to be read on. */
  #take(most: number): void {
    if (this.#sources.some(mustRead)) return;
    while (this.#items.size < most) {
      const source = newestOf(this.#sources);
      const item = source?.ahead[source.taken];
      if (!source || !item) return;
      source.taken += 1;
      this.#items.set(fileId(item), withoutHistory(item));
      if (mustRead(source)) return;
    }
  }
}

function isEmpty({ ahead, taken }: Source): boolean {
  return taken >= ahead.length;
}

function mustRead(source: Source): boolean {
  return isEmpty(source) && canRead(source);
}

function canRead({ isBegun, next }: Source): boolean {
  return !isBegun || next !== undefined;
}

async function readAhead(source: Source, read: ReadPage): Promise<void> {
  const limit = source.isBegun ? PAGE : FIRST_PAGE;
  const { items, next } = await read(source.list, { limit, next: source.next });
  Object.assign(source, { ahead: items, taken: 0, next, isBegun: true });
}

function newestOf(sources: readonly Source[]): Source | undefined {
  let newest: Source | undefined;
  let latest = '';
  for (const source of sources) {
    const { updated_at = '' } = source.ahead[source.taken] ?? {};
    if (updated_at > latest) [newest, latest] = [source, updated_at];
  }
  return newest ?? sources.find((source) => !isEmpty(source));
}
