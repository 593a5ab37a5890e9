import { setTimeout as sleep } from 'node:timers/promises';
import { pauseDispatch, resumeDispatch } from '../../app/stack/dispatch.ts';
import { decodeQueueMessage } from '../../core/batch/queue-message.ts';
import type { ReceivedMessage } from '../../core/batch/queue-service.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import type { FaultRun } from './fault-run.ts';

/** A message that came back after its first failure, or that met the pause, is visible again within this time. */
const LOOK_MS = 15_000;
/** The queue may hold other files for longer. */
const FIRST_TRY_MS = 20_000;

/**
 * Deletes the messages of the files that shall lose theirs: of those that have an item, since who looks for files
 * without one is another question. Dispatch is paused meanwhile, so that nobody else receives them.
 * @returns how many were deleted, in words
 */
export async function loseMessages(run: FaultRun): Promise<string> {
  const { world, signal } = run;
  const { cloud, owner, pipeline } = world;
  const wanted = await untilTried(run);
  await pauseDispatch(pipeline, 'the fault suite looks for messages', cloud.services.dispatch, signal);
  let lost = 0;
  const kept: string[] = [];
  for (const limit = Date.now() + LOOK_MS; Date.now() < limit && lost < wanted;) {
    const page = await owner.queues.receive(
      pipeline.workQueueUrl,
      { max: 10, hideSeconds: 60, waitSeconds: 1 },
      signal,
    );
    for (const message of page) {
      if (await isToBeLost(message, run)) {
        await owner.queues.delete(pipeline.workQueueUrl, [message.receipt], signal);
        lost += 1;
      } else kept.push(message.receipt);
    }
  }
  for (let i = 0; i < kept.length; i += 10) {
    await owner.queues.release(pipeline.workQueueUrl, kept.slice(i, i + 10), signal);
  }
  await resumeDispatch(pipeline, cloud.services.dispatch, signal);
  return `${lost} messages deleted`;
}

/** Waits until the files that shall lose their message have been tried once. @returns how many of them have been */
async function untilTried({ world, plan, signal }: FaultRun): Promise<number> {
  const { postsByInput } = world.cloud.ittybit.book;
  const inputs = [...(plan.get('message-lost') ?? [])];
  const tried = () => inputs.filter((input) => postsByInput.has(input)).length;
  for (const limit = Date.now() + FIRST_TRY_MS; Date.now() < limit && tried() < inputs.length;) {
    await sleep(200, undefined, { signal });
  }
  return tried();
}

async function isToBeLost({ body }: ReceivedMessage, { world, plan, signal }: FaultRun): Promise<boolean> {
  const message = decodeQueueMessage(body);
  if (!plan.get('message-lost')?.has(s3Uri(message))) return false;
  const item = await world.owner.batches.result(world.pipeline.resultsTable, message, signal);
  return item?.status === 'retrying';
}
