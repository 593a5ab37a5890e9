import { dispatchOf } from '../../app/stack/pipeline-snapshot.ts';
import type { Reading } from '../../app/watch/reading.ts';

/** Dispatch does not submit files. */
export interface Standstill {
  readonly state: 'paused' | 'waiting';
  readonly reason: string | undefined;
  /** `consumer`, `reconciler`, `operator`; undefined where it is not recorded */
  readonly by: string | undefined;
  /** when a wait ends */
  readonly until: Date | undefined;
}

/** @returns undefined where dispatch runs, or nothing is known of it */
export function standstillOf(reading: Reading | undefined): Standstill | undefined {
  const { pipeline, dispatch } = reading ?? {};
  // The pipeline of an earlier reading stays when later ones read only the batches, and with them the item.
  const isPipelineOld = dispatch !== undefined && pipeline?.dispatch !== dispatch;
  if (pipeline && !isPipelineOld) {
    const { state, reason, by, until } = dispatchOf(pipeline);
    if (state === 'waiting') return { state, reason, by, until };
    return state === 'paused' || state === 'pausing' ? { state: 'paused', reason, by, until } : undefined;
  }
  if (!dispatch || dispatch.state === 'running') return undefined;
  const { state, reason, by } = dispatch;
  return { state, reason, by, until: dispatch.until === undefined ? undefined : new Date(dispatch.until) };
}
