import pMap from 'p-map';
import { batchProgress } from '../../app/batch/batch-progress.ts';
import { lastEnd } from '../../app/batch/last-end.ts';
import type { BatchMeta, BatchRecord } from '../../core/batch/batch.ts';
import { isAbort, messageOf } from '../../core/errors.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { BatchStore } from '../../core/batch/batch-store.ts';
import type { Arrangement } from '../../core/files/file-order.ts';
import type { Page, PageRequest } from '../../core/page.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import { Pages } from '../base/pages.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import { NextTries } from './next-tries.ts';
import { FileLists, type FileList, type ShownFiles } from './file-lists.ts';

export const BATCHES_A_PAGE = 25;
/** Stands for the list of batches; no row has this id. */
const FIRST_LEVEL = '';
/** Of so many of the newest batches it is looked up when they ended. */
const ENDS = 10;
/** How many batches' counts are read at once, for batches that the shared poll does not cover. */
const READS = 8;

/** Which batches are shown. */
export interface BatchFilter {
  /** part of a batch's own name or of `bucket/prefix`, in any case; empty: all */
  readonly text: string;
  /** true: only batches with failed files or dead letters */
  readonly failed: boolean;
}

/**
 * What has been read of one stack's batches: their list, their counts, their files. It is made with the stack's scope and
 * thrown away with it. What has been read is kept, so asking for it again costs no request.
 */
export class BatchRecords implements Disposable {
  readonly #scope: Pick<StackScope, 'read'>;
  readonly #records = new Map<string, BatchRecord>();
  readonly #list = new Pages<BatchMeta>();
  /** the lists of files that are open */
  readonly files: FileLists;
  /** when files that wait for another attempt are sent again */
  readonly tries: NextTries;
  /** when a batch ended, epoch ms, and its counts then; undefined where that could not be found */
  readonly #ends = new Map<string, { readonly counts: string; readonly at: number | undefined }>();
  readonly #control = new AbortController();
  #listed: ReadonlySet<string> = new Set();

