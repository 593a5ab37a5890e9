import { AwsError, InvalidInputError } from '../../core/errors.ts';
import type {
  DispatchControl,
  DispatchPlace,
  DispatchState,
  MappingState,
} from '../../core/stack/dispatch-control.ts';
import { switched } from '../../core/stack/dispatch-rules.ts';
import {
  isParameterValue,
  TUNING_LIMITS,
  type StackOutputs,
  type Tuning,
} from '../../core/stack/stack-contract.ts';

/** The stack outputs that pause and resume need. */
export type DispatchParts = DispatchPlace & Pick<StackOutputs, 'eventSourceMapping'>;

/** How often a write is tried again because another one came first. */
const MAX_TRIES = 10;

const UNITS: Readonly<Record<keyof Tuning, string>> = {
  batchSize: 'Batch size',
  maximumConcurrency: 'Maximum concurrency',
  maximumBatchingWindow: 'Maximum batching window (seconds)',
};

/**
 * Changes how fast the stack dispatches, at once and without a deploy.
 * @param change what to change; files in flight are at most batch size x maximum concurrency
 * @returns the mapping after the change has settled
 * @throws InvalidInputError for a number outside AWS's limits (see TUNING_LIMITS)
 */
export async function tuneThroughput(
  pipeline: StackOutputs,
  change: Partial<Tuning>,
  control: DispatchControl,
  signal?: AbortSignal,
): Promise<MappingState> {
  for (const name of Object.keys(change) as (keyof Tuning)[]) {
    const [least, most] = TUNING_LIMITS[name];
    const value = change[name];
    if (value === undefined || !Number.isInteger(value) || value < least || value > most) {
      throw new InvalidInputError(name, `${UNITS[name]} is a whole number from ${least} to ${most}.`);
    }
  }
  return control.updateMapping(pipeline.eventSourceMapping, change, signal);
}

/**
 * Sets how often Ittybit is called at most, at once and without a deploy.
 * @param most calls/s, 0: as often as it takes
 * @param parameter the stack's MaxRequestsPerSecond, which another deploy may change: then that counts
 * @throws InvalidInputError for a number that the stack could not keep
 */
export async function setMost(
  pipeline: DispatchParts,
  { most, parameter }: { readonly most: number; readonly parameter: number },
  control: DispatchControl,
  signal?: AbortSignal,
): Promise<void> {
  if (!isParameterValue('MaxRequestsPerSecond', String(most))) {
    throw new InvalidInputError('most', 'Calls per second is a whole number from 0 to 1000.');
  }
  await control.setMost(pipeline, { most, insteadOf: parameter }, signal);
}

/**
 * Stops dispatch; the queue keeps every message. Calls that have begun are completed.
 * @param reason shown to users beside "paused"
 * @throws AwsError, `conflict` while others go on changing the state
 */
export async function pauseDispatch(
  pipeline: DispatchParts,
  reason: string,
  control: DispatchControl,
  signal?: AbortSignal,
): Promise<void> {
  await switchDispatch(pipeline, reason, control, signal);
}

/**
 * Starts dispatch again, or ends a wait early. Messages that were hidden by a pause follow within 15 minutes.
 * @param onlyFrom looks at the state that is there: false leaves it as it is
 * @returns false where it was left
 * @throws AwsError, `conflict` while others go on changing the state
 */
export function resumeDispatch(
  pipeline: DispatchParts,
  control: DispatchControl,
  signal?: AbortSignal,
  onlyFrom?: (present: DispatchState) => boolean,
): Promise<boolean> {
  return switchDispatch(pipeline, undefined, control, signal, onlyFrom);
}

/** An operator has the last word: what was written meanwhile is read, and then written over. */
async function switchDispatch(
  pipeline: DispatchParts,
  reason: string | undefined,
  control: DispatchControl,
  signal: AbortSignal | undefined,
  onlyFrom: (present: DispatchState) => boolean = () => true,
): Promise<boolean> {
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const present = await control.readState(pipeline, signal);
    if (!onlyFrom(present)) return false;
    if (await control.writeState(pipeline, switched(present, reason, Date.now()), signal)) {
      await control.updateMapping(pipeline.eventSourceMapping, { enabled: reason === undefined }, signal);
      return true;
    }
  }
  throw new AwsError('conflict', 'Others are changing the state of dispatch at the same time: try again.', {
    operation: 'dynamodb:PutItem',
    awsCode: 'ConditionalCheckFailedException',
  });
}
