import { DeployError, messageOf } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { CommandId } from '../base/command-ids.ts';
import { messageFor } from '../base/message-for.ts';
import { plainText } from '../base/register-command.ts';
import type { StackOutcome, StackOperation } from './stack-operation.ts';
import type { ScopeContext } from '../watch/scope-context.ts';

/** Longest sentence of a message, in UTF-16 units. AWS's own reasons are shorter. */
const MAX_SENTENCE = 1500;

type Ended = Pick<StackOperation, 'stackName' | 'kind' | 'resultsTable' | 'takesOver'>;

/** Says how an operation ended, with a button for the next step. */
export async function showOutcome(
  ui: Pick<ScopeContext, 'vs' | 'log'>,
  operation: Ended,
  end: StackOutcome,
): Promise<void> {
  const { vs, log } = ui;
  const { t } = vs.l10n;
  log.info(`${operation.stackName}: ${end.outcome}`);
  const setKey = t('Set Ittybit API Key…');
  const copy = t('Copy the Command');
  const show = t('Show Pipeline');
  const resend = t('Send Dead Files Again…');
  const sentence = sentenceOf(ui, operation, end);
  if (sentence === undefined) return;
  const { resultsTable, takesOver } = operation;
  const buttons: Partial<Record<StackOutcome['outcome'], string[]>> = {
    created: [setKey, ...(takesOver ? [resend] : [])],
    deleted: resultsTable ? [copy] : [],
  };
  const choice = await vs.window.showInformationMessage(
    plainText(sentence),
    ...(buttons[end.outcome] ?? [show]),
  );
  if (choice === setKey) {
    await vs.commands.executeCommand('mediaBatch.setApiKey' satisfies CommandId);
    if (takesOver) await offerResend(ui, resend);
  }
  if (choice === resend) await resendFiles(ui);
  if (choice === show) await showEvents(ui);
  if (choice === copy) await vs.env.clipboard.writeText(deleteTable(resultsTable ?? ''));
}

/** With the key, the new stack can go on with what the deleted one has left. */
async function offerResend(ui: Pick<ScopeContext, 'vs'>, resend: string): Promise<void> {
  const { vs } = ui;
  const question = vs.l10n.t(
    'Files that the deleted stack left dead, or waiting for another attempt, can be sent again from their results.',
  );
  if ((await vs.window.showInformationMessage(question, resend)) === resend) await resendFiles(ui);
}

async function resendFiles({ vs }: Pick<ScopeContext, 'vs'>): Promise<void> {
  await vs.commands.executeCommand('mediaBatch.resendFiles' satisfies CommandId);
}

/** Shows why a stack operation failed. Where CloudFormation failed, a button shows its events. */
export async function showStackError(ui: Pick<ScopeContext, 'vs' | 'log'>, error: unknown): Promise<void> {
  const { vs, log } = ui;
  const { t } = vs.l10n;
  log.error(messageOf(error));
  const events = t('Show Events');
  const showLog = t('Show Log');
  const sentence = visibleText(messageFor(vs, error), MAX_SENTENCE);
  const failed = error instanceof DeployError && error.code === 'deploy-failed';
  const continueRollback = t('Continue Update Rollback…');
  // The error has CloudFormation's status only in its message.
  const canContinue = failed && error.message.includes('UPDATE_ROLLBACK_FAILED');
  const choice = await vs.window.showErrorMessage(
    plainText(sentence),
    ...(canContinue ? [continueRollback] : []),
    ...(failed ? [events, showLog] : [showLog]),
  );
  if (choice === continueRollback)
    await vs.commands.executeCommand('mediaBatch.continueRollback' satisfies CommandId);
  if (choice === events) await showEvents(ui);
  if (choice === showLog) log.show();
}

/** Brings the Pipeline view to the front, where the stack's row has the events. */
export async function showEvents({ vs }: Pick<ScopeContext, 'vs'>): Promise<void> {
  await vs.commands.executeCommand('mediaBatch.pipeline.focus');
}

/** @returns undefined where there is nothing to say */
function sentenceOf(
  { vs }: Pick<ScopeContext, 'vs'>,
  { stackName, kind, resultsTable, takesOver }: Ended,
  end: StackOutcome,
): string | undefined {
  const { t } = vs.l10n;
  switch (end.outcome) {
    case 'created':
      if (takesOver) {
        return t(
          'The pipeline "{0}" is deployed and goes on with the results in {1}. Next, give it your Ittybit API key; then send dead files again, and enqueue what was in the queue with "Enqueue the Missing…".',
          stackName,
          visibleText(takesOver),
        );
      }
      return t('The pipeline "{0}" is deployed. Next, give it your Ittybit API key.', stackName);
    case 'updated':
      return kind === 'cancel'
        ? t('The update of "{0}" ended before it could be cancelled.', stackName)
        : t('The pipeline "{0}" is updated.', stackName);
    case 'unchanged':
      return t('The pipeline "{0}" is up to date: there was nothing to change.', stackName);
    case 'rolled-back':
      return t('The stack "{0}" is as it was before the update.', stackName);
    case 'unwatched': {
      const stopped = t(
        'You stopped watching "{0}". AWS continues; the Pipeline view shows its progress.',
        stackName,
      );
      if (!end.paused) return stopped;
      return `${stopped} ${t('Dispatch stays paused: resume it there when the update has ended.')}`;
    }
    case 'deleted': {
      const deleted = t('The pipeline "{0}" is deleted.', stackName);
      if (!resultsTable) return deleted;
      const stays = t(
        'Its results stay in the DynamoDB table {0} until you delete it: {1}',
        visibleText(resultsTable),
        deleteTable(resultsTable),
      );
      return `${deleted} ${stays}`;
    }
    case 'declined':
    case 'replaced':
      return undefined;
  }
}

/** @returns a command for the AWS CLI. A table's name needs no quotes (DynamoDB API, TableName). */
function deleteTable(name: string): string {
  return `aws dynamodb delete-table --table-name ${/^[\w.-]+$/.test(name) ? name : '…'}`;
}
