import type * as vscode from 'vscode';
import type { Stack } from '../../core/stack/stack-service.ts';
import { visibleText } from '../../core/visible-text.ts';
import { cancelled } from '../base/ask.ts';
import { plainText } from '../base/register-command.ts';
import { runStackCommand, type StackCommandContext } from './run-stack-command.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { continueRollbackOperation } from './stack-operation.ts';

/** Longest reason that the question shows, in UTF-16 units. */
const MAX_REASON = 1000;

/** "Continue Update Rollback…" of the chosen stack: see `continueRollback`. */
export async function continueRollbackCommand(ui: StackCommandContext): Promise<void> {
  await continueRollback(ui);
}

/**
 * Shows why the rollback failed and asks, then watches the stack until its rollback has ended.
 * @param stackName default: the chosen stack
 * @throws AbortError when the user does not agree, AwsError
 */
export async function continueRollback(ui: StackCommandContext, stackName?: string): Promise<void> {
  await runStackCommand(ui, async (session) => {
    const name = stackName ?? session.stackName;
    const stack = await session.services.stacks.describe(name);
    // Without a failed rollback we do not ask: the operation fails with the reason.
    if (stack?.status === 'UPDATE_ROLLBACK_FAILED') await confirm(ui.vs, session, name, stack);
    return continueRollbackOperation(session, name);
  });
}

async function confirm(
  vs: typeof vscode,
  session: Session,
  stackName: string,
  { reason }: Stack,
): Promise<void> {
  const { t } = vs.l10n;
  const go = t('Continue Rollback');
  const detail = [
    connectionLine(vs, session),
    '',
    t('Fix what made the rollback fail first, or it fails again.'),
    ...(reason === undefined ? [] : ['', plainText(visibleText(reason, MAX_REASON))]),
  ].join('\n');
  const question = t('Continue the rollback of "{0}"?', visibleText(stackName));
  const choice = await vs.window.showWarningMessage(question, { modal: true, detail }, go);
  if (choice !== go) throw cancelled();
}