  /** @param arrangements how the lists of files are shown, by the id of their row */
  constructor(scope: Pick<StackScope, 'read'>, arrangements = new Map<string, Arrangement>()) {
    this.#scope = scope;
    const reader = {
      files: (list: FileList, page: PageRequest, signal: AbortSignal) =>
        this.#read(
          ({ batches }, table, both) =>
            batches.results(table, { batch: list.batch, status: list.status }, page, both),
          signal,
        ),
      record: (batch: string, signal: AbortSignal) => this.#refreshed(batch, signal),
    };
    this.files = new FileLists(reader, arrangements);
    this.tries = new NextTries(async (batch, signal) => {
      const query = { batch, status: 'retrying', from: 'oldest' } as const;
      const { items } = await this.#read(
        ({ batches }, table, both) => batches.results(table, query, { limit: 1 }, both),
        signal,
      );
      return items[0]?.due_at;
    });
  }

  /** @returns the batch's counts; undefined when they have not been read */
  get(batch: string): BatchRecord | undefined {
    return this.#records.get(batch);
  }

  /** @returns the batches read so far that pass the filter, newest first */
  async list(filter: BatchFilter | undefined): Promise<Page<BatchMeta>> {
    const page = await this.#list.get(FIRST_LEVEL, (from, signal) => this.#page(filter, from, signal));
    this.#listed = new Set(page.items.map(({ batch }) => batch));
    return page;
  }

  /** Forgets the list; call it when the filter changes. */
  forgetList(): void {
    this.#list.forget('');
  }

  /** Reads one more page. @param row the row whose files are wanted; undefined for the list of batches */
  more(row: string | undefined): Promise<void> {
    return row === undefined ? this.#list.more(FIRST_LEVEL) : this.files.more(row);
  }

  /** Forgets what was read for one row. @param batch forgets this batch's counts, too */
  forgetRow(row: string, batch: string | undefined): void {
    if (batch !== undefined) this.#records.delete(batch);
    this.files.close(row);
  }

  async record(batch: string, signal: AbortSignal): Promise<BatchRecord> {
    return this.#records.get(batch) ?? this.#refreshed(batch, signal);
  }

  async #refreshed(batch: string, signal: AbortSignal): Promise<BatchRecord> {
    const record = await this.#read(({ batches }, table, both) => batches.read(table, batch, both), signal);
    this.#records.set(batch, record);
    return record;
  }

  /** @returns an open list as it was read, with what it does not show yet */
  shown(list: FileList): Promise<ShownFiles> {
    return this.files.get(list, () => this.#records.get(list.batch)?.counts);
  }

  /**
   * Reads the counts of older batches, which the shared poll leaves out.
   * @returns true when new counts were read
   */
  async readMissing(metas: readonly BatchMeta[], onFailure: (sentence: string) => void): Promise<boolean> {
    const { signal } = this.#control;
    const missing = metas.slice(BATCHES_A_PAGE).filter(({ batch }) => !this.#records.has(batch));
    try {
      await pMap(missing, ({ batch }) => this.record(batch, signal), { concurrency: READS });
    } catch (error) {
      if (!isAbort(error)) onFailure(messageOf(error));
    }
    return missing.length > 0 && !signal.aborted;
  }

  /** @returns when the last file of a batch ended, epoch ms; undefined where that is not known */
  endedAt(batch: string): number | undefined {
    const known = this.#ends.get(batch);
    return known && known.counts === countsOf(this.#records.get(batch)) ? known.at : undefined;
  }

  /**
   * Reads when the newest of the settled batches ended, once for each end.
   * @returns true when that was found for one
   */
  async readEnds(metas: readonly BatchMeta[], onFailure: (sentence: string) => void): Promise<boolean> {
    const { signal } = this.#control;
    const ended = metas.slice(0, ENDS).flatMap(({ batch, brake }) => {
      const record = this.#records.get(batch);
      const isKnown = this.#ends.get(batch)?.counts === countsOf(record);
      return record && !brake?.cancelled && !isKnown && batchProgress(record).settled
        ? [{ batch, record }]
        : [];
    });
    // At once, so that another drawing does not ask the same.
    for (const { batch, record } of ended) this.#ends.set(batch, { counts: countsOf(record), at: undefined });
    try {
      await pMap(
        ended,
        async ({ batch, record }) => {
          const at = await this.#scope.read(
            (services, pipeline, both) =>
              lastEnd({ batch, counts: record.counts }, pipeline, services.batches, both),
            signal,
          );
          this.#ends.set(batch, { counts: countsOf(record), at });
        },
        { concurrency: READS },
      );
    } catch (error) {
      if (!isAbort(error)) onFailure(messageOf(error));
    }
    return ended.length > 0 && !signal.aborted;
  }

  /**
   * Takes the counts that the shared poll has read.
   * @returns whether any counts have changed, and whether there are batches that the list does not have
   */
  take(batches: ReadonlyMap<string, BatchRecord>): { readonly changed: boolean; readonly unlisted: boolean } {
    let changed = this.#records.has(DEFAULT_BATCH) && !batches.has(DEFAULT_BATCH);
    let unlisted = false;
    if (changed) this.#records.delete(DEFAULT_BATCH);
    for (const [id, record] of batches) {
      if (!isSame(this.#records.get(id), record)) changed = true;
      // Another window made this batch, or an enqueue in this one.
      if (record.meta && !this.#listed.has(id)) unlisted = true;
      this.#records.set(id, record);
    }
    return { changed, unlisted };
  }

  /** The next call of `list` reads all pages again. */
  expireList(): void {
    this.#list.expire(FIRST_LEVEL);
  }

  dispose(): void {
    this.#control.abort();
    this.#list.dispose();
    this.files.dispose();
  }

  /** Reads AWS's pages until enough batches pass the filter for one page of ours. */
  #page(
    filter: BatchFilter | undefined,
    from: string | undefined,
    signal: AbortSignal,
  ): Promise<Page<BatchMeta>> {
    return this.#read(async ({ batches }, table, both) => {
      const items: BatchMeta[] = [];
      let next = from;
      do {
        const page = await batches.list(table, { limit: BATCHES_A_PAGE, next }, both);
        const isShown = async (meta: BatchMeta): Promise<boolean> =>
          fits(filter, meta, () => this.#recordFrom(batches, table, meta.batch, both));
        const shown = await pMap(page.items, isShown, { concurrency: READS });
        items.push(...page.items.filter((_, index) => shown[index]));
        ({ next } = page);
      } while (next !== undefined && items.length < BATCHES_A_PAGE);
      return { items, next };
    }, signal);
  }

  async #recordFrom(
    batches: BatchStore,
    table: string,
    batch: string,
    signal: AbortSignal,
  ): Promise<BatchRecord> {
    const record = this.#records.get(batch) ?? (await batches.read(table, batch, signal));
    this.#records.set(batch, record);
    return record;
  }

  #read<Result>(
    work: (services: { batches: BatchStore }, table: string, signal: AbortSignal) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    return this.#scope.read((services, { resultsTable }, both) => work(services, resultsTable, both), signal);
  }
}

function countsOf(record: BatchRecord | undefined): string {
  return JSON.stringify(record?.counts);
}

async function fits(
  { text = '', failed = false }: Partial<BatchFilter> = {},
  { bucket, prefix, name = '' }: BatchMeta,
  read: () => Promise<BatchRecord>,
): Promise<boolean> {
  if (!`${name} ${bucket}/${prefix}`.toLowerCase().includes(text.toLowerCase())) return false;
  if (!failed) return true;
  const { counts } = await read();
  return counts.failed + counts.dead > 0;
}

function isSame(a: BatchRecord | undefined, b: BatchRecord): boolean {
  if (!a) return false;
  const [before, after] = [a, b].map((record) =>
    JSON.stringify([
      batchProgress(record),
      record.meta?.brake?.hold,
      record.meta?.brake?.cancelled,
      record.meta?.deleting,
    ]),
  );
  return before === after;
}
