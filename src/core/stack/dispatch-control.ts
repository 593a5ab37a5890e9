import type { LiveMost, Pace } from './pace.ts';
import type { StackOutputs, Tuning } from './stack-contract.ts';

export interface DispatchState {
  /** `waiting` is a pause that the reconciler ends */
  readonly state: 'running' | 'paused' | 'waiting';
  /** why, for `paused` and `waiting` */
  readonly reason: string | undefined;
  /** ISO 8601 */
  readonly at: string | undefined;
  /** when a wait ends, ISO 8601; undefined for a wait that is over */
  readonly until?: string | undefined;
  /** waits in a row, each begun soon after the one before; the next one is longer */
  readonly waits?: number | undefined;
  /** raised by each write, which has the epoch that it read as its condition; 0 before the first one */
  readonly epoch: number;
  /** who wrote it: `consumer`, `reconciler`, `operator` */
  readonly by?: string | undefined;
}

/** What one request reads: whether dispatch runs, and the pace. */
export interface PacedDispatch {
  readonly state: DispatchState;
  readonly pace: Pace;
}

/** Where a stack records whether dispatch runs. A stack without a reconciler has an item of the older kind as well. */
export type DispatchPlace = Pick<StackOutputs, 'resultsTable' | 'stackId' | 'reconcilerFunction'>;

/** Whether dispatch runs, and how fast, for the operator. */
export interface DispatchControl {
  readState(place: DispatchPlace, signal?: AbortSignal): Promise<DispatchState>;
  /** The same, with the pace. */
  readPaced(place: DispatchPlace, signal?: AbortSignal): Promise<PacedDispatch>;
  /** Sets how many calls/s there may be at most, at once and without a deploy. */
  setMost(place: DispatchPlace, live: LiveMost, signal?: AbortSignal): Promise<void>;
  /** @returns how many functions may run at once in the account and region, all of its functions together */
  functionsAtOnce(signal?: AbortSignal): Promise<number | undefined>;
  /**
   * Writes a state made from the one that was read, if nobody has written since.
   * @returns false where somebody has; nothing is written then
   */
  writeState(place: DispatchPlace, next: DispatchState, signal?: AbortSignal): Promise<boolean>;
  mapping(id: string, signal?: AbortSignal): Promise<MappingState>;
  /** Changes the mapping and waits until it has settled. @returns the settled mapping */
  updateMapping(
    id: string,
    change: Partial<Tuning> & { enabled?: boolean },
    signal?: AbortSignal,
  ): Promise<MappingState>;
}

/** Whether dispatch runs, for the consumer and the reconciler. A failure is the SDK's own error. */
export interface DispatchSwitch {
  /** Reads the state strongly. */
  readDispatch(): Promise<DispatchState>;
  /**
   * Stops dispatch with a reason: for about `waitMs`, or until the operator resumes it. The mapping is switched off for
   * a long wait only.
   * @param read the state before; only a running dispatch is stopped
   * @returns false where it was not running, or another one has written since: nothing is changed then
   */
  stopDispatch(
    stop: { readonly reason: string; readonly waitMs?: number | undefined },
    read: DispatchState,
  ): Promise<boolean>;
  /** Resumes dispatch where its wait is over. @returns false where it is not, or another one has written since */
  endWait(read: DispatchState): Promise<boolean>;
  /** Switches the mapping off, where no item can be written. */
  switchOff(): Promise<void>;
  /**
   * Switches the mapping to what the item says, after a run that died between the two, or a change outside.
   * @returns true where the mapping was not so already
   */
  followDispatch(read: DispatchState): Promise<boolean>;
  /** @returns false where the mapping is off, whatever the item says */
  isOn(): Promise<boolean>;
}

export interface MappingState extends Tuning {
  /** `Enabled`, `Disabled`, `Enabling`, `Disabling`, `Updating`, … */
  readonly state: string;
  /** the result of the last poll of the queue, in AWS's words */
  readonly lastResult: string | undefined;
}
