import type * as vscode from 'vscode';
import { messageOf } from '../../core/errors.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatTime } from '../base/format.ts';
import { messageFor } from '../base/message-for.ts';
import { connectionDescription } from '../connection/session.ts';
import { isOperationOn, type ShownOperation } from '../watch/shown-operation.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import type { ViewNode } from '../base/node.ts';
import { NodeTree } from '../base/node-tree.ts';
import { hasWelcome } from '../watch/or-welcome.ts';
import { withCloudRow } from './cloud-rows.ts';
import { pipelineRows } from './pipeline-rows.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import { silentWords } from '../watch/silent-words.ts';
import { watchWhileVisible } from '../watch/watch-while-visible.ts';

type Context = Pick<ScopeContext, 'vs' | 'log' | 'connection' | 'scopes' | 'operations'>;

/**
 * The Pipeline view shows the last reading of the shared poll. It sends no request itself, and the poll runs only while the
 * view is visible. The last good reading stays on screen when a later one fails.
 */
export class PipelineView implements Disposable {
  readonly tree: NodeTree;
  readonly #ui: Context;
  readonly #view: vscode.TreeView<ViewNode>;
  readonly #lifetime = new Lifetime();
  /** first levels that wait for the next reading */
  readonly #waiting = new Set<() => void>();
  /** the last error of the poll, shown in place of rows; when the tree asks again, the user has pressed Read Again */
  #shownError: unknown;

  constructor(ui: Context) {
    this.#ui = ui;
    this.tree = this.#lifetime.use(new NodeTree(ui, { roots: (signal) => this.#roots(signal) }));
    this.#view = this.tree.show('mediaBatch.pipeline');
    const redraw = (): void => {
      this.#redraw();
    };
    this.#lifetime.use(ui.connection.onChange(redraw));
    this.#lifetime.use(ui.operations.onChange(redraw));
    this.#lifetime.use(ui.scopes.follow((scope, before) => this.#show(scope, before !== undefined)));
    this.#describe();
  }

  /** Only draws again: the Refresh command has the poll read again. */
  refresh(): void {
    this.#redraw();
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #show(scope: StackScope, isOther: boolean): Disposable {
    const shown = new Lifetime();
    const read = (): void => {
      this.#say();
      this.#redraw();
    };
    shown.use(
      scope.watch.onChange(() => {
        // The next failure may be the same object; it is news all the same.
        this.#shownError = undefined;
        read();
      }),
    );
    shown.use(watchWhileVisible(this.#view, scope.watch, 'pipeline'));
    if (isOther) read();
    return shown;
  }

  async #roots(signal: AbortSignal): Promise<readonly ViewNode[]> {
    for (;;) {
      const { vs, connection, scopes } = this.#ui;
      const { watch } = scopes.present;
      const { error, last, silentSince } = watch;
      const { pipeline, throughput, batches, neverClaimed } = last ?? {};
      const operation = this.#operation();
      if (pipeline || operation?.running) {
        const failed = error !== undefined;
        const progress = { throughput, batches, neverClaimed, silentSince };
        const rows = pipelineRows(vs, { pipeline, ...progress, operation, failed, now: Date.now() });
        return pipeline?.outputs
          ? rows.map((row) => withCloudRow(vs, scopes.present, row, pipeline.stackName))
          : rows;
      }
      if (hasWelcome(connection.state)) return [];
      if (error !== undefined && error !== this.#shownError) {
        this.#shownError = error;
        throw error instanceof Error ? error : new Error(messageOf(error));
      }
      const news = this.#news(signal);
      if (error !== undefined) {
        this.#shownError = undefined;
        void watch.refresh();
      }
      await news;
      signal.throwIfAborted();
    }
  }

  /** Resolves when there is something new to show, or when `signal` is aborted. */
  #news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }

  /** Says in the view's message how old the rows are and which parts are missing. */
  #say(): void {
    const { vs, scopes } = this.#ui;
    const { t } = vs.l10n;
    const { error, last, silentSince } = scopes.present.watch;
    const { pipeline } = last ?? {};
    const messages: string[] = [];
    if (pipeline && silentSince !== undefined) {
      const why = error === undefined ? '' : `: ${this.#sentence(error)}`;
      messages.push(silentWords(vs, silentSince) + (why || '.'));
    } else if (pipeline && error !== undefined) {
      const at = formatTime(vs, new Date(pipeline.at));
      messages.push(t('Read {0}; it could not be read again: {1}', at, this.#sentence(error)));
    }
    if (pipeline?.problem !== undefined) {
      messages.push(t('Some parts could not be read: {0}', this.#sentence(pipeline.problem)));
    }
    const message = messages.join(' ');
    // Setting an unchanged message would make the editor draw it again.
    if ((this.#view.message ?? '') !== message) this.#view.message = message;
  }

  #sentence(error: unknown): string {
    return visibleText(messageFor(this.#ui.vs, error));
  }

  #redraw(): void {
    this.#describe();
    // A level that waits draws itself. A refresh would only abort it.
    if (this.#waiting.size > 0) for (const done of [...this.#waiting]) done();
    // Without a reading the user waits for one, with the editor's progress.
    else if (this.#ui.scopes.present.watch.last) this.tree.redraw();
    else this.tree.refresh();
  }

  #describe(): void {
    const { vs, connection } = this.#ui;
    const { state } = connection;
    const { t } = vs.l10n;
    let description = '';
    if (state.kind === 'ready') description = connectionDescription(vs, state.session);
    else if (state.kind === 'connecting') description = t('connecting…');
    else if (state.kind === 'signed-out' && state.profile) {
      description = t('profile {0}', visibleText(state.profile));
    }
    if (this.#view.description !== description) this.#view.description = description;
  }

  /** @returns the operation on the stack that is shown */
  #operation(): ShownOperation | undefined {
    const { operations, connection, scopes } = this.#ui;
    const { state } = connection;
    const stack = state.kind === 'ready' ? state.session : scopes.present.place;
    const { current } = operations;
    return stack && current && isOperationOn(current, stack) ? current : undefined;
  }
}
