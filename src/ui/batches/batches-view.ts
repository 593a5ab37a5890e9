import type * as vscode from 'vscode';
import type { WatchState } from '../../app/watch/watch.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { MediaBatchError } from '../../core/errors.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import type { Arrangement } from '../../core/files/file-order.ts';
import { DEFAULT_BATCH } from '../../core/batch/queue-message.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { BatchesContext } from './batches-context.ts';
import { BatchRecords, BATCHES_A_PAGE, type BatchFilter } from './batch-records.ts';
import { batchRow, statusRows, type BatchData } from './batch-rows.ts';
import { listOfFiles } from './list-of-files.ts';
import { nextTryWords } from './next-tries.ts';
import { standstillOf } from './standstill.ts';
import { arrangementWords } from '../base/list-rows.ts';
import { moreRow } from '../base/more-row.ts';
import type { ViewNode } from '../base/node.ts';
import { NodeTree } from '../base/node-tree.ts';
import { silentWords } from '../watch/silent-words.ts';
import type { ListView, Loading } from '../watch/list-commands.ts';
import { orWelcome } from '../watch/or-welcome.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import { watchWhileVisible } from '../watch/watch-while-visible.ts';

/** The rows show ages in minutes, so they are drawn again after one minute. */
const REDRAW_MS = 60_000;

type Context = Pick<BatchesContext, 'vs' | 'log' | 'connection' | 'scopes' | 'enqueues' | 'contextKeys'>;

/** The Batches view: batches, their statuses with counts, their files. Counts come from the shared poll. */
export class BatchesView implements ListView {
  readonly tree: NodeTree;
  readonly #ui: Context;
  readonly #view: vscode.TreeView<ViewNode>;
  readonly #lifetime = new Lifetime();
  #records: BatchRecords;
  #filter: BatchFilter | undefined;
  /** how the lists of files are shown, by the id of their row */
  readonly #arrangements = new Map<string, Arrangement>();
  #drawnAt = 0;
  /** what the rows say besides their counts, as they were last drawn */
  #drawn = '';
  #hasRows = false;

