import { DeployError } from '../../core/errors.ts';
import type { Session } from '../connection/session.ts';
import { showOutcome, showStackError } from './stack-outcome.ts';
import { runStackWork } from './stack-run.ts';
import type { StackOutcome, StackWork } from './stack-work.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

/**
 * Runs a stack operation from its question to the message about its end.
 * @param prepare asks the user
 * @returns undefined where it failed, which has been shown
 * @throws AbortError on Escape, AwsError
 */
export async function runStackCommand(
  ui: ScopeContext,
  prepare: (session: Session) => Promise<StackWork> | StackWork,
): Promise<StackOutcome | undefined> {
  try {
    const { work, end } = await ui.connection.use(
      async (session) => {
        const work = await prepare(session);
        return { work, end: await runStackWork(ui, session, work) };
      },
      { ask: true },
    );
    await showOutcome(ui, work, end);
    return end;
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    await showStackError(ui, error);
    return undefined;
  }
}
