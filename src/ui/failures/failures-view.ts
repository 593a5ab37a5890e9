import type * as vscode from 'vscode';
import { failuresIn, type BatchCounts } from '../../app/batch/failed-files.ts';
import type { FailureGroup } from '../../app/batch/failure-groups.ts';
import type { Failure } from '../../app/batch/failures.ts';
import type { Reading } from '../../app/watch/reading.ts';
import { isAbort, messageOf } from '../../core/errors.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import { formatCount } from '../base/format.ts';
import { messageFor } from '../base/message-for.ts';
import { moreRow } from '../base/more-row.ts';
import type { ViewNode } from '../base/node.ts';
import { NodeTree } from '../base/node-tree.ts';
import { plainText } from '../base/register-command.ts';
import { orWelcome } from '../watch/or-welcome.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import { watchWhileVisible } from '../watch/watch-while-visible.ts';
import { FailureLook, FILES_A_LOOK, type LookMemory } from './failure-look.ts';
import { groupRow, ROWS_A_PAGE } from './failure-rows.ts';
import { filesWords } from './failure-words.ts';

/** A look that the poll asks for comes at the earliest so many times later than the last one took. */
const REST = 5;

type Context = Pick<ScopeContext, 'vs' | 'log' | 'connection' | 'scopes' | 'contextKeys'>;

/** The Failures view: dead letters and failed jobs by cause. It looks again when their numbers have changed. */
export class FailuresView implements Disposable {
  readonly tree: NodeTree;
  readonly #ui: Context;
  readonly #view: vscode.TreeView<ViewNode>;
  readonly #lifetime = new Lifetime();
  /** how many rows of a group are shown */
  readonly #shown = new Map<string, number>();
  #look: FailureLook;
  /** takes the place of the look on screen when it has ended */
  #nextLook: FailureLook | undefined;
  #restUntil = 0;

  constructor(ui: Context) {
    this.#ui = ui;
    this.#look = this.#newLook();
    this.tree = this.#lifetime.use(new NodeTree(ui, { roots: (signal) => this.#roots(signal) }));
    this.#view = this.#lifetime.use(
      ui.vs.window.createTreeView('mediaBatch.deadLetters', {
        treeDataProvider: this.tree,
        showCollapseAll: true,
        canSelectMany: true,
      }),
    );
    this.#lifetime.use(ui.scopes.follow((scope, before) => this.#show(scope, before !== undefined)));
  }

  /** Looks again, also at what is remembered. */
  refresh(): void {
    this.#endLooks();
    this.#look = this.#newLook();
    this.tree.refresh();
  }

  /** Shows more rows of a group, or reads more files. */
  async loadMore(node: ViewNode): Promise<void> {
    const level = this.tree.getParent(node);
    if (level) this.#shown.set(level.id, this.#shownOf(level.id) + ROWS_A_PAGE);
    else {
      const look = this.#look;
      await this.#ui.vs.window.withProgress({ location: { viewId: 'mediaBatch.deadLetters' } }, () =>
        look.more(),
      );
    }
    this.tree.refresh(level);
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
   * @returns what has been read, and how many there are in all
   * @throws DeployError `not-deployed`, AwsError, AbortError
   */
  async all(): Promise<{ readonly failures: readonly Failure[]; readonly total: number }> {
    const look = this.#look;
    await look.whole();
    return { failures: look.failures, total: look.total };
  }

  /**
   * Reads on to the last file.
   * @param onRead called with how many have been read of how many
   * @throws as `all`
   */
  async everything(
    signal: AbortSignal,
    onRead: (read: number, total: number) => void,
  ): Promise<readonly Failure[]> {
    const look = this.#look;
    await look.whole();
    while (look.hasMore) {
      signal.throwIfAborted();
      onRead(look.failures.length, look.total);
      await look.more();
    }
    signal.throwIfAborted();
    return look.failures;
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #show(scope: StackScope, isOther: boolean): Disposable {
    const shown = new Lifetime();
    if (isOther) {
      this.#shown.clear();
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
    this.#nextLook?.dispose();
    this.#nextLook = undefined;
  }

  #newLook(before?: LookMemory): FailureLook {
    const { present } = this.#ui.scopes;
    const started = performance.now();
    const look = new FailureLook(
      present,
      () => present.watch.last,
      before,
      () => {
        this.#restUntil = performance.now() + REST * (performance.now() - started);
        if (look === this.#look) this.#redraw();
      },
    );
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
      const rows = (look.groups ?? []).map((group) => groupRow(vs, group, now, (id) => this.#shownOf(id)));
      return look.hasMore ? [...rows, moreRow(vs, '', FILES_A_LOOK)] : rows;
    });
  }

  #shownOf(rowId: string): number {
    return this.#shown.get(rowId) ?? ROWS_A_PAGE;
  }

  #redraw(): void {
    const { vs } = this.#ui;
    const { error, hasMore, total, failures } = this.#look;
    if (error !== undefined) this.#sayIncomplete(error);
    else if (hasMore) {
      const [read, all] = [formatCount(vs, failures.length), formatCount(vs, total)];
      this.#say(vs.l10n.t('Showing the newest {0} of {1}.', read, all));
    } else this.#say('');
    this.#tell(total);
    this.tree.refresh();
  }

  #sayIncomplete(error: unknown): void {
    const { vs, log } = this.#ui;
    log.warn(messageOf(error));
    this.#say(vs.l10n.t('The list is not complete: {0}', plainText(messageFor(vs, error))));
  }

  #say(message: string): void {
    if ((this.#view.message ?? '') !== message) this.#view.message = message;
  }

  /** @param total files that need somebody; undefined where that is not known */
  #tell(total: number | undefined): void {
    const { vs } = this.#ui;
    const { t } = vs.l10n;
    const causes = this.groups?.length ?? 0;
    const words = filesWords(vs, total ?? 0);
    const described =
      causes === 1 ? t('{0}, 1 cause', words) : t('{0}, {1} causes', words, formatCount(vs, causes));
    this.#ui.contextKeys.set('mediaBatch.hasFailures', (total ?? 0) > 0);
    this.#view.description = total && causes > 0 ? described : '';
    this.#view.badge = total ? { value: total, tooltip: t('{0} failed or dead', words) } : undefined;
  }

  /** Updates the numbers at every reading, and the files only when a number has changed. */
  #take(reading: Reading): void {
    const { counts, memory } = this.#look;
    const { failed, dead } = failuresIn(new Map([...counts, ...(reading.batches ?? [])]));
    const unknown = memory?.letters?.unknown.length ?? 0;
    // Before the first look nobody knows which letters the table does not know.
    this.#tell(failed + (memory ? dead + unknown : Math.max(dead, reading.deadLetters ?? 0)));
    const mayLook = this.#view.visible && !this.#nextLook && performance.now() >= this.#restUntil;
    if (mayLook && this.#look.isOutdatedBy(reading)) void this.#lookAgain();
  }
}
