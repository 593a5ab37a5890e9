import type { DeployError } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import { plainText } from '../register-command.ts';
import { runStackCommand } from '../stack/run-stack-command.ts';
import { showEvents } from '../stack/stack-outcome.ts';
import { kindOfStatus, watchWork } from '../stack/stack-work.ts';
import type { UiContext } from '../ui-context.ts';

/** Says that a stack is at work, which another window may have begun, and offers to watch it here. */
export async function offerWatch(ui: UiContext, { stackName, message }: DeployError): Promise<void> {
  const { vs, activity } = ui;
  const watch = vs.l10n.t('Watch It');
  const text = plainText(visibleText(message, 1000));
  if ((await vs.window.showWarningMessage(text, watch)) !== watch) return;
  await showEvents(ui);
  const { current } = activity;
  // This window watches it already.
  if (current?.running && current.stackName === stackName) return;
  await runStackCommand(ui, async (session) => {
    const stack = await session.services.stacks.describe(stackName);
    const kind = kindOfStatus(stack?.status ?? '');
    return watchWork(session, { stackName, stackId: stack?.id, kind });
  });
}
