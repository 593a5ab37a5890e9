import type * as vscode from 'vscode';
import type { DeadLetterGroup } from '../../app/batch/dead-letter-groups.ts';
import { messageOf } from '../../core/errors.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import { formatCount } from '../base/format.ts';
import { messageFor } from '../base/message-for.ts';
import { plainText } from '../base/register-command.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { DeadLetterLook, type LookEnd } from './dead-letter-look.ts';
import { groupRow } from './dead-letter-rows.ts';
import type { ViewNode } from '../base/node.ts';
import { NodeTree } from '../base/node-tree.ts';
import { orWelcome } from '../watch/or-welcome.ts';
import type { StackScope } from '../watch/stack-scope.ts';
import { watchWhileVisible } from '../watch/watch-while-visible.ts';

/**
 * The Dead Letters view, grouped by reason. A look receives the messages and makes them visible again, which raises their
 * receive count. The view therefore looks only when it is first shown, when the number has changed, and on Refresh.
 */
export class DeadLettersView implements Disposable {
  readonly tree: NodeTree;
  readonly #ui: Pick<ScopeContext, 'vs' | 'log' | 'connection' | 'scopes'>;
  readonly #view: vscode.TreeView<ViewNode>;
  readonly #lifetime = new Lifetime();
  #look: DeadLetterLook;

  constructor(ui: Pick<ScopeContext, 'vs' | 'log' | 'connection' | 'scopes'>) {
    this.#ui = ui;
    this.#look = this.#newLook();
    this.tree = this.#lifetime.use(new NodeTree(ui, { roots: (signal) => this.#roots(signal) }));
    this.#view = this.#lifetime.use(
      ui.vs.window.createTreeView('mediaBatch.deadLetters', {
        treeDataProvider: this.tree,
        showCollapseAll: true,
      }),
    );
    this.#lifetime.use(ui.scopes.follow((scope, before) => this.#show(scope, before !== undefined)));
  }

  /** Looks into the queue again. */
  refresh(): void {
    this.#look.dispose();
    this.#look = this.#newLook();
    this.tree.refresh();
  }

  /** the letters by reason, the most frequent first; undefined when the present stack's letters have not been read */
  get groups(): readonly DeadLetterGroup[] | undefined {
    return this.#look.groups;
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #show(scope: StackScope, isOther: boolean): Disposable {
    const shown = new Lifetime();
    if (isOther) {
      this.#badge(undefined);
      this.#say('');
      this.refresh();
    }
    shown.use({
      dispose: () => {
        this.#look.dispose();
      },
    });
    shown.use(
      scope.watch.onChange(({ reading }) => {
        if (reading && 'deadLetters' in reading) this.#count(reading.deadLetters);
      }),
    );
    shown.use(
      scope.onNews((news) => {
        if (news === 'redriven') this.refresh();
        else this.tree.refresh();
      }),
    );
    shown.use(watchWhileVisible(this.#view, scope.watch, 'dead-letters'));
    return shown;
  }

  #newLook(): DeadLetterLook {
    const { present } = this.#ui.scopes;
    const count = () => present.watch.last?.deadLetters;
    return new DeadLetterLook(present, count, (end) => {
      this.#ended(end);
    });
  }

  #roots(signal: AbortSignal): Promise<readonly ViewNode[]> {
    return orWelcome(this.#ui, async () => {
      await this.#look.firstLetters(signal);
      const now = Date.now();
      return (this.groups ?? []).map((group) => groupRow(this.#ui.vs, group, now));
    });
  }

  #ended({ about, error }: LookEnd): void {
    const { vs, log } = this.#ui;
    const { t } = vs.l10n;
    const count = (this.groups ?? []).reduce((sum, { letters }) => sum + letters.length, 0);
    if (about === undefined) {
      log.warn(messageOf(error));
      this.#say(t('The list is not complete: {0}', plainText(messageFor(vs, error))));
    } else if (about > count) {
      this.#say(t('Showing {0} of about {1}.', formatCount(vs, count), formatCount(vs, about)));
    } else this.#say('');
    if (count > 0) this.tree.refresh();
  }

  #say(message: string): void {
    if ((this.#view.message ?? '') !== message) this.#view.message = message;
  }

  #badge(about: number | undefined): void {
    const { vs } = this.#ui;
    this.#view.badge = about
      ? { value: about, tooltip: vs.l10n.t('About {0} dead letters', formatCount(vs, about)) }
      : undefined;
  }

  /** Updates the badge at every reading, and the letters only when their number has changed. */
  #count(about: number | undefined): void {
    this.#badge(about);
    if (this.#view.visible && this.#look.isOutdatedBy(about)) this.refresh();
  }
}
