import type * as vscode from 'vscode';
import { groupDeadLetters } from '../../app/dead-letter-groups.ts';
import { listDeadLetters, type DeadLetter } from '../../app/dead-letters.ts';
import { isAbort } from '../../core/errors.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import { formatCount } from '../format.ts';
import { onNewSession } from '../connection/on-new-session.ts';
import { withPipeline } from '../connection/pipeline-of.ts';
import type { UiContext } from '../ui-context.ts';
import { groupNode } from './dead-letter-rows.ts';
import type { ViewNode } from './node.ts';
import { NodeTree } from './node-tree.ts';
import { orWelcome } from './or-welcome.ts';
import { watchWhileVisible } from './watch-while-visible.ts';

/** Letters that one look shows at most: each costs a receive and a release. */
const MOST = 1000;

/**
 * The Dead Letters view, grouped by reason. A look receives the messages and makes them visible again, which raises
 * their receive count: so it looks when it is first shown, when the number has changed, and when it is asked to.
 */
export class DeadLettersView implements Disposable {
  readonly tree: NodeTree;
  readonly #ui: UiContext;
  readonly #view: vscode.TreeView<ViewNode>;
  readonly #lifetime = new Lifetime();
  #letters: readonly DeadLetter[] | undefined;
  /** the number that was watched when the letters were read */
  #readFor: number | undefined;
  #look: Promise<void> | undefined;
  /** raised by each refresh: what an earlier look still brings is not taken */
  #turn = 0;

  constructor(ui: UiContext) {
    this.#ui = ui;
    this.tree = this.#lifetime.use(new NodeTree(ui, { roots: (signal) => this.#roots(signal) }));
    this.#view = this.#lifetime.use(
      ui.vs.window.createTreeView('mediaBatch.deadLetters', {
        treeDataProvider: this.tree,
        showCollapseAll: true,
      }),
    );
    this.#lifetime.use(watchWhileVisible(this.#view, ui.watch, 'dead-letters'));
    this.#lifetime.use(
      ui.watch.onChange(({ reading }) => {
        if (reading && 'deadLetters' in reading) this.#count(reading.deadLetters);
      }),
    );
    this.#lifetime.use(
      onNewSession(ui.connection, () => {
        this.refresh();
      }),
    );
  }

  /** Looks into the queue anew. */
  refresh(): void {
    this.#turn += 1;
    this.#look = undefined;
    this.#letters = undefined;
    this.tree.refresh();
  }

  /** the reasons as the view shows them now, the most frequent first */
  get groups(): ReturnType<typeof groupDeadLetters> {
    return groupDeadLetters(this.#letters ?? []);
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #roots(signal: AbortSignal): Promise<readonly ViewNode[]> {
    return orWelcome(this.#ui, async () => {
      if (this.#letters === undefined) await this.#firstLetters(signal);
      const now = Date.now();
      return this.groups.map((group) => groupNode(this.#ui.vs, group, now));
    });
  }

  /** @returns as soon as the first letters are there, or it is known that there are none; the look goes on */
  async #firstLetters(signal: AbortSignal): Promise<void> {
    let first: () => void = () => undefined;
    const some = new Promise<void>((resolve) => {
      first = resolve;
    });
    const look = (this.#look ??= this.#readAll(this.#turn, first));
    try {
      await Promise.race([some, look]);
    } finally {
      // A failed look is asked again by Retry.
      if (this.#letters === undefined && this.#look === look) this.#look = undefined;
    }
    signal.throwIfAborted();
  }

  async #readAll(turn: number, onFirst: () => void): Promise<void> {
    const { connection, watch, log, vs } = this.#ui;
    this.#readFor = watch.last?.deadLetters;
    const shown = { some: false };
    const take = (letters: readonly DeadLetter[]): void => {
      if (turn === this.#turn) this.#letters = letters;
    };
    try {
      const list = await connection.use(
        (session) =>
          withPipeline(session, (pipeline) =>
            listDeadLetters(pipeline, session.services.queues, {
              limit: MOST,
              onProgress: ({ letters }) => {
                take(letters);
                if (!shown.some) onFirst();
                shown.some = true;
              },
            }),
          ),
        { ask: false },
      );
      take(list.letters);
      if (turn !== this.#turn) return;
      this.#readFor ??= list.about;
      const more = list.about > list.letters.length;
      this.#view.message = more
        ? vs.l10n.t(
            'Showing {0} of about {1}.',
            formatCount(vs, list.letters.length),
            formatCount(vs, list.about),
          )
        : '';
    } catch (error) {
      // With some letters on screen already, the level keeps them.
      if (!shown.some || isAbort(error) || turn !== this.#turn) throw error;
      log.warn(String(error));
      this.#view.message = vs.l10n.t(
        'The list is not whole: {0}',
        error instanceof Error ? error.message : '',
      );
    }
    this.#look = undefined;
    if (shown.some) this.tree.refresh();
  }

  /** The badge follows every reading; the letters only a number that has changed. */
  #count(about: number | undefined): void {
    const { t } = this.#ui.vs.l10n;
    this.#view.badge = about
      ? { value: about, tooltip: t('About {0} dead letters', formatCount(this.#ui.vs, about)) }
      : undefined;
    if (!this.#view.visible || this.#look || this.#readFor === undefined || about === this.#readFor) return;
    this.#readFor = about;
    this.refresh();
  }
}
