import { AwsError, DeployError, isAbort, messageOf } from '../../core/errors.ts';
import type { DispatchControl, MappingState } from '../../core/stack/dispatch-control.ts';
import type { QueueService } from '../../core/batch/queue-service.ts';
import type { Stack, StackService } from '../../core/stack/stack-service.ts';
import { CONSUMER_TIMEOUT_SECONDS, OUTPUTS } from '../../core/stack/stack-contract.ts';
import { templateAge } from '../../core/stack/template-version.ts';
import { pauseDispatch, resumeDispatch, type DispatchParts } from './dispatch.ts';
import { isEnabled, isUpdatePause, UPDATE_PAUSE } from './live-parameters.ts';
import { poll } from '../poll.ts';

/** How far an update is that pauses dispatch. */
export type UpdatePhase = 'pausing' | 'draining' | 'updating' | 'resuming';

export interface PauseServices {
  readonly dispatch: DispatchControl;
  readonly queues: Pick<QueueService, 'depth'>;
}

export interface PauseOptions {
  readonly signal?: AbortSignal | undefined;
  /** told before each phase begins: from `pausing` on there is something to resume */
  readonly onPhase?: ((phase: UpdatePhase) => void) | undefined;
  /** pause between two looks at the queue, in ms */
  readonly everyMs?: number | undefined;
  /** epoch ms */
  readonly now?: () => number;
}

/**
 * Before an older stack is updated: pauses dispatch where it runs, and lets what is in flight end, so that no file is
 * taken by one template's consumer and ended by the other's.
 * @throws AwsError, the signal's reason; in both cases dispatch may be paused
 */
export async function pauseForUpdate(
  { outputs }: Stack,
  { dispatch, queues }: PauseServices,
  options: PauseOptions = {},
): Promise<void> {
  const { signal, onPhase } = options;
  const parts = dispatchParts(outputs);
  if (!parts || templateAge(outputs).age !== 'older') return;
  const mapping = await existingMapping(parts.eventSourceMapping, dispatch, signal);
  if (!mapping || !isEnabled(mapping, await dispatch.readState(parts.resultsTable, signal))) return;
  onPhase?.('pausing');
  await pauseDispatch(parts, UPDATE_PAUSE, dispatch, signal);
  onPhase?.('draining');
  const workQueueUrl = outputs[OUTPUTS.workQueueUrl];
  if (workQueueUrl !== undefined) await drain(workQueueUrl, mapping, queues, options);
  onPhase?.('updating');
}

/**
 * Waits until no message is in flight, or no run of the consumer can be left: hidden messages may also wait for their
 * next attempt, up to hours. The longest run began with a batch that was being gathered when the mapping went off, and
 * ends by the function's timeout. SQS only estimates its number: a run that it overlooks ends with the code it began with.
 */
async function drain(
  workQueueUrl: string,
  { maximumBatchingWindow }: MappingState,
  queues: PauseServices['queues'],
  { signal, everyMs = 2000, now = Date.now }: PauseOptions,
): Promise<void> {
  const last = now() + (maximumBatchingWindow + CONSUMER_TIMEOUT_SECONDS) * 1000;
  const isOver = async (): Promise<true | undefined> =>
    now() >= last || (await queues.depth(workQueueUrl, signal)).inFlight === 0 || undefined;
  await poll(isOver, everyMs, signal);
}

/**
 * Ends the pause that an update made, if its stack has settled and nothing else has paused or resumed meanwhile. It may
 * be called after any operation on the stack, by any window: the control item itself says whose pause it is.
 * @returns true where dispatch was resumed
 * @throws AwsError
 */
export async function resumeAfterUpdate(
  stackName: string,
  { stacks, dispatch }: { readonly stacks: StackService; readonly dispatch: DispatchControl },
  onPhase?: (phase: UpdatePhase) => void,
): Promise<boolean> {
  const stack = await stacks.describe(stackName);
  // At work it is resumed at the end; where a rollback failed, it is neither the old stack nor the new one.
  const parts = stack?.status.endsWith('_COMPLETE') ? dispatchParts(stack.outputs) : undefined;
  if (!parts || !isUpdatePause(await dispatch.readState(parts.resultsTable))) return false;
  onPhase?.('resuming');
  await resumeDispatch(parts, dispatch);
  return true;
}

/**
 * Runs an operation on a stack, and ends an update's pause when the stack has settled with it, well or badly.
 * @throws what `operate` throws; AwsError
 */
export async function thenResume<Result>(
  stackName: string,
  services: Parameters<typeof resumeAfterUpdate>[1],
  operate: () => Promise<Result>,
  onPhase?: (phase: UpdatePhase) => void,
): Promise<Result> {
  const result = await operate().catch(async (error: unknown) => {
    if (error instanceof DeployError && error.code === 'deploy-failed') {
      await resumeAfterFailure(stackName, services, error, onPhase);
    }
    throw error;
  });
  await resumeAfterUpdate(stackName, services, onPhase);
  return result;
}

/**
 * Ends the pause of an update that was not to be.
 * @param failure what is to be told first
 * @throws DeployError with both where dispatch cannot be resumed
 */
export async function resumeAfterFailure(
  stackName: string,
  services: Parameters<typeof resumeAfterUpdate>[1],
  failure: unknown,
  onPhase?: (phase: UpdatePhase) => void,
): Promise<void> {
  try {
    await resumeAfterUpdate(stackName, services, onPhase);
  } catch (error) {
    const what = isAbort(failure) ? `The update of "${stackName}" was cancelled.` : messageOf(failure);
    const resource = failure instanceof DeployError ? failure.resource : undefined;
    const sentence = `${what} Dispatch is still paused, as it could not be resumed (${messageOf(error)}): run "Media Batch: Resume Dispatch".`;
    throw new DeployError('deploy-failed', stackName, sentence, resource, { cause: failure });
  }
}

/** A mapping that somebody deleted has no tuning to lose, and nothing to pause. */
export async function existingMapping(
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

/** @returns what dispatch is switched by; undefined for a stack that has no such thing */
function dispatchParts(outputs: Stack['outputs']): DispatchParts | undefined {
  const { [OUTPUTS.resultsTable]: resultsTable, [OUTPUTS.eventSourceMapping]: eventSourceMapping } = outputs;
  return resultsTable === undefined || eventSourceMapping === undefined
    ? undefined
    : { resultsTable, eventSourceMapping };
}
