import { storeApiKey } from '../../app/stack/api-key.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { visibleText } from '../../core/visible-text.ts';
import { askText } from '../base/ask.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import { plainText } from '../base/register-command.ts';
import { whenAndBy } from '../base/when-and-by.ts';
import { connectionLine } from '../connection/session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import { resumeWithProgress, sayResumed } from './switch-dispatch.ts';

/**
 * "Set Ittybit API Key…": takes the key from a password box and stores it in AWS, nowhere else. A pipeline without a good key
 * pauses itself; then this command offers to resume it.
 * @throws DeployError as `findPipeline`, InvalidInputError for a text that cannot be a key, AwsError, AbortError on Escape
 */
export async function setApiKeyCommand(
  ui: Pick<ScopeContext, 'vs' | 'log' | 'contextKeys' | 'connection' | 'memory' | 'scopes'>,
): Promise<void> {
  const { vs, log, contextKeys } = ui;
  const { t } = vs.l10n;
  await withSessionToWrite(ui, async (session) => {
    const { stackName, services } = session;
    const pipeline = await findPipeline(stackName, services.stacks);
    const key = await askText(vs, {
      title: t('Set Ittybit API Key'),
      prompt: t('API key for the pipeline "{0}". {1}', stackName, connectionLine(vs, session)),
      password: true,
    });
    await storeApiKey(pipeline, key, services.secrets);
    log.info(`${stackName}: a new API key is stored in ${pipeline.apiKeyArn}`);
    await new KnownStacks(ui.memory.global).note(session, { keyStored: true });
    contextKeys.set('mediaBatch.keyStored', true);
    const stored = t('The API key of "{0}" is stored.', stackName);
    const mapping = await services.dispatch.mapping(pipeline.eventSourceMapping);
    if (!mapping.state.startsWith('Disabl')) {
      await vs.window.showInformationMessage(`${stored} ${t('The pipeline uses it within 5 minutes.')}`);
      return;
    }
    const { state, reason, at, by } = await services.dispatch.readState(pipeline);
    const resume = t('Resume Dispatch');
    // The control item says `running`: the mapping was switched off outside Media Batch.
    const paused =
      state === 'paused' && reason
        ? [
            t('Dispatch is paused: {0}', visibleText(reason)),
            ...(at ? [whenAndBy(vs, { at, by })] : []),
          ].join(', ')
        : t('Dispatch is paused.');
    if ((await vs.window.showWarningMessage(`${stored} ${plainText(paused)}`, resume)) !== resume) return;
    await resumeWithProgress(ui, session, pipeline);
    await sayResumed(ui);
  });
}
