import type * as vscode from 'vscode';
import { failuresIn, type BatchCounts } from '../../app/batch/failed-files.ts';
import type { FailureGroup } from '../../app/batch/failure-groups.ts';
import type { Failure } from '../../app/batch/failures.ts';
import { stillLeftOut } from '../../app/batch/sort-failures.ts';
import type { Reading } from '../../app/watch/reading.ts';
import { isAbort, messageOf } from '../../core/errors.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import type { Arrangement } from '../../core/files/file-order.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import { messageFor } from '../base/message-for.ts';
import { allRow, MOST_ROWS, newsRow, type ListNews } from '../base/list-rows.ts';
import { moreRow } from '../base/more-row.ts';
import type { ViewNode } from '../base/node.ts';
import { NodeTree } from '../base/node-tree.ts';
import { plainText } from '../base/register-command.ts';
import type { ListView, Loading } from '../watch/list-commands.ts';
import { orWelcome } from '../watch/or-welcome.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import { watchWhileVisible } from '../watch/watch-while-visible.ts';
import { FailureLook, FILES_A_LOOK, type AllFailures } from './failure-look.ts';
import { FailureLists } from './failure-lists.ts';
import { partWords, tellNumbers } from './failure-numbers.ts';
import { groupRow, groupRowId, ROWS_A_PAGE, type ShownList } from './failure-rows.ts';
import { LeftOutCount } from './left-out-count.ts';
import { LEFT_OUT_ROW, leftOutRow } from './left-out-rows.ts';
import type { LookMemory } from './look-memory.ts';

const VIEW = 'mediaBatch.deadLetters';
/** A look that the poll asks for comes at the earliest so many times later than the last one took. */
const REST = 5;

type Context = Pick<ScopeContext, 'vs' | 'log' | 'connection' | 'scopes' | 'contextKeys'>;

/**
 * The Failures view: dead letters and failed jobs by cause. When their numbers have changed it looks again, or, while a
 * cause is open or selected, says so and waits for "Show New".
 */
export class FailuresView implements ListView {
  readonly tree: NodeTree;
  readonly #ui: Context;
  readonly #view: vscode.TreeView<ViewNode>;
  readonly #lifetime = new Lifetime();
  readonly #lists: FailureLists;
  readonly leftOutCount = new LeftOutCount();
  #news: ListNews | undefined;
  #look: FailureLook;
  /** takes the place of the look on screen when it has ended */
  #nextLook: FailureLook | undefined;
  #restUntil = 0;

  constructor(ui: Context) {
    this.#ui = ui;
    this.#look = this.#newLook();
    this.#lifetime.use(this.leftOutCount);
    this.tree = this.#lifetime.use(new NodeTree(ui, { roots: (signal) => this.#roots(signal) }));
    this.#view = this.tree.show(VIEW, { showCollapseAll: true, canSelectMany: true });
    this.#lists = this.#lifetime.use(new FailureLists(this.#view));
    this.#lifetime.use(ui.scopes.follow((scope, before) => this.#follow(scope, before !== undefined)));
  }

  /** Looks again, also at what is remembered. */
  refresh(): void {
    this.#endLooks();
    this.#look = this.#newLook();
    this.#news = undefined;
    this.tree.refresh();
  }

  /** Shows more rows of a group, or reads more files. */
  async loadMore(node: ViewNode): Promise<void> {
    const level = this.tree.getParent(node);
    if (level) this.#lists.show(level.id, { count: this.#lists.of(level.id).count + ROWS_A_PAGE });
    else {
      const look = this.#look;
      await this.#ui.vs.window.withProgress({ location: { viewId: VIEW } }, () => look.more());
    }
    this.tree.refresh(level);
  }

  /** the rows of the causes, and that of what is left out */
  lists(): readonly ViewNode[] {
    const { groups = [], leftOut } = this.#look;
    const ids = [...groups.map(groupRowId), ...(leftOut.length > 0 ? [LEFT_OUT_ROW] : [])];
    return ids.flatMap((id) => this.tree.find(id) ?? []);
  }

  arrangementOf(list: ViewNode): Arrangement {
    return this.#lists.of(list.id).how;
  }

  arrange(list: ViewNode, how: Arrangement): void {
    this.#lists.show(list.id, { how });
    this.tree.refresh();
  }

