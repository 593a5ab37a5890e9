import { DeployError } from '../../core/errors.ts';
import type { Session } from '../connection/session.ts';
import { showOutcome, showStackError } from './stack-outcome.ts';
import { runOperation, type OperationContext } from './run-operation.ts';
import type { StackOutcome, StackOperation } from './stack-operation.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

/** What a command that runs a stack operation needs. */
export type StackCommandContext = OperationContext & Pick<ScopeContext, 'connection'>;

/**
 * Runs a stack operation, from the question to the user to the message about its outcome.
 * @param prepare asks the user and makes the operation
 * @returns undefined where the operation failed; the error has been shown
 * @throws AbortError on Escape, AwsError
 */
export async function runStackCommand(
  ui: StackCommandContext,
  prepare: (session: Session) => Promise<StackOperation> | StackOperation,
): Promise<StackOutcome | undefined> {
  try {
    const { operation, end } = await ui.connection.use(
      async (session) => {
        const operation = await prepare(session);
        return { operation, end: await runOperation(ui, session, operation) };
      },
      { ask: true },
    );
    await showOutcome(ui, operation, end);
    return end;
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    await showStackError(ui, error);
    return undefined;
  }
}
