import { AwsError, InvalidInputError, MediaBatchError } from '../../core/errors.ts';
import type { MoveTask, QueueService } from '../../core/batch/queue-service.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { moveMessages } from './mover.ts';
import { patiently, poll } from '../poll.ts';

/** StartMessageMoveTask takes 1 to 500 messages a second (SQS API). */
export const MAX_REDRIVE_RATE = 500;

export interface RedriveOptions {
  /** messages a second, 1 to 500; absent: as fast as the service chooses */
  readonly perSecond?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (moved: number, about: number | undefined) => void;
  /** pause between two reads of the move task, in ms */
  readonly everyMs?: number;
}

/** `moved` is AWS's estimate where `by` is `move-task`, and exact where it is `mover`. */
export interface RedriveResult {
  readonly moved: number;
  readonly by: 'move-task' | 'mover';
  readonly cancelled: boolean;
}

/**
 * Moves every dead letter back to the work queue. The consumer's claim pays for each work once. SQS moves the letters
 * itself (`StartMessageMoveTask`). Where the service does not have this operation, Media Batch moves them. A
 * cancel is not an error: messages that have moved stay moved.
 * @throws InvalidInputError for a rate outside 1 to 500, MediaBatchError `redrive-failed`, AwsError
 */
export async function redriveAll(
  pipeline: StackOutputs,
  queues: QueueService,
  options: RedriveOptions = {},
): Promise<RedriveResult> {
  const { perSecond, signal } = options;
  if (
    perSecond !== undefined &&
    (!Number.isInteger(perSecond) || perSecond < 1 || perSecond > MAX_REDRIVE_RATE)
  ) {
    throw new InvalidInputError(
      'perSecond',
      `The redrive rate is a whole number from 1 to ${MAX_REDRIVE_RATE} messages a second.`,
    );
  }
  const sourceArn = pipeline.deadLetterQueueArn;
  let before = 0;
  let handle: string;
  try {
    before = (await queues.moves(sourceArn, signal))[0]?.startedAt ?? 0;
    handle = await queues.startMove({ sourceArn, destinationArn: pipeline.workQueueArn, perSecond }, signal);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'unsupported') throw error;
    const moved = await moveMessages(pipeline.deadLetterQueueUrl, pipeline.workQueueUrl, queues, options);
    return { ...moved, by: 'mover' };
  }
  return { ...(await follow({ sourceArn, handle, before }, queues, options)), by: 'move-task' };
}

/** A new task may be missing in this many lists before it counts as gone. */
const LATE_LISTS = 5;

/**
 * @param move `before` is the start of the last earlier task. It tells our task from that one, because only a RUNNING
 * task shows its handle
 */
async function follow(
  { sourceArn, handle, before }: { sourceArn: string; handle: string; before: number },
  queues: QueueService,
  { signal, onProgress, everyMs = 1000 }: RedriveOptions,
): Promise<Omit<RedriveResult, 'by'>> {
  let last: MoveTask | undefined;
  let cancelAsked = false;
  let missed = 0;
  const look = patiently(async () => {
    if (signal?.aborted && !cancelAsked) {
      await cancel(handle, queues);
      cancelAsked = true;
    }
    // No signal here: after a cancel the task is followed to its end, to report how many messages have moved.
    const tasks = await queues.moves(sourceArn);
    const task =
      tasks.find((each) => each.handle === handle) ?? tasks.find(({ startedAt }) => startedAt > before);
    if (!task) return last || ++missed === LATE_LISTS ? 'gone' : undefined;
    onProgress?.(task.moved, task.toMove);
    last = task;
    return /^(RUNNING|CANCELLING)$/.test(task.status) ? undefined : task;
  });
  const end = await poll(look, everyMs);
  if (end !== 'gone' && end.status === 'FAILED') {
    throw new MediaBatchError(
      'redrive-failed',
      `SQS stopped the redrive after about ${end.moved} messages: ${end.failure ?? 'no reason given'}. The others are still dead letters: redrive again.`,
    );
  }
  return { moved: last?.moved ?? 0, cancelled: cancelAsked };
}

/** Cancels the task. A task that has already ended cannot be cancelled, which is not an error. */
async function cancel(handle: string, queues: QueueService): Promise<void> {
  try {
    await queues.cancelMove(handle);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'not-found') throw error;
  }
}