  /** Looks again, where the numbers have changed. */
  showNew(): void {
    if (this.#news !== undefined && !this.#nextLook) void this.#lookAgain();
  }

  /**
   * Reads on to the last file or to the most that are kept; of a row, shows as many files as a list has rows.
   * @throws AwsError; the signal's reason. What has been read stays
   */
  async loadAll(list: ViewNode | undefined, { signal, onRead }: Loading): Promise<void> {
    if (list) this.#lists.show(list.id, { count: MOST_ROWS });
    else await this.#look.rest(signal, onRead);
    this.tree.refresh(list);
  }

  /** by cause, the largest group first; undefined when the present stack's failures have not been read */
  get groups(): readonly FailureGroup[] | undefined {
    return this.#look.groups;
  }

  /** the counts of all batches, as far as they have been read */
  get counts(): BatchCounts {
    return this.#look.counts;
  }

  /**
   * Ends the reading that a command needs.
   * @returns what has been read, and how many there are in all; what is left out is beside it
   * @throws DeployError `not-deployed`, AwsError, AbortError
   */
  async all(): Promise<AllFailures> {
    const look = this.#look;
    await look.whole();
    const { failures, leftOut, groups = [], total, isPart } = look;
    return { failures, leftOut, groups, total, isPart };
  }

  /**
   * Reads every failure, those that are left out included. What is shown stays.
   * @param onRead called with how many have been read of how many
   * @throws as `all`
   */
  async everything(signal: AbortSignal, onRead: Loading['onRead']): Promise<readonly Failure[]> {
    const shown = this.#look;
    await shown.whole();
    // A look of its own: it keeps all files, and only for this.
    const look = shown.isPart ? this.#newLook(undefined, Infinity) : shown;
    try {
      await look.rest(signal, onRead);
      return [...look.failures, ...look.leftOut];
    } finally {
      if (look !== shown) look.dispose();
    }
  }

  /** Shows files as a command has left them: left out, or taken in again. */
  async changed(items: readonly ResultItem[]): Promise<void> {
    this.#endNextLook();
    await this.#look.replace(items);
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #follow(scope: StackScope, isOther: boolean): Disposable {
    const shown = new Lifetime();
    if (isOther) {
      this.#lists.clear();
      this.#tell(undefined);
      this.refresh();
    }
    shown.use({
      dispose: () => {
        this.#endLooks();
      },
    });
    shown.use(
      scope.watch.onChange(({ reading }) => {
        if (reading) this.#take(reading);
      }),
    );
    shown.use(
      scope.onNews((news) => {
        if (news === 'redriven') this.refresh();
        else this.tree.refresh();
      }),
    );
    for (const part of ['dead-letters', 'batches'] as const) {
      shown.use(watchWhileVisible(this.#view, scope.watch, part));
    }
    return shown;
  }

  #endLooks(): void {
    this.#look.dispose();
    this.#endNextLook();
  }

  #endNextLook(): void {
    this.#nextLook?.dispose();
    this.#nextLook = undefined;
  }

  #newLook(before?: LookMemory, kept?: number): FailureLook {
    const { present } = this.#ui.scopes;
    const onEnd = (): void => {
      this.#restUntil = performance.now() + REST * look.tookMs;
      if (look === this.#look) this.#redraw();
    };
    const look = new FailureLook(present, () => present.watch.last, before, onEnd, kept);
    return look;
  }

  /** What is on screen stays there until the other look has ended. */
  async #lookAgain(): Promise<void> {
    const next = this.#newLook(this.#look.memory);
    this.#nextLook = next;
    try {
      await next.whole();
      if (this.#nextLook !== next) return;
      this.#look.dispose();
      this.#look = next;
      this.#news = undefined;
      this.#redraw();
    } catch (error) {
      if (!isAbort(error) && this.#nextLook === next) this.#sayIncomplete(error);
    } finally {
      if (this.#nextLook === next) this.#nextLook = undefined;
    }
  }

  #roots(signal: AbortSignal): Promise<readonly ViewNode[]> {
    return orWelcome(this.#ui, async () => {
      const { vs } = this.#ui;
      const look = this.#look;
      await look.first(signal);
      const now = Date.now();
      const shown = (id: string): ShownList => this.#lists.of(id);
      const { groups = [], leftOut, hasMore, total } = look;
      return [
        ...(this.#news === undefined ? [] : [newsRow(vs, '', this.#news)]),
        ...groups.map((group) => groupRow(vs, group, now, shown)),
        ...(leftOut.length > 0 ? [leftOutRow(vs, leftOut, now, () => shown(LEFT_OUT_ROW))] : []),
        ...(hasMore ? [moreRow(vs, '', FILES_A_LOOK), allRow(vs, '', total)] : []),
      ];
    });
  }

  #redraw(): void {
    const { error, total, leftOut } = this.#look;
    if (error !== undefined) this.#sayIncomplete(error);
    else this.#say(partWords(this.#ui.vs, this.#look));
    this.leftOutCount.dead = leftOut.filter(({ kind }) => kind !== 'failed').length;
    this.#tell(total);
    this.tree.redraw();
  }

  #sayIncomplete(error: unknown): void {
    const { vs, log } = this.#ui;
    log.warn(messageOf(error));
    this.#say(vs.l10n.t('The list is not complete: {0}', plainText(messageFor(vs, error))));
  }

  #say(message: string): void {
    if ((this.#view.message ?? '') !== message) this.#view.message = message;
  }

  #tell(total: number | undefined): void {
    tellNumbers(this.#ui, this.#view, total, this.groups?.length ?? 0);
  }

  /** Updates the numbers at every reading, and the files only when a number has changed and nobody works with them. */
  #take(reading: Reading): void {
    const { counts, memory, leftOut } = this.#look;
    const { failed, dead } = failuresIn(new Map([...counts, ...(reading.batches ?? [])]));
    const unknown = memory?.letters?.unknown.length ?? 0;
    const left = stillLeftOut(leftOut, counts, reading.batches ?? new Map());
    this.leftOutCount.dead = left.dead;
    // Before the first look nobody knows which letters the table does not know.
    const all = failed + (memory ? dead + unknown : Math.max(dead, reading.deadLetters ?? 0));
    const total = Math.max(0, all - left.failed - left.dead);
    this.#tell(total);
    if (!this.#view.visible || this.#nextLook || !this.#look.isOutdatedBy(reading)) return;
    const rows = [...(this.groups ?? []).map(groupRowId), LEFT_OUT_ROW];
    if (this.#lists.isInUse(rows)) this.#tellNews(total - this.#look.total);
    else if (this.#look.total === 0 || performance.now() >= this.#restUntil) void this.#lookAgain();
  }

  #tellNews(more: number): void {
    const news = more === 0 ? 'moved' : more;
    if (news === this.#news) return;
    this.#news = news;
    this.tree.redraw();
  }
}
