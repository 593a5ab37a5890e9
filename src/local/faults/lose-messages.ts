import { setTimeout as sleep } from 'node:timers/promises';
import { pauseDispatch, resumeDispatch } from '../../app/stack/dispatch.ts';
import { decodeQueueMessage } from '../../core/batch/queue-message.ts';
import type { ReceivedMessage } from '../../core/batch/queue-service.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import type { FaultRun } from './fault-run.ts';

/** A message that came back after its first failure, or that met the pause, is visible again within this time. */
const LOOK_MS = 15_000;
/** The queue may hold other files for longer. */
const FIRST_TRY_MS = 20_000;
/** So many messages of either kind expire at most, and of those that are looked at this share. */
const MOST_EXPIRED = 20;
const EXPIRED_SHARE = 0.5;

/** Messages of files that have an item, and of those that have none. */
interface Deleted {
  claimed: number;
  unclaimed: number;
}

/** Tells whether a message is deleted. */
type Choice = (input: string, item: ResultItem | undefined) => boolean;

/**
 * Deletes the messages of the files that shall lose theirs: of those that have been tried and will be again. Dispatch is
 * paused meanwhile, so that nobody else receives them. @returns how many were deleted, in words
 */
export async function loseMessages(run: FaultRun): Promise<string> {
  const wanted = await untilTried(run);
  const shallLose = run.plan.get('message-lost');
  const { claimed } = await deleteMessages(run, { claimed: wanted, unclaimed: 0 }, (input, item) =>
    Boolean(shallLose?.has(input) && item?.status === 'retrying'),
  );
  return `${claimed} messages deleted`;
}

/**
 * Deletes messages as SQS does once their retention is over: of files that nobody has claimed, and of files that have
 * been tried, whichever lie in the queue. It differs from `messages-lost` by the former, which leave no item behind.
 * @returns how many of each were deleted, in words
 */
export async function expireMessages(run: FaultRun): Promise<string> {
  const isOld = (input: string) => run.draw(`expiry of ${input}`) < EXPIRED_SHARE;
  const { claimed, unclaimed } = await deleteMessages(
    run,
    { claimed: MOST_EXPIRED, unclaimed: MOST_EXPIRED },
    isOld,
  );
  return `${claimed} messages of claimed files expired, ${unclaimed} of files that nobody has claimed`;
}

/** Looks at the messages of the work queue one after the other, and deletes the chosen ones while dispatch is paused. */
async function deleteMessages(
  { world, signal }: FaultRun,
  most: Readonly<Deleted>,
  isChosen: Choice,
): Promise<Deleted> {
  const { cloud, owner, pipeline } = world;
  await pauseDispatch(pipeline, 'the fault suite looks for messages', cloud.services.dispatch, signal);
  const deleted = { claimed: 0, unclaimed: 0 };
  const kept: string[] = [];
  const isEnough = (kind: keyof Deleted) => deleted[kind] >= most[kind];
  for (
    const limit = Date.now() + LOOK_MS;
    Date.now() < limit && !(isEnough('claimed') && isEnough('unclaimed'));
  ) {
    const page = await owner.queues.receive(
      pipeline.workQueueUrl,
      { max: 10, hideSeconds: 60, waitSeconds: 1 },
      signal,
    );
    for (const message of page) {
      const { input, item } = await aboutFile(message, world);
      const kind = item ? 'claimed' : 'unclaimed';
      if (isChosen(input, item) && !isEnough(kind)) {
        await owner.queues.delete(pipeline.workQueueUrl, [message.receipt], signal);
        deleted[kind] += 1;
      } else kept.push(message.receipt);
    }
  }
  for (let i = 0; i < kept.length; i += 10) {
    await owner.queues.release(pipeline.workQueueUrl, kept.slice(i, i + 10), signal);
  }
  await resumeDispatch(pipeline, cloud.services.dispatch, signal);
  return deleted;
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

async function aboutFile(
  { body }: ReceivedMessage,
  { owner, pipeline }: FaultRun['world'],
): Promise<{ input: string; item: ResultItem | undefined }> {
  const message = decodeQueueMessage(body);
  const item = await owner.batches.result(pipeline.resultsTable, message);
  return { input: s3Uri(message), item };
}
