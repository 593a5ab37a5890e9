import type * as vscode from 'vscode';
import pMap from 'p-map';
import type { Disposable } from '../../core/lifetime.ts';
import { Lifetime } from '../../core/lifetime.ts';
import type { BatchMeta, BatchRecord } from '../../core/batch.ts';
import { batchProgress } from '../../app/batch-progress.ts';
import { dispatchOf } from '../../app/pipeline-snapshot.ts';
import type { BatchStore as Store, Page } from '../../core/ports.ts';
import { DEFAULT_BATCH } from '../../core/queue-message.ts';
import type { ResultItem, Status } from '../../core/result-item.ts';
import { visibleText } from '../../core/visible-text.ts';
import { onNewSession } from '../connection/on-new-session.ts';
import { withPipeline } from '../connection/pipeline-of.ts';
import type { UiContext } from '../ui-context.ts';
import { batchNode, fileNode, moreNode, statusNodes, type BatchData } from './batch-rows.ts';
import type { ViewNode } from './node.ts';
import { NodeTree } from './node-tree.ts';
import { orWelcome } from './or-welcome.ts';
import { Pages } from './pages.ts';
import { watchWhileVisible } from './watch-while-visible.ts';

const BATCHES_A_PAGE = 25;
const FILES_A_PAGE = 100;
/** The list of batches; no row has this id. */
const FIRST_LEVEL = '';
/** Counts that are read at once for batches that the shared poll does not cover. */
const READS = 8;
/** Rows say how long ago something was: to the minute. */
const REDRAW_MS = 60_000;

/** Which batches are shown. */
export interface BatchFilter {
  /** part of `bucket/prefix`, in any case; empty: all */
  readonly text: string;
  /** only those with failed files or dead letters */
  readonly failed: boolean;
}

/** The Batches view: batches, their statuses with counts, their files. Counts come from the shared poll. */
export class BatchesView implements Disposable {
  readonly tree: NodeTree;
  readonly #ui: UiContext;
  readonly #view: vscode.TreeView<ViewNode>;
  readonly #lifetime = new Lifetime();
  readonly #records = new Map<string, BatchRecord>();
  readonly #batches: Pages<BatchMeta>;
  /** the files of a status, by the id of its row */
  readonly #files: Pages<ResultItem>;
  /** how many files a row had when its list was read */
  readonly #counts = new Map<string, number>();
  #metas: readonly BatchMeta[] = [];
  #filter: BatchFilter | undefined;
  #drawnAt = 0;

