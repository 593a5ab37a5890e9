import type * as vscode from 'vscode';
import { deployPipeline, type DeployRequest, type DeployResult } from '../../app/deploy-pipeline.ts';
import { isAbort } from '../../core/errors.ts';
import type { StackEvent } from '../../core/ports.ts';
import type { CommandId } from '../command-ids.ts';
import { reviewChanges } from '../change-set-review.ts';
import { withSession, type Session } from '../session.ts';
import { rememberSetting } from '../settings.ts';
import type { UiContext } from '../ui-context.ts';
import { askDeployInputs } from './deploy-inputs.ts';

/**
 * "Deploy Pipeline…": asks, shows the change set, deploys with progress and says how it ended.
 * @throws DeployError with the first real cause; AwsError; AbortError when the user cancels before the deployment began
 */
export async function deployPipelineCommand(ui: UiContext): Promise<void> {
  const { vs, log, extensionUri } = ui;
  const { stackName, outcome } = await withSession(ui, async (session) => {
    const inputs = await askDeployInputs(vs, session);
    const template = await vs.workspace.fs.readFile(vs.Uri.joinPath(extensionUri, 'dist', 'pipeline.yaml'));
    const request = { ...inputs, templateBody: new TextDecoder().decode(template) };
    const outcome = await deployWithProgress(ui, session, request);
    if (outcome !== 'declined' && inputs.stackName !== session.stackName)
      await rememberSetting(vs, 'stackName', inputs.stackName);
    return { stackName: inputs.stackName, outcome };
  });
  log.info(`${stackName}: ${outcome}`);
  if (outcome !== 'declined') await showOutcome(ui, stackName, outcome);
}

type Outcome = DeployResult['outcome'] | 'unwatched';

async function deployWithProgress(ui: UiContext, session: Session, request: DeployRequest): Promise<Outcome> {
  const { vs, log } = ui;
  const { stackName } = request;
  const { t } = vs.l10n;
  const work = async (
    progress: vscode.Progress<{ message?: string }>,
    token: vscode.CancellationToken,
  ): Promise<Outcome> => {
    const controller = new AbortController();
    const listener = token.onCancellationRequested(() => {
      controller.abort();
    });
    const execution = { begun: false };
    progress.report({ message: t('preparing the change set') });
    try {
      const { outcome } = await deployPipeline(request, session.services.stacks, {
        signal: controller.signal,
        review: (changes, create) => reviewChanges(vs, session, stackName, changes, create),
        onExecute: () => {
          execution.begun = true;
        },
        onEvent: (event) => {
          progress.report({ message: `${event.logicalId}: ${event.status}` });
          logEvent(log, event);
        },
      });
      return outcome;
    } catch (error) {
      // From here on AWS goes on by itself, and the user should know.
      if (execution.begun && isAbort(error)) return 'unwatched';
      throw error;
    } finally {
      listener.dispose();
    }
  };
  return vs.window.withProgress(
    {
      location: vs.ProgressLocation.Notification,
      title: t('Deploying "{0}"', stackName),
      cancellable: true,
    },
    work,
  );
}

function logEvent(log: vscode.LogOutputChannel, event: StackEvent): void {
  const line = [event.status, event.logicalId, `(${event.type})`, event.reason ?? '']
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (/FAILED|ROLLBACK/.test(event.status)) log.warn(line);
  else log.info(line);
}

async function showOutcome(
  ui: UiContext,
  stackName: string,
  outcome: Exclude<Outcome, 'declined'>,
): Promise<void> {
  const { vs, log } = ui;
  const { t } = vs.l10n;
  const setKey = t('Set Ittybit API Key…');
  const showLog = t('Show Log');
  const messages = {
    created: t('The pipeline "{0}" is deployed. Next, give it your Ittybit API key.', stackName),
    updated: t('The pipeline "{0}" is updated.', stackName),
    unchanged: t('The pipeline "{0}" is up to date: there was nothing to change.', stackName),
    unwatched: t(
      'AWS goes on deploying "{0}": run Deploy Pipeline again later to see how it ended.',
      stackName,
    ),
  };
  const button = outcome === 'created' ? setKey : showLog;
  const choice = await vs.window.showInformationMessage(messages[outcome], button);
  if (choice === showLog) log.show();
  if (choice === setKey) await vs.commands.executeCommand('mediaBatch.setApiKey' satisfies CommandId);
}
