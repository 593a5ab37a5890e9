import { storeApiKey } from '../../app/api-key.ts';
import { findPipeline } from '../../app/pipeline.ts';
import { askText } from '../ask.ts';
import { connectionLine, withSession } from '../session.ts';
import type { UiContext } from '../ui-context.ts';

/**
 * "Set Ittybit API Key…": from a password box straight to AWS; the key is kept nowhere else.
 * @throws DeployError `not-deployed`, InvalidInputError for what is no key, AwsError, AbortError on Escape
 */
export async function setApiKeyCommand(ui: UiContext): Promise<void> {
  const { vs, log } = ui;
  const { t } = vs.l10n;
  const stackName = await withSession(ui, async (session) => {
    const { stackName, services } = session;
    const pipeline = await findPipeline(stackName, services.stacks);
    const key = await askText(vs, {
      title: t('Set Ittybit API Key'),
      prompt: t('API key for the pipeline "{0}". {1}', stackName, connectionLine(vs, session)),
      password: true,
    });
    await storeApiKey(pipeline, key, services.secrets);
    log.info(`${stackName}: a new API key is stored in ${pipeline.apiKeyArn}`);
    return stackName;
  });
  await vs.window.showInformationMessage(
    t('The API key of "{0}" is stored. The pipeline uses it within 5 minutes.', stackName),
  );
}
