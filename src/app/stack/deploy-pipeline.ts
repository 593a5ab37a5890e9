import { DeployError } from '../../core/errors.ts';
import type { DispatchControl } from '../../core/stack/dispatch-control.ts';
import type { Stack } from '../../core/stack/stack-service.ts';
import type { StackOutputs, StackParameters, Tuning } from '../../core/stack/stack-contract.ts';
import { deployStack, type DeployOptions, type DeployOutcome, type StackRequest } from './deploy-stack.ts';
import { pauseDispatch, resumeDispatch, setMost, tuneThroughput } from './dispatch.ts';
import {
  checkKeepable,
  isEnabled,
  isUpdatePause,
  liveMost,
  liveParameters,
  TUNING_PARAMETERS,
} from './live-parameters.ts';
import { outputsOf } from './pipeline.ts';
import { checkKeepsTable, checkTakeover, type TakeoverServices } from './take-over-table.ts';
import {
  dispatchParts,
  existingMapping,
  pauseForUpdate,
  resumeAfterFailure,
  resumeAfterUpdate,
  type PauseServices,
  type UpdatePhase,
} from './update-pause.ts';

export interface DeployRequest extends Omit<StackRequest, 'keep' | 'beforeCreate' | 'beforeUpdate'> {
  readonly parameters: StackParameters;
}

export type DeployServices = PauseServices & TakeoverServices;

export interface PipelineDeployOptions extends DeployOptions {
  /** Called with each phase of an update that pauses dispatch. From `pausing` on, dispatch must be resumed. */
  readonly onPhase?: (phase: UpdatePhase) => void;
}

/**
 * Deploys the pipeline and reads its outputs. An update keeps what was tuned or paused live, except for values that the
 * request sets. Those values also apply to the mapping, even where the stack's parameter already had them. The update
 * of an older template pauses dispatch, waits until nothing is in flight, updates and resumes. It also resumes when the
 * update fails, or is cancelled before AWS has begun. Where only the watching ends, the caller must run
 * `resumeAfterUpdate` later. A new stack may take over the table of a deleted one (ExistingResultsTable).
 * @throws what `deployStack` and `checkTakeover` throw, AwsError where the mapping cannot be read, InvalidInputError for
 * tuning that the stack cannot keep and for another table, and DeployError `not-deployed` when the stack is not a Media Batch stack
 */
export async function deployPipeline(
  request: DeployRequest,
  services: DeployServices,
  options: PipelineDeployOptions = {},
): Promise<PipelineOutcome> {
  const { stackName, parameters } = request;
  const { dispatch } = services;
  const { signal, onPhase } = options;
  const state: UpdateState = { isPaused: false, hasBegun: false };
  const keep = async (stack: Stack): Promise<StackParameters> => {
    checkKeepsTable(stack, parameters);
    const { changed, wasInterrupted } = await changedLive(stack, parameters, dispatch, signal);
    state.isPaused = wasInterrupted;
    return changed;
  };
  const notePhase = (phase: UpdatePhase): void => {
    if (phase === 'pausing') state.isPaused = true;
    onPhase?.(phase);
  };
  const beforeUpdate = (stack: Stack): Promise<void> =>
    pauseForUpdate(stack, services, { ...options, onPhase: notePhase });
  const { ExistingResultsTable: table } = parameters;
  const beforeCreate = table ? () => checkTakeover(table, stackName, services, signal) : undefined;
  const hooks = { keep, beforeCreate, beforeUpdate };
  const result = await deployOrResume({ ...request, ...hooks }, services, options, state);
  if (result.outcome === 'declined') return result;
  const outputs = outputsOf(stackName, { ...result, id: result.stackId });
  if (result.outcome !== 'created') await applyChosen(outputs, parameters, dispatch, signal);
  if (state.isPaused) await resumeAfterUpdate(stackName, services, onPhase);
  return { outcome: result.outcome, outputs };
}

