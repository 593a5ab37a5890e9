import { inSlices } from '../../app/in-slices.ts';
import type { BatchRecord } from '../../core/batch/batch.ts';
import { withoutHistory, type ResultItem, type Status } from '../../core/batch/result-item.ts';
import { arranged, AS_READ, keyFits, type Arrangement } from '../../core/files/file-order.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { Page, PageRequest } from '../../core/page.ts';
import type { ListNews } from '../base/list-rows.ts';
import { Pages } from '../base/pages.ts';

export const FILES_A_PAGE = 100;
/** Files that "Load All" and a filter ask for at once: to read more from an answer would block the editor. */
const LARGE_PAGE = 500;
/** A filter looks at so many files before it shows what it has found: "Load more" looks on. */
const LOOKS = 5_000;
/** The most files of all open lists together, at about 700 B each; each list has its first page in any case. */
export const MOST_FILES = 20_000;
/** Files with these statuses move on by themselves: as many may be others. */
const PASSING: readonly Status[] = ['submitted', 'processing', 'retrying', 'waiting'];

/** Files of a batch with one status, as a row lists them. */
export interface FileList {
  readonly batch: string;
  readonly status: Status;
  /** id of the row that lists them */
  readonly rowId: string;
}

/** What is shown of a list. */
export interface ShownFiles extends Page<ResultItem> {
  /** how many files were read, those included that are not shown */
  readonly read: number;
  /** what the list does not show yet; undefined where that is nothing */
  readonly news: ListNews | undefined;
  /** files that a filter has looked at */
  readonly looked: number;
  /** true: no more are kept */
  readonly isFull: boolean;
}

/** How the lists read. */
export interface ListReader {
  readonly files: (list: FileList, page: PageRequest, signal: AbortSignal) => Promise<Page<ResultItem>>;
  /** the batch's counts, read now */
  readonly record: (batch: string, signal: AbortSignal) => Promise<BatchRecord>;
}

type Counts = BatchRecord['counts'];

interface OpenList {
  readonly list: FileList;
  /** as they were when the list was read; undefined before that */
  counts: Counts | undefined;
  size: number;
  looked: number;
  pageSize: number;
}

/**
 * The lists of files that are open. A list stands: it is read once, grows on request, and is read again only by `renew`.
 * Closing it frees it.
 */
export class FileLists implements Disposable {
  readonly #reader: ListReader;
  readonly #most: number;
  readonly #pages = new Pages<ResultItem>();
  readonly #open = new Map<string, OpenList>();
  readonly #arrangements: Map<string, Arrangement>;

  /**
   * @param arrangements by the id of the row; they outlive the lists
   * @param most how many files all lists together keep
   */
  constructor(reader: ListReader, arrangements: Map<string, Arrangement>, most: number = MOST_FILES) {
    this.#reader = reader;
    this.#arrangements = arrangements;
    this.#most = most;
  }

  /**
   * @param counts returns the batch's counts by now
   * @returns the list as it was read, arranged; reads its first page where it is not open
   */
  async get(list: FileList, counts: () => Counts | undefined): Promise<ShownFiles> {
    const { rowId } = list;
    const open = this.#open.get(rowId) ?? this.#begin(list);
    const { items, next } = await this.#pages.get(rowId, (from, signal) => this.#page(open, from, signal));
    open.size = items.length;
    return {
      items: await inSlices(arranged(items, this.arrangement(rowId), (item) => item)),
      read: items.length,
      next,
      news: newsOf(open, counts()),
      looked: open.looked,
      isFull: this.#room() <= 0,
    };
  }

