import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import type { CommandId } from '../base/command-ids.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import type { Session } from '../connection/session.ts';
import type { BatchesContext } from './batches-context.ts';
import { followMoving } from './moving-batches.ts';
import { batchWords, type BatchWords } from './work-words.ts';

type Context = Pick<BatchesContext, 'vs' | 'connection' | 'scopes' | 'memory' | 'enqueues'>;

/**
 * The status bar item of the batches at work: how far they are and how long they take, or why they stand still. While the
 * window has the focus they are looked at, also where no view shows them. Making it sends no request.
 */
export class BatchStatus implements Disposable {
  readonly #ui: Context;
  readonly #known: KnownStacks;
  readonly #lifetime = new Lifetime();
  readonly #item;
  #shown: BatchWords | undefined;

  constructor(ui: Context) {
    const { vs, scopes, connection, memory } = ui;
    this.#ui = ui;
    this.#known = new KnownStacks(memory.global);
    this.#item = this.#lifetime.use(
      // Left of the dead letters, which have no priority.
      vs.window.createStatusBarItem('mediaBatch.progress', vs.StatusBarAlignment.Left, 1),
    );
    this.#item.name = vs.l10n.t('Media Batch: Progress');
    this.#item.command = 'mediaBatch.showProgress' satisfies CommandId;
    const draw = (): void => {
      this.#draw();
    };
    this.#lifetime.use(
      scopes.follow(({ watch }, before) => {
        if (before) draw();
        return watch.onChange(draw);
      }),
    );
    this.#lifetime.use(connection.onChange(draw));
    this.#lifetime.use(followMoving(ui, { note: () => undefined, expected: () => this.#expectsMoving() }));
  }

  /** "Show Progress": opens the Pipeline view; what the item says of a batch that has ended counts as seen. */
  async open(): Promise<void> {
    const { commands } = this.#ui.vs;
    const { end } = this.#shown ?? {};
    const session = this.#session();
    if (end === undefined || !session) {
      await commands.executeCommand('mediaBatch.pipeline.focus');
      return;
    }
    await this.#known.note(session, { seenEnd: end });
    this.#draw();
    await commands.executeCommand('mediaBatch.batches.focus');
  }

  dispose(): void {
    this.#lifetime.dispose();
  }

  #session(): Session | undefined {
    const { state } = this.#ui.connection;
    return state.kind === 'ready' ? state.session : undefined;
  }

  /** A batch was seen at work when a window last looked. */
  #expectsMoving(): boolean {
    const session = this.#session();
    return session !== undefined && this.#known.ids(session, 'moving').length > 0;
  }

  #draw(): void {
    const { vs, scopes } = this.#ui;
    const { t } = vs.l10n;
    const session = this.#session();
    const { last: reading, silentSince } = scopes.present.watch;
    const seenEnd = session && this.#known.get(session)?.seenEnd;
    this.#shown = session && batchWords(vs, { reading, silentSince, seenEnd });
    if (!session || !this.#shown) {
      this.#item.hide();
      return;
    }
    const { icon, text, lines, isWarning } = this.#shown;
    this.#item.text = `$(${icon}) ${text}`;
    this.#item.tooltip = [t('Pipeline "{0}": {1}', session.stackName, text), ...lines].join('\n');
    this.#item.accessibilityInformation = { label: t('Media Batch: {0}', text) };
    this.#item.backgroundColor = isWarning ? new vs.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.show();
  }
}