  constructor(ui: UiContext) {
    this.#ui = ui;
    this.#batches = this.#lifetime.use(new Pages<BatchMeta>());
    this.#files = this.#lifetime.use(new Pages<ResultItem>());
    this.tree = this.#lifetime.use(new NodeTree(ui, { roots: (signal) => this.#roots(signal) }));
    this.#view = this.#lifetime.use(
      ui.vs.window.createTreeView('mediaBatch.batches', {
        treeDataProvider: this.tree,
        showCollapseAll: true,
      }),
    );
    this.#lifetime.use(watchWhileVisible(this.#view, ui.watch, 'batches'));
    this.#lifetime.use(
      ui.watch.onChange(({ reading }) => {
        this.#take(reading?.batches);
      }),
    );
    this.#lifetime.use(
      ui.enqueues.onChange(() => {
        this.tree.refresh();
      }),
    );
    this.#lifetime.use(
      onNewSession(ui.connection, () => {
        this.refresh();
      }),
    );
  }

  /** Reads everything anew. */
  refresh(): void {
    this.#batches.forget('');
    // Counts that the shared poll brings stay on screen until it has read them anew.
    const polled = this.#ui.watch.last?.batches;
    for (const id of this.#records.keys()) if (!polled?.has(id)) this.#records.delete(id);
    this.#files.forget('');
    this.tree.refresh();
  }

  /** Reads one row's level anew. */
  reload(node: ViewNode): void {
    const batch = (node.data as Partial<BatchData> | undefined)?.batch;
    if (batch !== undefined) this.#records.delete(batch);
    this.#files.forget(node.id);
    this.tree.refresh(node);
  }

  /** Shows one page more of the level that the row ends. */
  async loadMore(node: ViewNode): Promise<void> {
    const level = this.tree.getParent(node);
    await this.#ui.vs.window.withProgress({ location: { viewId: 'mediaBatch.batches' } }, () =>
      level ? this.#files.more(level.id) : this.#batches.more(FIRST_LEVEL),
    );
    this.tree.refresh(level);
  }

  get filter(): BatchFilter | undefined {
    return this.#filter;
  }

  /** Shows only some batches; undefined shows all. */
  setFilter(filter: BatchFilter | undefined): void {
    this.#filter = filter;
    this.#batches.forget('');
    this.#ui.contextKeys.set('mediaBatch.batchFilter', filter !== undefined);
    this.tree.refresh();
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  /** Which batches are shown. Where none is, the welcome content says it, which a message would keep away. */
  #say(some: boolean): void {
    const { t } = this.#ui.vs.l10n;
    const which = [
      ...(this.#filter?.text ? [t('match "{0}"', visibleText(this.#filter.text))] : []),
      ...(this.#filter?.failed ? [t('have failed or dead files')] : []),
    ];
    const message = some && which.length > 0 ? t('Showing batches that {0}.', which.join(', ')) : '';
    // Not undefined: some versions of the editor keep the old message then.
    if ((this.#view.message ?? '') !== message) this.#view.message = message;
  }

  /** A page of the batches that the filter lets through: as many of AWS's pages as it takes. */
  #page(from: string | undefined, signal: AbortSignal): Promise<Page<BatchMeta>> {
    return this.#withTable(signal, async ({ batches }, table) => {
      const items: BatchMeta[] = [];
      let next = from;
      do {
        const page = await batches.list(table, { limit: BATCHES_A_PAGE, next }, signal);
        const fits = await pMap(page.items, (meta) => this.#isShown(batches, table, meta, signal), {
          concurrency: READS,
        });
        items.push(...page.items.filter((_, index) => fits[index]));
        ({ next } = page);
      } while (next !== undefined && items.length < BATCHES_A_PAGE);
      return { items, next };
    });
  }

  async #isShown(batches: Store, table: string, meta: BatchMeta, signal: AbortSignal): Promise<boolean> {
    const { text = '', failed = false } = this.#filter ?? {};
    if (!`${meta.bucket}/${meta.prefix}`.toLowerCase().includes(text.toLowerCase())) return false;
    if (!failed) return true;
    const record = this.#records.get(meta.batch) ?? (await batches.read(table, meta.batch, signal));
    this.#records.set(meta.batch, record);
    return record.counts.failed + record.counts.dead > 0;
  }

  /** Pages stay as they were read: a redraw because of new counts asks nobody. */
  #roots(signal: AbortSignal): Promise<readonly ViewNode[]> {
    return orWelcome(this.#ui, async () => {
      const { items, next } = await this.#batches.get(FIRST_LEVEL, (from, asked) => this.#page(from, asked));
      signal.throwIfAborted();
      this.#metas = items;
      this.#say(items.length > 0);
      void this.#readMissing(items);
      const rows = items.map((meta) => this.#row(meta.batch, meta));
      const bare = this.#filter ? undefined : this.#records.get(DEFAULT_BATCH);
      const hasBare = bare && Object.values(bare.counts).some((count) => count > 0);
      return [
        ...rows,
        ...(next === undefined ? [] : [moreNode(this.#ui.vs, FIRST_LEVEL, BATCHES_A_PAGE)]),
        ...(hasBare ? [this.#row(DEFAULT_BATCH, undefined)] : []),
      ];
    });
  }

  #row(id: string, meta: BatchMeta | undefined): ViewNode {
    const { vs, enqueues, watch } = this.#ui;
    const known = {
      id,
      meta,
      record: this.#records.get(id),
      run: enqueues.get(id)?.progress,
      filesPerSecond: this.#isPaused() ? undefined : watch.last?.throughput?.filesPerSecond,
    };
    return batchNode(vs, known, async (signal) => {
      const record = await this.#record(id, signal);
      return statusNodes(
        vs,
        id,
        record,
        (status, rowId) => (asked) =>
          this.#fileRows({ batch: id, status, prefix: meta?.prefix ?? '', rowId }, asked),
      );
    });
  }

  /** Nothing moves then, and there is no time left to tell. */
  #isPaused(): boolean {
    const { pipeline } = this.#ui.watch.last ?? {};
    return pipeline !== undefined && /^paus/.test(dispatchOf(pipeline).state);
  }

  async #record(id: string, signal: AbortSignal): Promise<BatchRecord> {
    const known = this.#records.get(id);
    if (known) return known;
    const record = await this.#withTable(signal, ({ batches }, table) => batches.read(table, id, signal));
    this.#records.set(id, record);
    return record;
  }

  async #fileRows(
    { batch, status, prefix, rowId }: { batch: string; status: Status; prefix: string; rowId: string },
    signal: AbortSignal,
  ): Promise<ViewNode[]> {
    const { vs } = this.#ui;
    const count = this.#records.get(batch)?.counts[status] ?? 0;
    // The list is read again only when the status has lost or gained files.
    if (this.#counts.get(rowId) !== count) this.#files.expire(rowId);
    this.#counts.set(rowId, count);
    const { items, next } = await this.#files.get(rowId, (from, asked) =>
      this.#withTable(asked, ({ batches }, table) =>
        batches.results(table, { batch, status }, { limit: FILES_A_PAGE, next: from }, asked),
      ),
    );
    signal.throwIfAborted();
    const rows = items.map((item) => fileNode(vs, item, prefix, rowId));
    return next === undefined ? rows : [...rows, moreNode(vs, rowId, FILES_A_PAGE)];
  }

  #withTable<Result>(
    signal: AbortSignal,
    work: (services: { batches: Store }, table: string) => Promise<Result>,
  ): Promise<Result> {
    return this.#ui.connection.use(
      (session) => withPipeline(session, ({ resultsTable }) => work(session.services, resultsTable)),
      { ask: false, signal },
    );
  }

  /** Counts of older batches, which the shared poll leaves out; the rows are shown meanwhile. */
  async #readMissing(metas: readonly BatchMeta[]): Promise<void> {
    const { signal } = new AbortController();
    const missing = metas.slice(BATCHES_A_PAGE).filter(({ batch }) => !this.#records.has(batch));
    await pMap(missing, ({ batch }) => this.#record(batch, signal), { concurrency: READS }).catch(
      (error: unknown) => {
        this.#ui.log.warn(error instanceof Error ? error.message : String(error));
      },
    );
    if (missing.length > 0) this.tree.refresh();
  }

  #take(batches: ReadonlyMap<string, BatchRecord> | undefined): void {
    if (!batches) return;
    const shown = new Set(this.#metas.map(({ batch }) => batch));
    let changed = false;
    let unknown = false;
    for (const [id, record] of batches) {
      if (!isSame(this.#records.get(id), record)) changed = true;
      // A batch that was made elsewhere, or by an enqueue of this window.
      if (record.meta && !shown.has(id)) unknown = true;
      this.#records.set(id, record);
    }
    if (unknown && !this.#filter) this.#batches.expire(FIRST_LEVEL);
    // Ages are words that go stale; drawing them anew asks nobody.
    const isStale = Date.now() - this.#drawnAt > REDRAW_MS;
    if (changed || unknown || isStale) {
      this.#drawnAt = Date.now();
      this.tree.refresh();
    }
  }
}

function isSame(a: BatchRecord | undefined, b: BatchRecord): boolean {
  if (!a) return false;
  const [before, after] = [batchProgress(a), batchProgress(b)];
  return JSON.stringify(before) === JSON.stringify(after);
}
