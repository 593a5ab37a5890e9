import { DeployError } from '../../core/errors.ts';
import type { Stack, StackService } from '../../core/stack/stack-service.ts';
import {
  OUTPUTS,
  PARAMETER_RULES,
  RECONCILER_OUTPUTS,
  type StackOutputs,
} from '../../core/stack/stack-contract.ts';
import { TEMPLATE_VERSION, templateAge } from '../../core/stack/template-version.ts';
import { visibleText } from '../../core/visible-text.ts';

/**
 * Finds the deployed pipeline, to change it. Every use case that changes something starts from these outputs.
 * @throws what `lookUpPipeline` throws, and DeployError `unknown-template`
 */
export async function findPipeline(
  stackName: string,
  stacks: StackService,
  signal?: AbortSignal,
): Promise<StackOutputs> {
  const stack = await existingStack(stackName, stacks, signal);
  checkTemplate(stackName, stack.outputs);
  return outputsOf(stackName, stack);
}

/**
 * Finds the deployed pipeline, to read it. Its template may have any version.
 * @throws DeployError `not-deployed` when there is no such stack; otherwise as `outputsOf`
 */
export async function lookUpPipeline(
  stackName: string,
  stacks: StackService,
  signal?: AbortSignal,
): Promise<StackOutputs> {
  return outputsOf(stackName, await existingStack(stackName, stacks, signal));
}

/** @throws DeployError `not-deployed` */
export async function existingStack(
  stackName: string,
  stacks: StackService,
  signal: AbortSignal | undefined,
): Promise<Stack> {
  const stack = await stacks.describe(stackName, signal);
  if (stack && stack.status !== 'REVIEW_IN_PROGRESS') return stack;
  throw notDeployed(stackName);
}

/**
 * Refuses a stack whose template this code does not know, because a change could damage it. Reading and deleting a
 * stack need only CloudFormation, so they stay possible.
 * @param outputs as CloudFormation has them
 * @throws DeployError `unknown-template`
 */
export function checkTemplate(stackName: string, outputs: Readonly<Record<string, string>>): void {
  const template = templateAge(outputs);
  if (template.age === 'current' || template.age === 'older') return;
  const sentence =
    template.age === 'unknown'
      ? `The stack "${stackName}" has the template version "${visibleText(template.text, 40)}", which Media Batch does not know: update Media Batch, or choose another stack.`
      : `The stack "${stackName}" was made by a newer Media Batch (template version ${template.version}, this one knows ${TEMPLATE_VERSION}): update Media Batch to work with it.`;
  throw new DeployError('unknown-template', stackName, sentence);
}

/** @returns the error for a pipeline that does not exist */
export function notDeployed(stackName: string): DeployError {
  return new DeployError(
    'not-deployed',
    stackName,
    `There is no stack "${stackName}" here: run "Media Batch: Deploy Pipeline" first.`,
  );
}

/**
 * Reads the outputs of a Media Batch stack, and what else is told by its description. Only an older template may lack those of the reconciler.
 * @throws DeployError `not-deployed` when an output is missing, or `unknown-template` when that is because the template
 * is not known here
 */
export function outputsOf(
  stackName: string,
  { id, outputs, parameters }: Pick<Stack, 'id' | 'outputs' | 'parameters'>,
): StackOutputs {
  const demanded = templateAge(outputs).age === 'older' ? OUTPUTS : { ...OUTPUTS, ...RECONCILER_OUTPUTS };
  const pairs = Object.entries(demanded).map(([name, output]) => {
    const value = outputs[output];
    if (value === undefined) {
      checkTemplate(stackName, outputs);
      throw new DeployError(
        'not-deployed',
        stackName,
        `The stack "${stackName}" has no output ${output}: deploy the pipeline to complete it, or choose another stack.`,
      );
    }
    return [name, value];
  });
  const connectionId = parameters['ConnectionId'] ?? '';
  const apiUrl = parameters['IttybitApiUrl'] ?? PARAMETER_RULES.IttybitApiUrl.default;
  const own = { stackId: id, connectionId, apiUrl };
  return { ...Object.fromEntries(pairs), ...reconcilerOutputs(outputs), ...own } as StackOutputs;
}

/** @returns the outputs that say where the reconciler is; none of a stack that has no reconciler */
export function reconcilerOutputs(
  outputs: Stack['outputs'],
): Pick<StackOutputs, keyof typeof RECONCILER_OUTPUTS> {
  const pairs = Object.entries(RECONCILER_OUTPUTS).map(([name, output]) => [name, outputs[output]]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined)) as Pick<
    StackOutputs,
    keyof typeof RECONCILER_OUTPUTS
  >;
}