/** How the deployment of a pipeline ended. */
export type PipelineOutcome =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly outputs: StackOutputs }
  | { readonly outcome: 'declined' };

interface UpdateState {
  /** dispatch is paused by this update, or by one that was interrupted */
  isPaused: boolean;
  /** AWS has begun */
  hasBegun: boolean;
}

/** Deploys the stack. After a failed or cancelled update, dispatch must not stay paused. */
async function deployOrResume(
  request: StackRequest,
  services: DeployServices,
  options: PipelineDeployOptions,
  state: UpdateState,
): Promise<DeployOutcome> {
  const onExecute = (): void => {
    state.hasBegun = true;
    options.onExecute?.();
  };
  try {
    return await deployStack(request, services.stacks, { ...options, onExecute });
  } catch (error) {
    // Where AWS has begun and the end is not known, the update continues.
    const isOver = !state.hasBegun || (error instanceof DeployError && error.code === 'deploy-failed');
    if (isOver && state.isPaused) {
      await resumeAfterFailure(request.stackName, services, error, options.onPhase);
    }
    throw error;
  }
}

/** @returns the parameters whose value on the live mapping differs from the stack's value */
async function changedLive(
  stack: Stack,
  chosen: StackParameters,
  dispatch: DispatchControl,
  signal: AbortSignal | undefined,
): Promise<{ changed: StackParameters; wasInterrupted: boolean }> {
  const { parameters: known } = stack;
  const parts = dispatchParts(stack);
  const mapping = parts && (await existingMapping(parts.eventSourceMapping, dispatch, signal));
  if (!mapping) return { changed: {}, wasInterrupted: false };
  checkKeepable(mapping, chosen);
  // The control item matters only while the mapping is off.
  const isOpen = !mapping.state.startsWith('Enabl');
  const { state, pace } = await dispatch.readPaced(parts, signal);
  const recorded = isOpen ? state : undefined;
  const live = { ...liveParameters(mapping, recorded), ...liveMost(known, pace) };
  const changed = Object.fromEntries(Object.entries(live).filter(([name, value]) => known[name] !== value));
  return { changed, wasInterrupted: isUpdatePause(recorded) };
}

/**
 * Applies the chosen values to the live mapping and the control item. CloudFormation changes the mapping only when a
 * parameter changes, and it does not know the control item.
 */
async function applyChosen(
  pipeline: StackOutputs,
  chosen: StackParameters,
  dispatch: DispatchControl,
  signal: AbortSignal | undefined,
): Promise<void> {
  const tuned = (Object.keys(TUNING_PARAMETERS) as (keyof Tuning)[]).filter(
    (name) => TUNING_PARAMETERS[name] in chosen,
  );
  const { DispatchEnabled: enabled, MaxRequestsPerSecond: most } = chosen;
  // What was set live before must not come back with a parameter that the stack has had before.
  if (most !== undefined)
    await setMost(pipeline, { most: Number(most), parameter: Number(most) }, dispatch, signal);
  if (tuned.length === 0 && enabled === undefined) return;
  const mapping = await dispatch.mapping(pipeline.eventSourceMapping, signal);
  const change = Object.fromEntries(
    tuned
      .map((name) => [name, Number(chosen[TUNING_PARAMETERS[name]])] as const)
      .filter(([name, value]) => mapping[name] !== value),
  );
  if (Object.keys(change).length > 0) await tuneThroughput(pipeline, change, dispatch, signal);
  if (enabled === undefined) return;
  const recorded = await dispatch.readState(pipeline, signal);
  const wanted = enabled === 'true';
  const isSo = isEnabled(mapping, recorded) === wanted && (recorded.state === 'running') === wanted;
  if (isSo && !isUpdatePause(recorded)) return;
  if (wanted) await resumeDispatch(pipeline, dispatch, signal);
  else await pauseDispatch(pipeline, 'Switched off in Deploy Pipeline', dispatch, signal);
}
