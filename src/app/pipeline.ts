import { DeployError } from '../core/errors.ts';
import type { StackService } from '../core/ports.ts';
import { OUTPUTS, type StackOutputs } from '../core/stack-contract.ts';

/**
 * Finds the deployed pipeline: every other use case starts from its outputs.
 * @throws DeployError `not-deployed` when there is no such stack, or it is none of ours
 */
export async function findPipeline(
  stackName: string,
  stacks: StackService,
  signal?: AbortSignal,
): Promise<StackOutputs> {
  const stack = await stacks.describe(stackName, signal);
  if (!stack || stack.status === 'REVIEW_IN_PROGRESS') throw notDeployed(stackName);
  return outputsOf(stackName, stack.outputs);
}

/** @returns the error that says that there is no pipeline of this name */
export function notDeployed(stackName: string): DeployError {
  return new DeployError(
    'not-deployed',
    stackName,
    `There is no stack "${stackName}" here: run "Media Batch: Deploy Pipeline" first.`,
  );
}

/**
 * Reads a stack's outputs as ours.
 * @throws DeployError `not-deployed` when one is missing
 */
export function outputsOf(stackName: string, outputs: Readonly<Record<string, string>>): StackOutputs {
  const pairs = Object.entries(OUTPUTS).map(([name, output]) => {
    const value = outputs[output];
    if (value === undefined) {
      throw new DeployError(
        'not-deployed',
        stackName,
        `The stack "${stackName}" has no output ${output}: deploy the pipeline to complete it, or choose another stack.`,
      );
    }
    return [name, value];
  });
  return Object.fromEntries(pairs) as StackOutputs;
}
