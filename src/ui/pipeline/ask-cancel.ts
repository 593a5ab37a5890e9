import { isAbort, messageOf } from '../../core/errors.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

export type CancelChoice = 'continue' | 'stop' | 'roll-back' | 'delete';

/**
 * Asks what Cancel means while CloudFormation works: AWS continues without us, and only some operations can be undone.
 * @returns `continue` on Escape
 */
export async function askCancel(
  { vs, log }: Pick<ScopeContext, 'vs' | 'log'>,
  session: Session,
  stackName: string,
): Promise<CancelChoice> {
  const { t } = vs.l10n;
  const status = await session.services.stacks.describe(stackName).then(
    (stack) => stack?.status,
    (error: unknown) => {
      if (!isAbort(error)) log.warn(messageOf(error));
      return undefined;
    },
  );
  const stop = t('Stop Watching');
  const rollBack = t('Roll Back the Update');
  const remove = t('Delete the Stack');
  const also = status === 'UPDATE_IN_PROGRESS' ? [rollBack] : status === 'CREATE_IN_PROGRESS' ? [remove] : [];
  const detail = [
    connectionLine(vs, session),
    '',
    t('AWS continues when you stop watching.'),
    ...(also.includes(rollBack) ? [t('A rollback restores the stack as it was before the update.')] : []),
    ...(also.includes(remove) ? [t('Deleting the stack removes what has been created so far.')] : []),
  ].join('\n');
  const choice = await vs.window.showWarningMessage(
    t('Stop watching the stack "{0}"?', stackName),
    { modal: true, detail },
    stop,
    ...also,
  );
  if (choice === rollBack) return 'roll-back';
  if (choice === remove) return 'delete';
  return choice === stop ? 'stop' : 'continue';
}
