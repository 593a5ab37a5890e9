import { DeployError, isAbort, messageOf } from '../../core/errors.ts';
import { resumeAfterUpdate } from '../../app/stack/update-pause.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { ConnectionState } from '../connection/connection.ts';
import { plainText } from '../base/register-command.ts';
import {
  forgetOperation,
  isOfSession,
  rememberedOperation,
  type RememberedOperation,
} from './remembered-operation.ts';
import type { PendingSession, Session } from '../connection/session.ts';
import { showOutcome, showStackError } from './stack-outcome.ts';
import type { StackCommandContext } from './run-stack-command.ts';
import { runOperation, type OperationContext } from './run-operation.ts';
import { watchStackOperation } from './stack-operation.ts';

/** Operations that began longer ago are not watched again, in ms. */
const MAX_AGE = 24 * 3_600_000;

/**
 * Watches a stack operation again after a reload of the window or an expired login. It starts when a view or a command has
 * connected to the same stack; it sends no request before that.
 */
export function resumeWatching(ui: StackCommandContext): Disposable {
  let attached = false;
  const attach = (state: ConnectionState): void => {
    const operation = rememberedOperation(ui);
    // A running operation of this window is remembered too, but is already watched.
    if (attached || !operation || ui.operations.current?.running || state.kind !== 'ready') return;
    if (!isOfSession(operation, state.session)) return;
    if (Date.now() - operation.startedAt > MAX_AGE) {
      forgetOperation(ui);
      return;
    }
    attached = true;
    void watchAgain(ui, state.session, operation).finally(() => {
      attached = false;
    });
  };
  attach(ui.connection.state);
  return ui.connection.onChange(attach);
}

async function watchAgain(
  ui: StackCommandContext,
  { account }: Session,
  operation: RememberedOperation,
): Promise<void> {
  try {
    const end = await ui.connection.use(
      async (session) => {
        // The settings may have changed in the meantime. The next connection to that stack calls `attach` again.
        if (!isOfSession(operation, { ...session, account })) return undefined;
        if (operation.phase === 'pausing' && (await endPause(ui, session, operation))) return undefined;
        return runOperation(ui, { ...session, account }, watchStackOperation(session, operation));
      },
      { ask: false },
    );
    if (end) await showOutcome(ui, operation, end);
  } catch (error) {
    await reportEnd(ui, operation, error);
  }
}

/**
 * Resumes dispatch that was paused for an update which AWS had not begun when the window was reloaded.
 * @returns false where AWS has begun the update after all
 */
async function endPause(
  ui: Pick<OperationContext, 'vs' | 'log' | 'memory' | 'scopes'>,
  { services }: PendingSession,
  operation: RememberedOperation,
): Promise<boolean> {
  const { stackName } = operation;
  const stack = await services.stacks.describe(stackName);
  if (stack?.status.endsWith('_IN_PROGRESS')) return false;
  const resumed = await resumeAfterUpdate(stackName, services);
  forgetOperation(ui);
  if (!resumed) return true;
  void ui.scopes.present.refresh();
  const { vs, log } = ui;
  log.info(`${stackName}: dispatch is resumed after an interrupted update`);
  const sentence = vs.l10n.t(
    'Dispatch of "{0}" is resumed: it was paused for an update that was interrupted.',
    stackName,
  );
  // Not awaited: the message may stay open for long, and the connection is in use until we return.
  void vs.window.showInformationMessage(plainText(sentence));
  return true;
}

async function reportEnd(
  ui: Pick<OperationContext, 'vs' | 'log'>,
  operation: RememberedOperation,
  error: unknown,
): Promise<void> {
  if (isAbort(error)) return;
  const isGone = error instanceof DeployError && error.code === 'not-deployed';
  if (isGone && operation.kind === 'delete')
    await showOutcome(ui, operation, { outcome: 'deleted', kept: [] });
  // The user did not ask for this just now, so only the end of the operation is shown; other errors are logged.
  else if (error instanceof DeployError && !isGone) await showStackError(ui, error);
  else ui.log.warn(messageOf(error));
}
