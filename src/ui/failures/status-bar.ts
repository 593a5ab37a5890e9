import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { CommandId } from '../base/command-ids.ts';
import { formatCount } from '../base/format.ts';
import type { LeftOutCount } from './left-out-count.ts';
import { messageFor } from '../base/message-for.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

type Context = Pick<ScopeContext, 'vs' | 'connection' | 'scopes' | 'memory'>;

/**
 * The status bar item with the number of the present stack's dead letters, and of those that are left out. It asks AWS only while the window has the focus,
 * and only about a stack that this user has used before. Making it sends no request.
 */
export class DeadLetterStatus implements Disposable {
  readonly #ui: Context;
  readonly #known: KnownStacks;
  readonly #leftOut: LeftOutCount;
  readonly #lifetime = new Lifetime();
  readonly #item;
  #demand: Disposable | undefined;

  constructor(ui: Context, leftOut: LeftOutCount) {
    const { vs, scopes, connection, memory } = ui;
    this.#ui = ui;
    this.#leftOut = leftOut;
    this.#known = new KnownStacks(memory.global);
    this.#item = this.#lifetime.use(
      vs.window.createStatusBarItem('mediaBatch.deadLetters', vs.StatusBarAlignment.Left),
    );
    this.#item.name = vs.l10n.t('Media Batch: Dead Letters');
    this.#item.command = 'mediaBatch.showDeadLetters' satisfies CommandId;
    const update = (): void => {
      this.#follow();
      this.#draw();
    };
    this.#lifetime.use(
      scopes.follow((scope, before) => {
        const listener = scope.watch.onChange(update);
        if (before) update();
        return {
          dispose: () => {
            listener.dispose();
            this.#release();
          },
        };
      }),
    );
    this.#lifetime.use(connection.onChange(update));
    this.#lifetime.use(leftOut.onChange(update));
    this.#lifetime.use(
      vs.window.onDidChangeWindowState(() => {
        this.#follow();
      }),
    );
    // In a later turn: activation itself sends no request.
    const later = setTimeout(() => {
      this.#follow();
    });
    this.#lifetime.use({
      dispose: () => {
        clearTimeout(later);
      },
    });
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #release(): void {
    this.#demand?.dispose();
    this.#demand = undefined;
  }

  #follow(): void {
    const { vs, scopes } = this.#ui;
    const isWanted = vs.window.state.focused && this.#isWanted();
    if (isWanted) this.#demand ??= scopes.present.watch.demand('dead-letters');
    else this.#release();
  }

  /** Without a connection: whether this user has used any stack, as the chosen one is then probably one of them. */
  #isWanted(): boolean {
    const { state } = this.#ui.connection;
    switch (state.kind) {
      case 'ready':
        return this.#known.get(state.session) !== undefined;
      case 'unknown':
      case 'connecting':
      case 'failed':
        return this.#known.some;
      case 'not-set-up':
      case 'signed-out':
        return false;
    }
  }

  #draw(): void {
    const { vs, scopes, connection } = this.#ui;
    const { t } = vs.l10n;
    const { watch } = scopes.present;
    const count = watch.last?.deadLetters;
    if (count === undefined || connection.state.kind !== 'ready') {
      this.#item.hide();
      return;
    }
    const letters = count === 1 ? t('1 dead letter') : t('{0} dead letters', formatCount(vs, count));
    const { dead: leftOut } = this.#leftOut;
    const words =
      leftOut > 0 && count > 0 ? t('{0}, {1} left out', letters, formatCount(vs, leftOut)) : letters;
    // Those that were left out by hand need nobody.
    const isUrgent = count > leftOut;
    this.#item.text = isUrgent ? `$(warning) ${words}` : `$(mail) ${words}`;
    const { stackName } = connection.state.session;
    const problem = watch.error === undefined ? '' : `\n${visibleText(messageFor(vs, watch.error))}`;
    this.#item.tooltip = t('About {0} in the pipeline "{1}". Click to see why.', words, stackName) + problem;
    this.#item.accessibilityInformation = { label: t('Media Batch: about {0}', words) };
    this.#item.backgroundColor = isUrgent ? new vs.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.show();
  }
}
