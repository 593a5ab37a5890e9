import { AwsError } from '../core/errors.ts';
import type { DispatchControl, MappingState, Stack, StackService } from '../core/ports.ts';
import { OUTPUTS, type StackOutputs, type StackParameters, type Tuning } from '../core/stack-contract.ts';
import { deployStack, type DeployOptions, type StackRequest } from './deploy-stack.ts';
import { pauseDispatch, resumeDispatch, tuneThroughput } from './dispatch.ts';
import { checkKeepable, isEnabled, liveParameters, TUNING_PARAMETERS } from './live-parameters.ts';
import { outputsOf } from './pipeline.ts';

export interface DeployRequest extends Omit<StackRequest, 'keep'> {
  readonly parameters: StackParameters;
}

export interface DeployServices {
  readonly stacks: StackService;
  readonly dispatch: DispatchControl;
}

export type DeployResult =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly outputs: StackOutputs }
  | { readonly outcome: 'declined' };

/**
 * Deploys the pipeline, and reads its outputs as ours. An update keeps what was tuned or paused live, below what
 * the request says; what it does say holds for the mapping too, even where the stack's parameter had that value before.
 * @throws what `deployStack` throws, the AwsError of a mapping that cannot be read, InvalidInputError for one that the
 * stack cannot keep, and DeployError `not-deployed` when the stack is none of ours
 */
export async function deployPipeline(
  request: DeployRequest,
  { stacks, dispatch }: DeployServices,
  options: DeployOptions = {},
): Promise<DeployResult> {
  const { stackName, parameters } = request;
  const keep = (stack: Stack): Promise<StackParameters> =>
    changedLive(stack, parameters, dispatch, options.signal);
  const result = await deployStack({ ...request, keep }, stacks, options);
  if (result.outcome === 'declined') return result;
  const outputs = outputsOf(stackName, result.outputs);
  if (result.outcome !== 'created') await applyChosen(outputs, parameters, dispatch, options.signal);
  return { ...result, outputs };
}

/** @returns the parameters that differ on the live mapping from what the stack has for them */
async function changedLive(
  { outputs, parameters: known }: Stack,
  chosen: StackParameters,
  dispatch: DispatchControl,
  signal: AbortSignal | undefined,
): Promise<StackParameters> {
  const id = outputs[OUTPUTS.eventSourceMapping];
  const mapping = id === undefined ? undefined : await existingMapping(id, dispatch, signal);
  if (!mapping) return {};
  checkKeepable(mapping, chosen);
  const table = outputs[OUTPUTS.resultsTable];
  // The control item is asked only where the mapping's own state leaves it open.
  const isOpen = table !== undefined && !/^(En|Dis)abl/.test(mapping.state);
  const live = liveParameters(mapping, isOpen ? await dispatch.readState(table, signal) : undefined);
  return Object.fromEntries(Object.entries(live).filter(([name, value]) => known[name] !== value));
}

/** A mapping that somebody deleted has no tuning to lose. */
async function existingMapping(
  id: string,
  dispatch: DispatchControl,
  signal: AbortSignal | undefined,
): Promise<MappingState | undefined> {
  try {
    return await dispatch.mapping(id, signal);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'not-found') throw error;
    return undefined;
  }
}

/** CloudFormation changes a mapping only when a parameter changes; and it knows nothing of the control item. */
async function applyChosen(
  pipeline: StackOutputs,
  chosen: StackParameters,
  dispatch: DispatchControl,
  signal: AbortSignal | undefined,
): Promise<void> {
  const tuned = (Object.keys(TUNING_PARAMETERS) as (keyof Tuning)[]).filter(
    (name) => TUNING_PARAMETERS[name] in chosen,
  );
  const { DispatchEnabled: enabled } = chosen;
  if (tuned.length === 0 && enabled === undefined) return;
  const mapping = await dispatch.mapping(pipeline.eventSourceMapping, signal);
  const change = Object.fromEntries(
    tuned
      .map((name) => [name, Number(chosen[TUNING_PARAMETERS[name]])] as const)
      .filter(([name, value]) => mapping[name] !== value),
  );
  if (Object.keys(change).length > 0) await tuneThroughput(pipeline, change, dispatch, signal);
  if (enabled === undefined) return;
  const recorded = await dispatch.readState(pipeline.resultsTable, signal);
  const wanted = enabled === 'true';
  if (isEnabled(mapping, recorded) === wanted && (recorded.state === 'running') === wanted) return;
  if (wanted) await resumeDispatch(pipeline, dispatch, signal);
  else await pauseDispatch(pipeline, 'Switched off in Deploy Pipeline', dispatch, signal);
}
