import type * as vscode from 'vscode';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import { runStackCommand, type StackCommandContext } from './run-stack-command.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { cancelUpdateOperation } from './stack-operation.ts';

/**
 * "Cancel Stack Update…": asks, then watches the stack until its rollback has ended.
 * @throws AbortError when the user does not agree, AwsError
 */
export async function cancelStackUpdateCommand(ui: StackCommandContext): Promise<void> {
  await runStackCommand(ui, async (session) => {
    const { stackName, services } = session;
    const stack = await services.stacks.describe(stackName);
    // Without an update to cancel we do not ask: the operation fails with the reason.
    if (stack?.status === 'UPDATE_IN_PROGRESS') await confirm(ui.vs, session);
    return cancelUpdateOperation(session, stackName);
  });
}

async function confirm(vs: typeof vscode, session: Session): Promise<void> {
  const { t } = vs.l10n;
  const rollBack = t('Roll Back the Update');
  const detail = [
    connectionLine(vs, session),
    '',
    t('CloudFormation restores the stack as it was before the update. Queued files and results stay.'),
  ].join('\n');
  const question = t('Cancel the update of "{0}"?', visibleText(session.stackName));
  const choice = await vs.window.showWarningMessage(question, { modal: true, detail }, rollBack);
  if (choice !== rollBack) throw cancelled();
}