  constructor(ui: Context) {
    this.#ui = ui;
    this.#records = this.#newRecords();
    this.tree = this.#lifetime.use(new NodeTree(ui, { roots: (signal) => this.#roots(signal) }));
    this.#view = this.tree.show('mediaBatch.batches', { showCollapseAll: true });
    this.#lifetime.use(
      this.#view.onDidCollapseElement(({ element }) => {
        if (!element.tokens.includes('list')) return;
        // A list that is opened again is read again; the editor would show what it had.
        this.#records.files.close(element.id);
        this.tree.refresh(element);
      }),
    );
    this.#lifetime.use(ui.scopes.follow((scope, before) => this.#show(scope, before !== undefined)));
    this.#lifetime.use(
      ui.enqueues.onChange(() => {
        this.tree.redraw();
      }),
    );
  }

  /** Reads everything again. Counts from the shared poll stay on screen until the poll reads them again. */
  refresh(): void {
    this.#records.dispose();
    this.#records = this.#newRecords();
    this.tree.refresh();
  }

  /** Reads what is under one row again. */
  reload(node: ViewNode): void {
    this.#records.forgetRow(node.id, (node.data as Partial<BatchData> | undefined)?.batch);
    this.tree.refresh(node);
  }

  /** Shows one more page of the level whose "Load more" row this is. */
  async loadMore(node: ViewNode): Promise<void> {
    const level = this.tree.getParent(node);
    await this.#ui.vs.window.withProgress({ location: { viewId: 'mediaBatch.batches' } }, () =>
      this.#records.more(level?.id),
    );
    this.tree.refresh(level);
  }

  /**
   * Opens the view with a batch selected.
   * @throws MediaBatchError `not-found` where the view does not list the batch
   */
  async reveal(batch: string): Promise<void> {
    const { vs } = this.#ui;
    await vs.commands.executeCommand('mediaBatch.batches.focus');
    const rows = await this.tree.read();
    const row = rows.find(({ data }) => (data as Partial<BatchData> | undefined)?.batch === batch);
    if (!row) {
      const sentence = vs.l10n.t(
        'The Batches view does not list batch {0}: it is filtered, or the batch is further down.',
        visibleText(batch, 100),
      );
      throw new MediaBatchError('not-found', sentence);
    }
    await this.#view.reveal(row, { select: true, focus: true, expand: true });
  }

  /** the rows whose lists of files are open */
  lists(): readonly ViewNode[] {
    return this.#records.files.rows.flatMap((id) => this.tree.find(id) ?? []);
  }

  arrangementOf(list: ViewNode): Arrangement {
    return this.#records.files.arrangement(list.id);
  }

  arrange(list: ViewNode, how: Arrangement): void {
    this.#records.files.arrange(list.id, how);
    this.tree.refresh();
  }

  /** Shows what has come to an open list since it was read; without a row, to all of them. */
  showNew(list?: ViewNode): void {
    for (const node of list ? [list] : this.lists()) {
      this.#records.files.renew(node.id);
      this.tree.refresh(node);
    }
  }

  /** Reads an open list to its end, or to the most that are kept. @throws AwsError; the signal's reason */
  async loadAll(list: ViewNode | undefined, { signal, onRead }: Loading): Promise<void> {
    if (!list) return;
    try {
      await this.#records.files.all(list.id, signal, onRead);
    } finally {
      this.tree.refresh(list);
    }
  }

  get filter(): BatchFilter | undefined {
    return this.#filter;
  }

  /** Shows only some batches; undefined shows all. */
  setFilter(filter: BatchFilter | undefined): void {
    this.#filter = filter;
    this.#records.forgetList();
    this.#ui.contextKeys.set('mediaBatch.batchFilter', filter !== undefined);
    this.tree.refresh();
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #show(scope: StackScope, isOther: boolean): Disposable {
    const shown = new Lifetime();
    if (isOther) {
      this.#arrangements.clear();
      this.refresh();
    }
    shown.use({
      dispose: () => {
        this.#records.dispose();
      },
    });
    shown.use(
      scope.watch.onChange((state) => {
        this.#take(state);
      }),
    );
    shown.use(
      scope.onNews(() => {
        this.tree.refresh();
      }),
    );
    shown.use(watchWhileVisible(this.#view, scope.watch, 'batches'));
    return shown;
  }

  #newRecords(): BatchRecords {
    const { present } = this.#ui.scopes;
    const records = new BatchRecords(present, this.#arrangements);
    const polled = present.watch.last?.batches;
    if (polled) records.take(polled);
    return records;
  }

  /** Says which batches are shown, and how old that is. With no batches there is no message: it would hide the view's welcome content. */
  #say(): void {
    const { vs, scopes } = this.#ui;
    const { t } = vs.l10n;
    const { silentSince } = scopes.present.watch;
    const which = [
      ...(this.#filter?.text ? [t('match "{0}"', visibleText(this.#filter.text))] : []),
      ...(this.#filter?.failed ? [t('have failed or dead files')] : []),
    ];
    const lines = [
      ...(silentSince === undefined ? [] : [`${silentWords(vs, silentSince)}.`]),
      ...(which.length > 0 ? [t('Showing batches that {0}.', which.join(', '))] : []),
    ];
    const message = this.#hasRows ? lines.join(' ') : '';
    // Never undefined: some versions of the editor would keep the old message.
    if ((this.#view.message ?? '') !== message) this.#view.message = message;
  }

  /** Pages that were read are kept: a redraw because of new counts sends no request. */
  #roots(signal: AbortSignal): Promise<readonly ViewNode[]> {
    return orWelcome(this.#ui, async () => {
      const records = this.#records;
      const { items, next } = await records.list(this.#filter);
      signal.throwIfAborted();
      this.#hasRows = items.length > 0;
      this.#say();
      void this.#readMissing(records, items);
      const rows = items.map((meta) => this.#row(meta.batch, meta));
      const bare = this.#filter ? undefined : records.get(DEFAULT_BATCH);
      const hasBare = bare && Object.values(bare.counts).some((count) => count > 0);
      return [
        ...rows,
        ...(next === undefined ? [] : [moreRow(this.#ui.vs, '', BATCHES_A_PAGE)]),
        ...(hasBare ? [this.#row(DEFAULT_BATCH, undefined)] : []),
      ];
    });
  }

  #row(id: string, meta: BatchMeta | undefined): ViewNode {
    const { vs, enqueues, scopes } = this.#ui;
    const records = this.#records;
    const { last } = scopes.present.watch;
    const record = records.get(id);
    const known = {
      id,
      meta,
      record,
      // The list is read once; what stops a batch changes.
      brake: (record?.meta ?? meta)?.brake,
      run: enqueues.get(id)?.progress,
      neverClaimed: last?.neverClaimed?.has(id) ?? false,
      noLetters: last?.deadLetters === 0,
      still: standstillOf(last)?.state,
      filesPerSecond: last?.rates?.get(id),
      endedAt: records.endedAt(id),
    };
    return batchRow(vs, known, async (signal) => {
      const read = await records.record(id, signal);
      const next = await records.tries.of(id, read.counts, signal, this.#warn);
      const lists = {
        nextTry: nextTryWords(vs, next),
        open: records.files.statuses(id),
        arranged: (rowId: string) => arrangementWords(vs, records.files.arrangement(rowId)),
      };
      return statusRows(vs, id, { ...known, ...lists, record: read }, (status, rowId) => (asked) => {
        const list = { batch: id, status, rowId };
        const count = records.get(id)?.counts[status];
        return listOfFiles(vs, records, list, { prefix: meta?.prefix ?? '', count, signal: asked });
      });
    });
  }

  /** Reads the counts and ends that the rows on screen still lack, then draws the rows again. */
  async #readMissing(records: BatchRecords, metas: readonly BatchMeta[]): Promise<void> {
    const isNew = [await records.readMissing(metas, this.#warn), await records.readEnds(metas, this.#warn)];
    if (isNew.includes(true)) this.tree.redraw();
  }

  readonly #warn = (sentence: string): void => {
    this.#ui.log.warn(sentence);
  };

  #take({ reading }: WatchState): void {
    this.#say();
    if (!reading?.batches) return;
    const { changed, unlisted } = this.#records.take(reading.batches);
    if (unlisted && !this.#filter) this.#records.expireList();
    // The ages on screen grow old; drawing them again sends no request.
    const isStale = Date.now() - this.#drawnAt > REDRAW_MS;
    const rates = [...(reading.rates?.entries() ?? [])];
    const drawn = JSON.stringify([standstillOf(reading)?.state, rates, [...(reading.neverClaimed ?? [])]]);
    if (changed || unlisted || isStale || drawn !== this.#drawn) {
      this.#drawnAt = Date.now();
      this.#drawn = drawn;
      this.tree.redraw();
    }
  }
}
