import type { WatchState } from '../../app/watch/watch.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { DispatchState } from '../../core/stack/dispatch-control.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { CommandId } from '../base/command-ids.ts';
import { plainText } from '../base/register-command.ts';
import { isAboutKey } from '../base/short-reason.ts';
import { whenAndBy } from '../base/when-and-by.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

type Context = Pick<ScopeContext, 'vs' | 'connection' | 'scopes' | 'memory'>;

/**
 * Shows one notification when dispatch has paused itself, for what is wrong for every file. A pause by hand and a wait that
 * ends by itself say nothing. The last pause that was told is in the user's memory, so a second window or a reload does not
 * show it again.
 */
export function noticePauses(ui: Context): Disposable {
  const known = new KnownStacks(ui.memory.global);
  const note = ({ reading }: WatchState): void => {
    const { state } = ui.connection;
    const dispatch = reading?.dispatch;
    if (state.kind !== 'ready' || !dispatch || !hasPausedItself(dispatch)) return;
    const { at: pausedAt = '' } = dispatch;
    const told = Date.parse(known.get(state.session)?.pausedAt ?? '') || -Infinity;
    // An older pause may still be in a window that has not read since.
    if (!(Date.parse(pausedAt) > told)) return;
    void known.note(state.session, { pausedAt });
    void tell(ui, state.session.stackName, dispatch);
  };
  return ui.scopes.follow(({ watch }) => watch.onChange(note));
}

function hasPausedItself({ state, by }: DispatchState): boolean {
  return state === 'paused' && (by === 'consumer' || by === 'reconciler');
}

async function tell({ vs }: Context, stackName: string, dispatch: DispatchState): Promise<void> {
  const { t } = vs.l10n;
  const show = t('Show');
  const setKey = t('Set Ittybit API Key…');
  const { reason = '' } = dispatch;
  const text = t(
    'Dispatch of "{0}" has paused itself ({1}): {2}',
    stackName,
    whenAndBy(vs, dispatch),
    visibleText(reason, 1_000) || t('no reason recorded'),
  );
  const buttons = isAboutKey(reason) ? [show, setKey] : [show];
  const choice = await vs.window.showWarningMessage(plainText(text), ...buttons);
  if (choice === show) await vs.commands.executeCommand('mediaBatch.pipeline.focus');
  if (choice === setKey) await vs.commands.executeCommand('mediaBatch.setApiKey' satisfies CommandId);
}
