import type { WatchState } from '../../app/watch/watch.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { CommandId } from '../base/command-ids.ts';
import { formatCount } from '../base/format.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import type { Session } from '../connection/session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

type Context = Pick<ScopeContext, 'vs' | 'connection' | 'scopes' | 'memory'>;

/** The pause between two notices of one stack, in ms. */
const PAUSE_MS = 5 * 60_000;

/**
 * Shows a notification when a stack gets dead letters: at most one in five minutes, and none while another one is
 * unanswered. What the user has been told of is in the user's memory, so a second window or a reload does not tell it again.
 * @param now epoch ms
 */
export function noticeDeadLetters(ui: Context, now: () => number = Date.now): Disposable {
  const known = new KnownStacks(ui.memory.global);
  let isOpen = false;
  const tellOnce = async (session: Session, count: number, before: number): Promise<void> => {
    isOpen = true;
    try {
      await tell(ui, known, session, count, before);
    } finally {
      isOpen = false;
    }
  };
  const note = ({ reading }: WatchState): void => {
    const { state } = ui.connection;
    const count = reading?.deadLetters;
    if (count === undefined || state.kind !== 'ready') return;
    const { deadLetters = count, deadLettersToldAt = -Infinity, muted } = known.get(state.session) ?? {};
    if (count <= deadLetters || muted) {
      // Fewer: what comes back after a redrive is new again.
      void known.note(state.session, { deadLetters: count });
      return;
    }
    // A clock that was set back must not keep the next notice away.
    if (isOpen || Math.abs(now() - deadLettersToldAt) < PAUSE_MS) return;
    void known.note(state.session, { deadLetters: count, deadLettersToldAt: now() });
    void tellOnce(state.session, count, deadLetters);
  };
  return ui.scopes.follow(({ watch }) => watch.onChange(note));
}

/** @param before how many of them are not new */
async function tell(
  { vs }: Context,
  known: KnownStacks,
  session: Session,
  count: number,
  before: number,
): Promise<void> {
  const { t } = vs.l10n;
  const { stackName } = session;
  const show = t('Show');
  const mute = t("Don't Show for This Stack");
  const [all, fresh] = [formatCount(vs, count), formatCount(vs, count - before)];
  const text =
    before > 0
      ? count - before === 1
        ? t('The pipeline "{0}" has 1 new dead letter, about {1} in all.', stackName, all)
        : t('The pipeline "{0}" has about {1} new dead letters, about {2} in all.', stackName, fresh, all)
      : count === 1
        ? t('The pipeline "{0}" has a dead letter: a file failed for good.', stackName)
        : t('The pipeline "{0}" has about {1} dead letters.', stackName, all);
  const choice = await vs.window.showWarningMessage(text, show, mute);
  if (choice === show) await vs.commands.executeCommand('mediaBatch.showDeadLetters' satisfies CommandId);
  if (choice === mute) await known.note(session, { muted: true });
}
