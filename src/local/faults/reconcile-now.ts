import { MediaBatchError } from '../../core/errors.ts';
import type { FaultRun } from './fault-run.ts';

/** Runs the reconciler on demand, for every open file, as an operator does. @returns what it did, in words */
export async function reconcileNow({ world, signal }: FaultRun): Promise<string> {
  const { reconcilerFunction = '' } = world.pipeline;
  try {
    const { busy, did } = await world.cloud.services.reconciler.run(reconcilerFunction, undefined, signal);
    const done = Object.entries(did).filter(([, times]) => times > 0);
    return busy ? 'busy' : done.map(([what, times]) => `${times} ${what}`).join(', ') || 'nothing';
  } catch (error) {
    // A run that was killed is one of the faults, and the next run goes on.
    if (error instanceof MediaBatchError) return error.message;
    throw error;
  }
}
