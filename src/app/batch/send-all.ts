import { encodeQueueMessage, type QueueMessage } from '../../core/batch/queue-message.ts';
import type { OutgoingMessage, QueueService } from '../../core/batch/queue-service.ts';
import { Patience } from './patience.ts';
import { SendPool } from './send-pool.ts';

/** @returns a file's message, in the fair-queue group of its batch */
export function fileMessage(file: QueueMessage): OutgoingMessage {
  return { body: encodeQueueMessage(file), group: file.batch };
}

/**
 * Sends all messages.
 * @throws MediaBatchError `aws` with SQS's own words when SQS refuses an entry permanently; AwsError
 */
export async function sendAll(
  queueUrl: string,
  messages: readonly OutgoingMessage[],
  queues: Pick<QueueService, 'send'>,
  signal?: AbortSignal,
): Promise<void> {
  const pool = new SendPool({ queueUrl, queues, patience: new Patience(), signal });
  pool.add(messages, () => undefined);
  await pool.end();
}
