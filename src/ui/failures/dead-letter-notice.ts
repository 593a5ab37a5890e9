import type { WatchState } from '../../app/watch/watch.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { CommandId } from '../base/command-ids.ts';
import { formatCount } from '../base/format.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import type { Session } from '../connection/session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

type Context = Pick<ScopeContext, 'vs' | 'connection' | 'scopes' | 'memory'>;

/**
 * Shows one notification when a stack gets its first dead letters. The last number seen is in the user's memory, so a
 * second window or a reload does not show it again.
 */
export function noticeDeadLetters(ui: Context): Disposable {
  const known = new KnownStacks(ui.memory.global);
  const note = ({ reading }: WatchState): void => {
    const { state } = ui.connection;
    const count = reading?.deadLetters;
    if (count === undefined || state.kind !== 'ready') return;
    const { deadLetters, muted } = known.get(state.session) ?? {};
    if (deadLetters === count) return;
    void known.note(state.session, { deadLetters: count });
    if (deadLetters === 0 && count > 0 && !muted) void tell(ui, known, state.session, count);
  };
  return ui.scopes.follow(({ watch }) => watch.onChange(note));
}

async function tell(ui: Context, known: KnownStacks, session: Session, count: number): Promise<void> {
  const { vs } = ui;
  const { t } = vs.l10n;
  const show = t('Show');
  const mute = t("Don't Show for This Stack");
  const text =
    count === 1
      ? t('The pipeline "{0}" has a dead letter: a file failed for good.', session.stackName)
      : t('The pipeline "{0}" has about {1} dead letters.', session.stackName, formatCount(vs, count));
  const choice = await vs.window.showWarningMessage(text, show, mute);
  if (choice === show) await vs.commands.executeCommand('mediaBatch.showDeadLetters' satisfies CommandId);
  if (choice === mute) await known.note(session, { muted: true });
}
