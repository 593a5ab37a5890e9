import { deployPipeline } from '../../app/stack/deploy-pipeline.ts';
import { DeployError, isAbort, messageOf } from '../../core/errors.ts';
import { templateAge } from '../../core/stack/template-version.ts';
import { reviewChanges } from './change-set-review.ts';
import type { DeployForm } from './deploy-form.ts';
import type { Session } from '../connection/session.ts';
import { rememberSetting } from '../base/settings.ts';
import { showOutcome, showStackError } from './stack-outcome.ts';
import type { StackCommandContext } from './run-stack-command.ts';
import { runOperation } from './run-operation.ts';
import { readTemplate } from './stack-template.ts';
import type { StackOperation } from './stack-operation.ts';
import type { ScopeContext } from '../watch/scope-context.ts';
import { askDeployForm } from './deploy-inputs.ts';
import { offerWatch } from './watch-stack.ts';
import { offerRecovery } from './offer-recovery.ts';

/**
 * "Deploy Pipeline…": asks, shows the change set, deploys with progress and says how it ended. When the stack is already
 * changing, the user can watch it instead. When its creation failed, the user can delete it first.
 * @throws InvalidInputError for a template that cannot be read; AwsError; AbortError when the user cancels before AWS
 * has begun
 */
export async function deployPipelineCommand(
  ui: StackCommandContext & Pick<ScopeContext, 'extensionUri'>,
): Promise<void> {
  const templateBody = await readTemplate(ui);
  let again: string | undefined;
  do again = await deployOnce(ui, templateBody, again);
  while (again !== undefined);
}

/** @returns the name of a broken stack that is fixed or deleted now, to deploy again */
async function deployOnce(
  ui: StackCommandContext,
  templateBody: string,
  stackName: string | undefined,
): Promise<string | undefined> {
  try {
    const { operation, end } = await ui.connection.use(
      async (session) => {
        const form = await askDeployForm(ui, session, stackName);
        const operation = deployOperation(ui, session, form, templateBody);
        return { operation, end: await runOperation(ui, session, operation) };
      },
      { ask: true },
    );
    await showOutcome(ui, operation, end);
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    if (error.code === 'stack-broken') return offerRecovery(ui, error);
    if (error.code === 'stack-busy') await offerWatch(ui, error);
    else await showStackError(ui, error);
  }
  return undefined;
}

function deployOperation(
  ui: Pick<StackCommandContext, 'vs' | 'log'>,
  session: Session,
  { stackName, chosen, tags, present }: DeployForm,
  templateBody: string,
): StackOperation {
  const { vs } = ui;
  const isOlder = present.stack !== undefined && templateAge(present.stack.outputs).age === 'older';
  const pauses = isOlder && present.live.DispatchEnabled === 'true';
  return {
    stackName,
    kind: 'deploy',
    takesOver: chosen.ExistingResultsTable,
    opening: vs.l10n.t('preparing the change set'),
    begin: (options) =>
      deployPipeline(
        { stackName, templateBody, parameters: chosen, ...(tags && { tags }) },
        session.services,
        {
          ...options,
          review: (changes, create) => {
            options.onPlan(changes.length);
            return options.asking(() => reviewChanges(vs, session, stackName, changes, create, pauses));
          },
          onExecute: () => {
            options.onExecute();
            if (stackName !== session.stackName) void rememberStack(ui, stackName);
          },
        },
      ),
  };
}

/** Saves the stack's name in the settings, so that the views show the stack that is being deployed. */
async function rememberStack(
  { vs, log }: Pick<ScopeContext, 'vs' | 'log'>,
  stackName: string,
): Promise<void> {
  try {
    await rememberSetting(vs, 'stackName', stackName);
  } catch (error) {
    if (!isAbort(error)) log.warn(messageOf(error));
  }
}
