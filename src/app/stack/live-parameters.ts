import { InvalidInputError } from '../../core/errors.ts';
import type { DispatchState, MappingState } from '../../core/stack/dispatch-control.ts';
import { mostOf, type Pace } from '../../core/stack/pace.ts';
import { TUNING_LIMITS, type StackParameters, type Tuning } from '../../core/stack/stack-contract.ts';

/**
 * The reason that users read beside "paused" during an update. It also tells this pause from all others. It is stored,
 * so it is not translated.
 */
export const UPDATE_PAUSE = 'for an update of the stack';

/** The stack parameters that are changed live, on the event source mapping. */
export const TUNING_PARAMETERS = {
  batchSize: 'BatchSize',
  maximumConcurrency: 'MaximumConcurrency',
  maximumBatchingWindow: 'MaximumBatchingWindow',
} as const satisfies Record<keyof Tuning, string>;
export type LiveParameters = Required<
  Pick<StackParameters, (typeof TUNING_PARAMETERS)[keyof Tuning] | 'DispatchEnabled'>
>;

/**
 * The parameter values that match the mapping as it is now, with what was tuned or paused live.
 * @param recorded the control item. It decides while the mapping is `Updating`. It also shows the pause of an
 * interrupted update and a wait, which end by themselves and count as enabled
 */
export function liveParameters(mapping: MappingState, recorded?: DispatchState): LiveParameters {
  return {
    BatchSize: String(mapping.batchSize),
    MaximumConcurrency: String(mapping.maximumConcurrency),
    MaximumBatchingWindow: String(mapping.maximumBatchingWindow),
    DispatchEnabled: String(
      isEnabled(mapping, recorded) || isUpdatePause(recorded) || recorded?.state === 'waiting',
    ),
  };
}

type Known = Readonly<Record<string, string>>;

/**
 * @param known the stack's parameters
 * @returns calls/s that are allowed at most, 0 for no limit; undefined for a stack of a template without a pace
 */
export function mostFor({ MaxRequestsPerSecond: parameter }: Known, pace: Pace): number | undefined {
  return parameter === undefined ? undefined : mostOf(pace, Number(parameter));
}

/** The parameter that matches what was set live about calls per second. */
export function liveMost(known: Known, pace: Pace): StackParameters {
  const most = mostFor(known, pace);
  return most === undefined ? {} : { MaxRequestsPerSecond: String(most) };
}

/** @returns whether the mapping polls its queue, or is about to */
export function isEnabled({ state }: MappingState, recorded?: DispatchState): boolean {
  if (/^Disabl/.test(state)) return false;
  return /^Enabl/.test(state) || (recorded?.state ?? 'running') === 'running';
}

/** @returns whether dispatch is paused for an update, and has not been paused for another reason since */
export function isUpdatePause(recorded: DispatchState | undefined): boolean {
  return recorded?.state === 'paused' && recorded.reason === UPDATE_PAUSE;
}

/**
 * Refuses a mapping that the stack's parameters cannot express, such as one that was tuned by hand.
 * @param chosen parameters that the user sets; they are not checked
 * @throws InvalidInputError whose field is the tuning
 */
export function checkKeepable(mapping: MappingState, chosen: StackParameters): void {
  for (const [name, parameter] of Object.entries(TUNING_PARAMETERS) as [
    keyof Tuning,
    keyof LiveParameters,
  ][]) {
    const [least, most] = TUNING_LIMITS[name];
    const value = mapping[name];
    if (parameter in chosen || (Number.isInteger(value) && value >= least && value <= most)) continue;
    throw new InvalidInputError(
      name,
      `The pipeline was tuned to ${parameter} ${value}, which the stack cannot keep (${least} to ${most}): run "Media Batch: Tune Throughput", then deploy again.`,
    );
  }
}
