import { readReason, type FoundReason } from '../../core/batch/dead-letter.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { QueueService, ReceivedMessage } from '../../core/batch/queue-service.ts';
import { decodeQueueMessage, type QueueMessage } from '../../core/batch/queue-message.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { releaseAll } from './release-all.ts';

/**
 * Retention of both queues, in days: a dead letter keeps the time of its first send (SQS Developer Guide,
 * "Setting-up dead-letter queue retention").
 */
const RETENTION_DAYS = 14;
/** How long a listed message stays hidden from others, in s, if its release fails. */
const HIDE_SECONDS = 30;
/** A poll may miss messages that are there (SQS API, ReceiveMessage): this many empty answers in a row end the list. */
const EMPTY_ROUNDS = 2;

/** One message of the dead-letter queue, with why it is there. */
export interface DeadLetter extends FoundReason {
  readonly id: string;
  /** undefined where the message cannot be read; then only `body` is known */
  readonly file: QueueMessage | undefined;
  readonly body: string;
  readonly receiveCount: number;
  readonly expiresAt: Date;
}

export interface DeadLetterList {
  readonly letters: readonly DeadLetter[];
  /** AWS's estimate of how many there are in all */
  readonly about: number;
}

export interface ListOptions {
  /** lists at most this many letters */
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the list so far whenever it has grown, so that its first page can be shown early. */
  readonly onProgress?: (list: DeadLetterList) => void;
}

/**
 * Lists the dead-letter queue and leaves it as it was: receives the messages, then makes all of them visible again,
 * even after a failure or a cancel.
 * @throws AwsError
 */
export async function listDeadLetters(
  pipeline: StackOutputs,
  queues: QueueService,
  { limit = 1000, signal, onProgress }: ListOptions = {},
): Promise<DeadLetterList> {
  const url = pipeline.deadLetterQueueUrl;
  const { waiting, inFlight } = await queues.depth(url, signal);
  const seen = new Map<string, ReceivedMessage>();
  const list = (): DeadLetterList => {
    const letters = [...seen.values()].map(toDeadLetter);
    return { letters, about: Math.max(waiting + inFlight, letters.length) };
  };
  const release = (): Promise<void> => {
    const receipts = [...seen.values()].map((message) => message.receipt);
    return releaseAll(url, receipts, queues);
  };
  try {
    for (let empty = 0; empty < EMPTY_ROUNDS && seen.size < limit;) {
      const max = Math.min(10, limit - seen.size);
      const page = await queues.receive(url, { max, hideSeconds: HIDE_SECONDS, waitSeconds: 1 }, signal);
      const known = seen.size;
      for (const message of page) seen.set(message.id, message);
      // A message that comes a second time shows that the whole queue has been received once.
      empty = seen.size === known ? empty + 1 : 0;
      if (seen.size > known) onProgress?.(list());
    }
  } catch (error) {
    // The first error is the one to report.
    await release().catch(() => undefined);
    throw error;
  }
  await release();
  return list();
}

function toDeadLetter({ id, body, attributes, receiveCount, sentAt }: ReceivedMessage): DeadLetter {
  return {
    id,
    file: readable(body),
    body,
    ...readReason(attributes),
    receiveCount,
    expiresAt: new Date(sentAt.getTime() + RETENTION_DAYS * 86_400_000),
  };
}

function readable(body: string): QueueMessage | undefined {
  try {
    return decodeQueueMessage(body);
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
}
