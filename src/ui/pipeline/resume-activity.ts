import { DeployError, isAbort, messageOf } from '../../core/errors.ts';
import { resumeAfterUpdate } from '../../app/stack/update-pause.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { ConnectionState } from '../connection/connection.ts';
import { plainText } from '../base/register-command.ts';
import { forgetWork, isOfSession, rememberedWork, type RememberedWork } from './remembered-work.ts';
import type { PendingSession, Session } from '../connection/session.ts';
import { showOutcome, showStackError } from './stack-outcome.ts';
import { runStackWork } from './stack-run.ts';
import { watchWork } from './stack-work.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

/** How an operation ended that began longer ago is no news any more, in ms. */
const MAX_AGE = 24 * 3_600_000;

/**
 * Watches the stack operation again that was under way when the window was reloaded or the login expired, as soon as
 * somebody has made the connection and it is to the same stack. It calls nobody by itself.
 */
export function resumeActivity(ui: ScopeContext): Disposable {
  let attached = false;
  const attach = (state: ConnectionState): void => {
    const work = rememberedWork(ui);
    // A running operation of this window has remembered itself.
    if (attached || !work || ui.activity.current?.running || state.kind !== 'ready') return;
    if (!isOfSession(work, state.session)) return;
    if (Date.now() - work.startedAt > MAX_AGE) {
      forgetWork(ui);
      return;
    }
    attached = true;
    void watchAgain(ui, state.session, work).finally(() => {
      attached = false;
    });
  };
  attach(ui.connection.state);
  return ui.connection.onChange(attach);
}

async function watchAgain(ui: ScopeContext, { account }: Session, work: RememberedWork): Promise<void> {
  try {
    const end = await ui.connection.use(
      async (session) => {
        // The settings may have changed in the meantime: whoever connects there next comes by here again.
        if (!isOfSession(work, { ...session, account })) return undefined;
        if (work.phase === 'pausing' && (await endPause(ui, session, work))) return undefined;
        return runStackWork(ui, { ...session, account }, watchWork(session, work));
      },
      { ask: false },
    );
    if (end) await showOutcome(ui, work, end);
  } catch (error) {
    await reportEnd(ui, work, error);
  }
}

/**
 * Ends the pause of an update that the reload came before.
 * @returns false where AWS has begun it after all
 */
async function endPause(
  ui: ScopeContext,
  { services }: PendingSession,
  work: RememberedWork,
): Promise<boolean> {
  const { stackName } = work;
  const stack = await services.stacks.describe(stackName);
  if (stack?.status.endsWith('_IN_PROGRESS')) return false;
  const resumed = await resumeAfterUpdate(stackName, services);
  forgetWork(ui);
  if (!resumed) return true;
  void ui.scopes.present.refresh();
  const { vs, log } = ui;
  log.info(`${stackName}: dispatch is resumed after an interrupted update`);
  const sentence = vs.l10n.t(
    'Dispatch of "{0}" is resumed: it was paused for an update that was interrupted.',
    stackName,
  );
  // Not waited for: the message may stay, and the connection is held meanwhile.
  void vs.window.showInformationMessage(plainText(sentence));
  return true;
}

async function reportEnd(ui: ScopeContext, work: RememberedWork, error: unknown): Promise<void> {
  if (isAbort(error)) return;
  const isGone = error instanceof DeployError && error.code === 'not-deployed';
  if (isGone && work.kind === 'delete') await showOutcome(ui, work, { outcome: 'deleted', kept: [] });
  // What nobody has asked for just now is no reason for a message, unless it is how the operation ended.
  else if (error instanceof DeployError && !isGone) await showStackError(ui, error);
  else ui.log.warn(messageOf(error));
}
