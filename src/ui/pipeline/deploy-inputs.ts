import type * as vscode from 'vscode';
import { checkDeployable } from '../../app/stack/deploy-stack.ts';
import { liveMost, liveParameters } from '../../app/stack/live-parameters.ts';
import { readPipeline } from '../../app/stack/pipeline-snapshot.ts';
import type { ParameterName } from '../../core/stack/stack-contract.ts';
import type { DeployForm, PresentStack } from './deploy-form.ts';
import { KeptTables, type KeptTable } from '../connection/kept-tables.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import type { EditorContext } from '../base/editor-context.ts';
import { isStackName } from '../base/settings.ts';
import { BACK, inputText, runWizard, type Step } from '../base/wizard.ts';
import { apiKeyStep } from './deploy-api-key.ts';
import { inputParameter, type ParameterWords } from './deploy-parameter.ts';
import { moreSettingsStep } from './deploy-settings.ts';
import { freeTables, tableStep } from './deploy-table.ts';
import { throughputStep } from './deploy-throughput.ts';

/**
 * Asks for what a deployment needs. The stack's present values are filled in, and every step names the account.
 * @param stackName the suggested name
 * @throws AbortError on Escape at any step; DeployError `stack-busy` or `stack-broken` for a stack that cannot be
 * deployed now; AwsError
 */
export function askDeployForm(
  { vs, memory }: Pick<EditorContext, 'vs' | 'memory'>,
  session: Session,
  stackName = session.stackName,
): Promise<DeployForm> {
  const { t } = vs.l10n;
  const where = connectionLine(vs, session);
  const kept = new KeptTables(memory.global).at(session);
  const initial: DeployForm = { stackName, present: { stack: undefined, live: {}, kept: [] }, chosen: {} };
  return runWizard(t('Deploy Pipeline'), initial, [
    nameStep(vs, session, kept, where),
    ...(kept.length > 0 ? [tableStep(vs, where)] : []),
    textStep(vs, 'ConnectionId', {
      prompt: t('Id of the Ittybit connection that reads your bucket; the first file tests it. {0}', where),
      placeHolder: t('Empty: your default connection'),
      problem: t('An id has letters, digits, "_" and "-".'),
    }),
    apiKeyStep(vs, session, where),
    throughputStep(vs, where),
    textStep(vs, 'AlarmEmail', {
      prompt: t('E-mail address for alarms, which AWS asks to confirm. {0}', where),
      placeHolder: t('Empty: no mail'),
      problem: t('This is not an e-mail address.'),
    }),
    moreSettingsStep(vs, where),
  ]);
}

function nameStep(
  vs: typeof vscode,
  session: Session,
  kept: readonly KeptTable[],
  where: string,
): Step<DeployForm> {
  const { t } = vs.l10n;
  return async (form, frame) => {
    const stackName = await inputText(vs, frame, {
      prompt: t('Stack name. {0}', where),
      value: form.stackName,
      validate: (value) =>
        isStackName(value) ? undefined : t('Use letters, digits and hyphens, with a letter first.'),
    });
    if (stackName === BACK) return BACK;
    const options = {
      location: vs.ProgressLocation.Window,
      title: t('Media Batch: reading the stack "{0}"', stackName),
    };
    const present = await vs.window.withProgress(options, () => readPresent(session, kept, stackName));
    return { stackName, present, chosen: {} };
  };
}

async function readPresent(
  session: Session,
  kept: readonly KeptTable[],
  stackName: string,
): Promise<PresentStack> {
  const { stack, mapping, dispatch, pace } = await readPipeline(stackName, session.services);
  const live = {
    ...(mapping && liveParameters(mapping, dispatch)),
    ...(stack && pace && liveMost(stack.parameters, pace)),
  };
  if (!checkDeployable(stackName, stack)) return { stack, live, kept: [] };
  return { stack: undefined, live, kept: await freeTables(kept, stackName, session) };
}

/** Asks for a parameter that is one line of text. An empty text is an answer too. */
function textStep(vs: typeof vscode, name: ParameterName, words: ParameterWords): Step<DeployForm> {
  return (form, frame) => inputParameter(vs, frame, form, name, words);
}
