import { apiKeyIn, checkApiKey, storeApiKey } from '../../app/stack/api-key.ts';
import { findPipeline } from '../../app/stack/pipeline.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { visibleText } from '../../core/visible-text.ts';
import { askText, type TextQuestion } from '../base/ask.ts';
import { KnownStacks } from '../connection/known-stacks.ts';
import { plainText } from '../base/register-command.ts';
import { whenAndBy } from '../base/when-and-by.ts';
import { messageFor } from '../base/message-for.ts';
import { connectionLine } from '../connection/session.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { withSessionToWrite } from '../connection/with-session.ts';
import { resumeWithProgress, sayResumed } from './switch-dispatch.ts';

type Context = Pick<
  ScopeContext,
  'vs' | 'log' | 'contextKeys' | 'connection' | 'memory' | 'scopes' | 'openIttybit'
>;

/**
 * "Set Ittybit API Key…": takes the key from a password box, asks Ittybit about it while the box is open, and stores it in
 * AWS, nowhere else. A pipeline without a good key pauses itself; then this command offers to resume it.
 * @throws DeployError as `findPipeline`, AwsError, AbortError on Escape
 */
export async function setApiKeyCommand(ui: Context): Promise<void> {
  const { vs, log, contextKeys } = ui;
  const { t } = vs.l10n;
  await withSessionToWrite(ui, async (session) => {
    const { stackName, services } = session;
    const pipeline = await findPipeline(stackName, services.stacks);
    const key = await askText(vs, {
      title: t('Set Ittybit API Key'),
      prompt: t('API key for the pipeline "{0}". {1}', stackName, connectionLine(vs, session)),
      password: true,
      ...keyTests(ui, stackName, pipeline),
    });
    await storeApiKey(pipeline, key, services.secrets);
    log.info(`${stackName}: a new API key is stored in ${pipeline.apiKeyArn}`);
    void ui.scopes.present.refresh();
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

/**
 * How a typed key is tested before the box closes. A key of which nobody can tell is stored when Enter is pressed again.
 */
function keyTests(
  { vs, log, openIttybit }: Context,
  stackName: string,
  pipeline: StackOutputs,
): Pick<TextQuestion, 'validate' | 'check'> {
  const { t } = vs.l10n;
  let untold: string | undefined;
  return {
    validate: (text) => {
      try {
        apiKeyIn(text);
        return undefined;
      } catch (error) {
        if (error instanceof InvalidInputError) return messageFor(vs, error);
        throw error;
      }
    },
    check: async (key) => {
      if (key === untold) return undefined;
      const verdict = await checkApiKey(pipeline, key, openIttybit);
      log.info(`${stackName}: ${pipeline.apiUrl} was asked about an API key: ${verdict.key}`);
      if (verdict.key === 'accepted') return undefined;
      const reason = plainText(visibleText(verdict.reason));
      if (verdict.key === 'refused') return t('Ittybit refuses this key: {0}', reason);
      untold = key;
      const message = t('The key could not be checked: {0}. Press Enter again to store it anyway.', reason);
      return { message, severity: vs.InputBoxValidationSeverity.Warning };
    },
  };
}
