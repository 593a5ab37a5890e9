import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { MediaBatchError } from '../../core/errors.ts';
import { encodeQueueMessage, type QueueMessage } from '../../core/batch/queue-message.ts';
import type { OutgoingMessage, QueueService, SendFailure } from '../../core/batch/queue-service.ts';

/**
 * SQS takes 10 messages a call; at about 2.5 kB each they never reach the 1 MiB limit of a call (SQS API,
 * SendMessageBatch).
 */
const BATCH = 10;
/**
 * Calls under way at once: a connection does about 1/latency calls a second (SQS Developer Guide, "Horizontal
 * scaling").
 */
const CALLS = 32;
/** Entries that SQS could not take are sent up to this many times, each time after a longer pause. */
const TRIES = 6;

/** @returns a file's message, in the fair-queue group of its batch */
export function fileMessage(file: QueueMessage): OutgoingMessage {
  return { body: encodeQueueMessage(file), group: file.batch };
}

/**
 * Sends all messages. SQS may answer HTTP 200 and name failed entries; only those are sent again.
 * @throws MediaBatchError `aws` with SQS's own words when SQS refuses an entry permanently
 */
export async function sendAll(
  queueUrl: string,
  messages: readonly OutgoingMessage[],
  queues: QueueService,
  signal?: AbortSignal,
): Promise<void> {
  const batches: (readonly OutgoingMessage[])[] = [];
  for (let i = 0; i < messages.length; i += BATCH) batches.push(messages.slice(i, i + BATCH));
  await pMap(batches, (batch) => sendBatch(queueUrl, batch, queues, signal), {
    concurrency: CALLS,
    ...(signal && { signal }),
  });
}

async function sendBatch(
  queueUrl: string,
  messages: readonly OutgoingMessage[],
  queues: QueueService,
  signal: AbortSignal | undefined,
): Promise<void> {
  let rest = messages;
  for (let tries = 1; ; tries++) {
    const failures = await queues.send(queueUrl, rest, signal);
    const refused = failures.find((failure) => failure.senderFault || tries === TRIES);
    if (refused) throw refusal(refused);
    if (failures.length === 0) return;
    rest = failures.flatMap(({ index }) => rest[index] ?? []);
    await sleep(100 * 2 ** tries * (0.5 + Math.random() / 2), undefined, { signal });
  }
}

function refusal({ code, message }: SendFailure): MediaBatchError {
  return new MediaBatchError('aws', `SQS did not take a message (${code}: ${message}).`);
}
