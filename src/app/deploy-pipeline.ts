import type { StackService } from '../core/ports.ts';
import type { StackOutputs, StackParameters } from '../core/stack-contract.ts';
import { deployStack, type DeployOptions, type StackRequest } from './deploy-stack.ts';
import { outputsOf } from './pipeline.ts';

export interface DeployRequest extends StackRequest {
  readonly parameters: StackParameters;
}

export type DeployResult =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly outputs: StackOutputs }
  | { readonly outcome: 'declined' };

/**
 * Deploys the pipeline, and reads its outputs as ours.
 * @throws what `deployStack` throws, and DeployError `not-deployed` when the stack is none of ours
 */
export async function deployPipeline(
  request: DeployRequest,
  stacks: StackService,
  options: DeployOptions = {},
): Promise<DeployResult> {
  const result = await deployStack(request, stacks, options);
  if (result.outcome === 'declined') return result;
  return { ...result, outputs: outputsOf(request.stackName, result.outputs) };
}
