import { InvalidInputError } from '../../core/errors.ts';
import type { DispatchControl, MappingState } from '../../core/stack/dispatch-control.ts';
import { TUNING_LIMITS, type StackOutputs, type Tuning } from '../../core/stack/stack-contract.ts';

/** The stack outputs that pause and resume need. */
export type DispatchParts = Pick<StackOutputs, 'resultsTable' | 'eventSourceMapping'>;

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
 * Stops dispatch; the queue keeps every message. Calls that have begun are completed.
 * @param reason shown to users beside "paused"
 */
export async function pauseDispatch(
  pipeline: DispatchParts,
  reason: string,
  control: DispatchControl,
  signal?: AbortSignal,
): Promise<void> {
  await control.writeState(
    pipeline.resultsTable,
    { state: 'paused', reason, at: new Date().toISOString() },
    signal,
  );
  await control.updateMapping(pipeline.eventSourceMapping, { enabled: false }, signal);
}

/** Starts dispatch again. Messages that were hidden by a pause follow within 15 minutes. */
export async function resumeDispatch(
  pipeline: DispatchParts,
  control: DispatchControl,
  signal?: AbortSignal,
): Promise<void> {
  await control.writeState(
    pipeline.resultsTable,
    { state: 'running', reason: undefined, at: new Date().toISOString() },
    signal,
  );
  await control.updateMapping(pipeline.eventSourceMapping, { enabled: true }, signal);
}
