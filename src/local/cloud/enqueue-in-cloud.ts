import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCloudEnqueue, startCloudEnqueue, type CloudEnqueue } from '../../app/batch/cloud-enqueue.ts';
import type { EnqueueRequest } from '../../app/batch/enqueue-prefix.ts';
import { poll } from '../../app/poll.ts';
import { deployEnumerator } from '../../app/stack/cloud-enqueue-stack.ts';
import { MediaBatchError } from '../../core/errors.ts';
import type { CloudServices } from '../../core/stack/cloud-services.ts';
import { DEFAULT_STACK_NAME, type StackOutputs } from '../../core/stack/stack-contract.ts';
import type { StackEvent } from '../../core/stack/stack-service.ts';

const TEMPLATE_FILE = join(import.meta.dirname, '../../../dist/enumerator.yaml');

export interface CloudEnqueueSteps {
  readonly onEvent: (event: StackEvent) => void;
  readonly onProgress: (enqueue: CloudEnqueue) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes the stack that enqueues a bucket, enqueues a prefix with it and waits for the end.
 * @throws MediaBatchError `cloud-enqueue-failed` where the run fails
 */
export async function enqueueInCloud(
  request: EnqueueRequest,
  pipeline: StackOutputs,
  services: CloudServices,
  { onEvent, onProgress, signal }: CloudEnqueueSteps,
): Promise<CloudEnqueue> {
  const templateBody = await readFile(TEMPLATE_FILE, 'utf8');
  const stack = { stackName: DEFAULT_STACK_NAME, bucket: request.bucket, templateBody };
  const made = await deployEnumerator(stack, services.stacks, { onEvent, everyMs: 200, signal });
  const { batch } = await startCloudEnqueue(request, made?.machine ?? '', pipeline, services, { signal });
  const look = async (): Promise<CloudEnqueue | undefined> => {
    const enqueue = await readCloudEnqueue(batch, pipeline, services, signal);
    if (!enqueue) return undefined;
    onProgress(enqueue);
    if (enqueue.failure !== undefined) throw new MediaBatchError('cloud-enqueue-failed', enqueue.failure);
    return enqueue.progress.enqueued ? enqueue : undefined;
  };
  return poll(look, 250, signal);
}
