import type { ViewNode } from '../base/node.ts';
import type { BatchesContext } from '../batches/batches-context.ts';
import { placeOf } from '../buckets/bucket-rows.ts';
import { enqueueFrom } from './enqueue-prefix.ts';

/**
 * "Enqueue in the Cloud…": asks as Enqueue Prefix does, says what it adds and costs, and has Step Functions enqueue.
 * @param node a bucket, pin or prefix; absent: the user chooses one
 * @throws InvalidInputError, DeployError, AwsError; AbortError on Escape
 */
export async function enqueueInCloudCommand(ui: BatchesContext, node?: ViewNode): Promise<void> {
  const place = placeOf(node);
  await enqueueFrom(ui, ui.vs.l10n.t('Enqueue in the Cloud'), () => ({
    form: place ? { place } : {},
    inCloud: true,
  }));
}
