import type { DeployError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { plainText } from '../base/register-command.ts';
import { runStackCommand, type StackCommandContext } from './run-stack-command.ts';
import { showEvents } from './stack-outcome.ts';
import { kindOfStatus, watchStackOperation } from './stack-operation.ts';

/** Says that CloudFormation is changing the stack, and offers to watch it. Another window may have started the change. */
export async function offerWatch(
  ui: StackCommandContext,
  { stackName, message }: DeployError,
): Promise<void> {
  const { vs, operations } = ui;
  const watch = vs.l10n.t('Watch It');
  const text = plainText(visibleText(message, 1000));
  if ((await vs.window.showWarningMessage(text, watch)) !== watch) return;
  await showEvents(ui);
  const { current } = operations;
  // This window already watches it.
  if (current?.running && current.stackName === stackName) return;
  await runStackCommand(ui, async (session) => {
    const stack = await session.services.stacks.describe(stackName);
    const kind = kindOfStatus(stack?.status ?? '');
    return watchStackOperation(session, { stackName, stackId: stack?.id, kind });
  });
}