  /** @returns the statuses of a batch whose lists are open */
  statuses(batch: string): ReadonlySet<Status> {
    const own = [...this.#open.values()].filter(({ list }) => list.batch === batch);
    return new Set(own.map(({ list }) => list.status));
  }

  /** ids of the rows whose lists are open */
  get rows(): readonly string[] {
    return [...this.#open.keys()];
  }

  arrangement(rowId: string): Arrangement {
    return this.#arrangements.get(rowId) ?? AS_READ;
  }

  /** Another order only arranges what was read; another text reads the list again. */
  arrange(rowId: string, how: Arrangement): void {
    if (how.text !== this.arrangement(rowId).text) this.close(rowId);
    this.#arrangements.set(rowId, how);
  }

  /** Reads one more page of an open list, unless no more are kept. */
  async more(rowId: string): Promise<void> {
    const open = this.#open.get(rowId);
    if (open && this.#room() > 0) await this.#grow(open);
  }

  /**
   * Reads an open list to its end, or to the most that are kept.
   * @param onRead called with how many files have been read of how many
   * @throws the signal's reason; what has been read stays
   */
  async all(
    rowId: string,
    signal: AbortSignal,
    onRead: (read: number, total: number) => void,
  ): Promise<void> {
    const open = this.#open.get(rowId);
    if (!open) return;
    open.pageSize = LARGE_PAGE;
    for (let hasMore = true; hasMore && this.#room() > 0;) {
      signal.throwIfAborted();
      hasMore = await this.#grow(open);
      onRead(open.size, Math.max(open.size, open.counts?.[open.list.status] ?? 0));
    }
  }

  /** Makes the next `get` read as many pages again as the list has now. */
  renew(rowId: string): void {
    const open = this.#open.get(rowId);
    if (open) Object.assign(open, { counts: undefined, size: 0, looked: 0 });
    this.#pages.expire(rowId);
  }

  /** Forgets the list of a row and the lists under it; how they are arranged stays. */
  close(row: string): void {
    for (const id of this.#open.keys()) {
      if (id !== row && !id.startsWith(`${row} `)) continue;
      this.#open.delete(id);
      this.#pages.forget(id);
    }
  }

  dispose(): void {
    this.#pages.dispose();
    this.#open.clear();
  }

  #begin(list: FileList): OpenList {
    const open = { list, counts: undefined, size: 0, looked: 0, pageSize: FILES_A_PAGE };
    this.#open.set(list.rowId, open);
    return open;
  }

  /** how many files more may be kept */
  #room(): number {
    let kept = 0;
    for (const { size } of this.#open.values()) kept += size;
    return this.#most - kept;
  }

  /** @returns true where the list has more */
  async #grow(open: OpenList): Promise<boolean> {
    const { rowId } = open.list;
    await this.#pages.more(rowId);
    const { items, next } = await this.#pages.get(rowId, (from, signal) => this.#page(open, from, signal));
    open.size = items.length;
    return next !== undefined;
  }

  async #page(open: OpenList, from: string | undefined, signal: AbortSignal): Promise<Page<ResultItem>> {
    const { list } = open;
    // The counts come first: what arrives in between is rather told twice than not at all.
    if (from === undefined) open.counts = (await this.#reader.record(list.batch, signal)).counts;
    const { text } = this.arrangement(list.rowId);
    if (text !== '') return this.#fitting(open, from, signal);
    const limit = from === undefined ? open.pageSize : Math.min(open.pageSize, Math.max(1, this.#room()));
    const page = await this.#reader.files(list, { limit, next: from }, signal);
    return { items: page.items.map(withoutHistory), next: page.next };
  }

  /** A page of those whose names fit. */
  async #fitting(open: OpenList, from: string | undefined, signal: AbortSignal): Promise<Page<ResultItem>> {
    const fits = keyFits(this.arrangement(open.list.rowId).text);
    const items: ResultItem[] = [];
    const most = Math.max(FILES_A_PAGE, Math.min(open.pageSize, this.#room()));
    let [next, looked] = [from, 0];
    do {
      const page = await this.#reader.files(open.list, { limit: LARGE_PAGE, next }, signal);
      items.push(...page.items.filter(({ key }) => fits(key)).map(withoutHistory));
      looked += page.items.length;
      ({ next } = page);
    } while (next !== undefined && items.length < most && looked < LOOKS);
    open.looked += looked;
    return { items, next };
  }
}

function newsOf({ list: { status }, counts: then }: OpenList, now: Counts | undefined): ListNews | undefined {
  if (!then || !now) return undefined;
  const more = now[status] - then[status];
  // These only grow: fewer are a poll's older numbers.
  if (status === 'succeeded' || status === 'covered') return more > 0 ? more : undefined;
  if (more !== 0) return more;
  const hasMoved = PASSING.includes(status) && JSON.stringify(then) !== JSON.stringify(now);
  return hasMoved ? 'moved' : undefined;
}
