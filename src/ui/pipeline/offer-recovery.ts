import { DeployError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { plainText } from '../base/register-command.ts';
import { runOperation } from './run-operation.ts';
import { showStackError } from './stack-outcome.ts';
import { deleteStackOperation } from './stack-operation.ts';
import type { StackCommandContext } from './run-stack-command.ts';
import { continueRollback } from './continue-rollback.ts';
import { deletePipeline } from './delete-pipeline.ts';

/** Statuses of a stack whose creation failed: it holds no data (CloudFormation User Guide, "Stack status codes"). */
const NEVER_CREATED = /^(ROLLBACK_(COMPLETE|FAILED)|CREATE_FAILED)$/;

/**
 * Offers to roll back or delete a stack that cannot be updated.
 * @returns the stack's name where it can be deployed now, else undefined
 */
export async function offerRecovery(
  ui: StackCommandContext,
  problem: DeployError,
): Promise<string | undefined> {
  const { vs, connection } = ui;
  const { t } = vs.l10n;
  const { stackName } = problem;
  const stack = await connection.use(({ services }) => services.stacks.describe(stackName), { ask: true });
  const status = stack?.status ?? '';
  const again = t('Delete It and Deploy Again');
  const rollBack = t('Continue Update Rollback…');
  const remove = t('Delete Pipeline…');
  const button = NEVER_CREATED.test(status)
    ? again
    : status === 'UPDATE_ROLLBACK_FAILED'
      ? rollBack
      : status === 'DELETE_FAILED'
        ? remove
        : undefined;
  // The stack has been fixed in the meantime, for example in another window.
  if (button === undefined) return stackName;
  const options = { modal: true, detail: plainText(visibleText(problem.message, 1000)) };
  const question = t('The stack "{0}" cannot be updated as it is.', stackName);
  const choice = await vs.window.showWarningMessage(question, options, button);
  if (choice === rollBack) await continueRollback(ui, stackName);
  if (choice === remove) await deletePipeline(ui, stackName);
  return choice === again ? deleted(ui, stackName) : undefined;
}

async function deleted(ui: StackCommandContext, stackName: string): Promise<string | undefined> {
  try {
    return await ui.connection.use(
      async (session) => {
        const stack = await session.services.stacks.describe(stackName);
        // Another window may have deleted and deployed it already: do not delete that stack.
        if (!NEVER_CREATED.test(stack?.status ?? '')) return stackName;
        const operation = deleteStackOperation(session, { stackName, stackId: stack?.id });
        const { outcome } = await runOperation(ui, session, operation);
        return outcome === 'deleted' ? stackName : undefined;
      },
      { ask: true },
    );
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    await showStackError(ui, error);
    return undefined;
  }
}
