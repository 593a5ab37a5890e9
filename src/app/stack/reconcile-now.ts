import { DeployError } from '../../core/errors.ts';
import type { ReconcilerSummary } from '../../core/stack/reconciler-run.ts';
import type { ReconcilerService } from '../../core/stack/reconciler-service.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';

/**
 * Runs the reconciler now, and waits until it has ended.
 * @param batch only this batch; undefined: all that is due
 * @throws DeployError `no-reconciler` for a stack of an older template; otherwise as `ReconcilerService.run`
 */
export async function reconcileNow(
  stackName: string,
  pipeline: StackOutputs,
  reconciler: Pick<ReconcilerService, 'run'>,
  batch?: string,
): Promise<ReconcilerSummary> {
  const { reconcilerFunction } = pipeline;
  if (reconcilerFunction === undefined) {
    throw new DeployError(
      'no-reconciler',
      stackName,
      `The stack "${stackName}" has an older template without a reconciler: run "Media Batch: Deploy Pipeline" to update it.`,
    );
  }
  return reconciler.run(reconcilerFunction, batch);
}
