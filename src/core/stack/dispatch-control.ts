import type { Tuning } from './stack-contract.ts';

export interface DispatchState {
  readonly state: 'running' | 'paused';
  /** why, for `paused` */
  readonly reason: string | undefined;
  /** ISO 8601 */
  readonly at: string | undefined;
}

export interface DispatchControl {
  readState(table: string, signal?: AbortSignal): Promise<DispatchState>;
  writeState(table: string, state: DispatchState, signal?: AbortSignal): Promise<void>;
  mapping(id: string, signal?: AbortSignal): Promise<MappingState>;
  /** Changes the mapping and waits until it has settled. @returns the settled mapping */
  updateMapping(
    id: string,
    change: Partial<Tuning> & { enabled?: boolean },
    signal?: AbortSignal,
  ): Promise<MappingState>;
}

export interface MappingState extends Tuning {
  /** `Enabled`, `Disabled`, `Enabling`, `Disabling`, `Updating`, … */
  readonly state: string;
  /** the result of the last poll of the queue, in AWS's words */
  readonly lastResult: string | undefined;
}
