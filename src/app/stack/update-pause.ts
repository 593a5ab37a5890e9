import { AwsError, DeployError, isAbort, messageOf } from '../../core/errors.ts';
import type { DispatchControl, MappingState } from '../../core/stack/dispatch-control.ts';
import type { QueueService } from '../../core/batch/queue-service.ts';
import type { Stack, StackService } from '../../core/stack/stack-service.ts';
import { CONSUMER_TIMEOUT_SECONDS, OUTPUTS } from '../../core/stack/stack-contract.ts';
import { templateAge } from '../../core/stack/template-version.ts';
import { pauseDispatch, resumeDispatch, type DispatchParts } from './dispatch.ts';
import { reconcilerOutputs } from './pipeline.ts';
import { isEnabled, isUpdatePause, UPDATE_PAUSE } from './live-parameters.ts';
import { poll } from '../poll.ts';

/** The phases of an update that pauses dispatch. */
export type UpdatePhase = 'pausing' | 'draining' | 'updating' | 'resuming';

export interface PauseServices {
  readonly dispatch: DispatchControl;
  readonly queues: Pick<QueueService, 'depth'>;
}

export interface PauseOptions {
  readonly signal?: AbortSignal | undefined;
  /** called before each phase; from `pausing` on, dispatch must be resumed */
  readonly onPhase?: ((phase: UpdatePhase) => void) | undefined;
  /** pause between two reads of the queue, in ms */
  readonly everyMs?: number | undefined;
  /** epoch ms */
  readonly now?: () => number;
}

/**
 * Prepares the update of an older stack: pauses dispatch if it runs, and waits until nothing is in flight. So no file
 * is begun by the old template's consumer and finished by the new one's.
 * @throws AwsError, the signal's reason; in both cases dispatch may be paused
 */
export async function pauseForUpdate(
  stack: Stack,
  { dispatch, queues }: PauseServices,
  options: PauseOptions = {},
): Promise<void> {
  const { signal, onPhase } = options;
  const { outputs } = stack;
  const parts = dispatchParts(stack);
  if (!parts || templateAge(outputs).age !== 'older') return;
  const mapping = await existingMapping(parts.eventSourceMapping, dispatch, signal);
  if (!mapping || !isEnabled(mapping, await dispatch.readState(parts, signal))) return;
  onPhase?.('pausing');
  await pauseDispatch(parts, UPDATE_PAUSE, dispatch, signal);
  onPhase?.('draining');
  const workQueueUrl = outputs[OUTPUTS.workQueueUrl];
  if (workQueueUrl !== undefined) await drain(workQueueUrl, mapping, queues, options);
  onPhase?.('updating');
}

/**
 * Waits until no message is in flight, or until no run of the consumer can be left. It must not wait longer, because
 * hidden messages may wait hours for their next attempt. The last run begins at most one batching window after the
 * mapping is off, and ends within the function's timeout. SQS only estimates the number in flight; a run that it misses
 * finishes with the code that it began with.
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
 * Ends the pause of an update, if the stack has settled and dispatch has not been paused or resumed since. Any window
 * may call it after any operation on the stack, because the control item shows whether an update made the pause.
 * @returns true where dispatch was resumed
 * @throws AwsError
 */
export async function resumeAfterUpdate(
  stackName: string,
  { stacks, dispatch }: { readonly stacks: StackService; readonly dispatch: DispatchControl },
  onPhase?: (phase: UpdatePhase) => void,
): Promise<boolean> {
  const stack = await stacks.describe(stackName);
  // A running operation resumes at its end. After a failed rollback the stack is neither the old nor the new one, so it
  // stays paused.
  const parts = stack?.status.endsWith('_COMPLETE') ? dispatchParts(stack) : undefined;
  if (!parts || !isUpdatePause(await dispatch.readState(parts))) return false;
  onPhase?.('resuming');
  return resumeDispatch(parts, dispatch, undefined, isUpdatePause);
}

/**
 * Runs an operation on a stack, then ends an update's pause, whether the operation succeeded or failed.
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
 * Ends the pause of an update that failed or was cancelled.
 * @param failure the error to name first
 * @throws DeployError that names both errors, where dispatch cannot be resumed
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

/** Reads the mapping. One that was deleted has no tuning to keep and nothing to pause. */
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

/** @returns the outputs that pause and resume need; undefined for a stack without them */
export function dispatchParts({ id, outputs }: Stack): DispatchParts | undefined {
  const { [OUTPUTS.resultsTable]: resultsTable, [OUTPUTS.eventSourceMapping]: eventSourceMapping } = outputs;
  return resultsTable === undefined || eventSourceMapping === undefined
    ? undefined
    : { resultsTable, eventSourceMapping, stackId: id, ...reconcilerOutputs(outputs) };
}
