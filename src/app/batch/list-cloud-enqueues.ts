import pMap from 'p-map';
import { batchOfRun } from '../../core/batch/cloud-runs.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import {
  cloudEnqueueOf,
  endedEnqueue,
  type CloudEnqueue,
  type CloudEnqueueServices,
} from './cloud-enqueue.ts';

/** Batches that are read at once. */
const READS = 4;

/**
 * @param machine ARN of a bucket's state machine
 * @returns the newest batches that it enqueues or has enqueued, newest first, at most ten
 * @throws AwsError
 */
export async function listCloudEnqueues(
  machine: string,
  pipeline: Pick<StackOutputs, 'resultsTable'>,
  services: CloudEnqueueServices,
  signal?: AbortSignal,
): Promise<readonly CloudEnqueue[]> {
  const names = await services.cloudRuns.recent(machine, signal);
  const batches = [...new Set(names.map(batchOfRun))];
  const read = async (batch: string): Promise<CloudEnqueue | undefined> => {
    const record = await services.batches.read(pipeline.resultsTable, batch, signal);
    // Of one that is over, Step Functions need not be asked at each look.
    return endedEnqueue(record) ?? cloudEnqueueOf(record, pipeline, services, signal);
  };
  const found = await pMap(batches, read, { concurrency: READS });
  return found.filter((each) => each !== undefined);
}
