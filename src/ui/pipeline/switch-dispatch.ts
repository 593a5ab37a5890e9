import { pauseDispatch, resumeDispatch } from '../../app/stack/dispatch.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { plainText } from '../base/register-command.ts';
import type { Session } from '../connection/session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { withViewProgress } from '../base/view-progress.ts';
import { withSessionToWrite } from '../connection/with-session.ts';

type Context = Pick<ScopeContext, 'vs' | 'log' | 'connection' | 'memory' | 'scopes'>;

/** The reason that every user of the pipeline reads after "paused:". It is stored, so it is not translated. */
const REASON = 'by hand in VS Code';

/**
 * "Pause Dispatch": no more files are submitted, and the queue keeps every file. We do not ask first, as nothing is lost.
 * @throws DeployError as `findPipeline`, AwsError
 */
export async function pauseDispatchCommand(ui: Context): Promise<void> {
  const { vs, log } = ui;
  const { t } = vs.l10n;
  const stackName = await withSessionToWrite(ui, async (session) => {
    const { stackName, services } = session;
    await withViewProgress(vs, 'mediaBatch.pipeline', t('Pausing dispatch…'), async () => {
      await pauseDispatch(await findPipeline(stackName, services.stacks), REASON, services.dispatch);
    });
    return stackName;
  });
  log.info(`${stackName}: dispatch is paused`);
  void ui.scopes.present.refresh();
  const outcome = t(
    'Dispatch of "{0}" is paused. The queue keeps its files. Calls that have begun are completed.',
    stackName,
  );
  await vs.window.showInformationMessage(plainText(outcome));
}

/**
 * "Resume Dispatch": the queue drains again.
 * @throws DeployError as `findPipeline`, AwsError
 */
export async function resumeDispatchCommand(ui: Context): Promise<void> {
  await withSessionToWrite(ui, async (session) => {
    await resumeWithProgress(ui, session, await findPipeline(session.stackName, session.services.stacks));
  });
  await sayResumed(ui);
}

/** Resumes with progress in the Pipeline view, and has the view read again. */
export async function resumeWithProgress(
  ui: Pick<Context, 'vs' | 'log' | 'scopes'>,
  { services, stackName }: Session,
  pipeline: StackOutputs,
): Promise<void> {
  const { vs, log, scopes } = ui;
  await withViewProgress(vs, 'mediaBatch.pipeline', vs.l10n.t('Resuming dispatch…'), () =>
    resumeDispatch(pipeline, services.dispatch),
  );
  log.info(`${stackName}: dispatch is resumed`);
  void scopes.present.refresh();
}

export async function sayResumed({ vs }: Pick<ScopeContext, 'vs'>): Promise<void> {
  await vs.window.showInformationMessage(
    vs.l10n.t(
      'Dispatch is resumed. Files that the consumer tried during the pause follow within 15 minutes.',
    ),
  );
}
