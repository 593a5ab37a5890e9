import { setTimeout as sleep } from 'node:timers/promises';
import { MediaBatchError } from '../../core/errors.ts';
import type { OutgoingMessage, QueueService, ReceivedMessage } from '../../core/batch/queue-service.ts';
import { releaseAll } from './release-all.ts';

/** A received message is hidden this long, in s: far more than its send and delete take. */
const HIDE_SECONDS = 60;
/** A poll may miss messages that are there (SQS API, ReceiveMessage): this many empty polls in a row end the move. */
const EMPTY_ROUNDS = 2;

/**
 * Moves messages from one queue to another: receive, send, delete, in this order, so that a crash leaves a message in
 * both queues and never in none (the consumer's claim drops the second copy). Only messages from before the start are
 * moved, so that a file that fails again at once is not moved again and again.
 * @param perSecond messages a second at most
 * @returns how many have moved, and whether the signal ended it
 * @throws MediaBatchError `redrive-failed` when the destination refuses all messages of a page, AwsError
 */
export async function moveMessages(
  sourceUrl: string,
  destinationUrl: string,
  queues: QueueService,
  options: {
    perSecond?: number | undefined;
    signal?: AbortSignal | undefined;
    onProgress?: (moved: number, about: number | undefined) => void;
  } = {},
): Promise<{ moved: number; cancelled: boolean }> {
  const { perSecond, signal, onProgress } = options;
  const startedAt = Date.now();
  const { waiting } = await queues.depth(sourceUrl);
  const max = Math.min(10, perSecond ?? 10);
  const later: string[] = [];
  let moved = 0;
  for (let empty = 0; empty < EMPTY_ROUNDS && !signal?.aborted;) {
    const page = await queues.receive(sourceUrl, { max, hideSeconds: HIDE_SECONDS, waitSeconds: 1 });
    const old = page.filter((message) => message.sentAt.getTime() <= startedAt);
    later.push(...page.filter((message) => !old.includes(message)).map((message) => message.receipt));
    moved += await moveOnce(old, sourceUrl, destinationUrl, queues);
    empty = old.length === 0 ? empty + 1 : 0;
    onProgress?.(moved, Math.max(waiting, moved));
    if (perSecond !== undefined && old.length > 0) await pace(startedAt + (moved / perSecond) * 1000, signal);
  }
  await releaseAll(sourceUrl, later, queues);
  return { moved, cancelled: signal?.aborted ?? false };
}

/** Messages that could not be sent are not deleted, so they become visible again. */
async function moveOnce(
  messages: readonly ReceivedMessage[],
  sourceUrl: string,
  destinationUrl: string,
  queues: QueueService,
): Promise<number> {
  if (messages.length === 0) return 0;
  // By the reason in its attributes the consumer tells a redriven message from a stray copy.
  const copies = messages.map(({ body, group, attributes }): OutgoingMessage => ({
    body,
    group,
    attributes,
  }));
  const failures = await queues.send(destinationUrl, copies);
  const sent = messages.filter((_, index) => failures.every((failure) => failure.index !== index));
  const [refused] = failures;
  if (sent.length === 0 && refused) {
    throw new MediaBatchError(
      'redrive-failed',
      `The work queue refuses messages (${refused.code}: ${refused.message}): fix that, then redrive again. The dead letters stay where they are.`,
    );
  }
  if (sent.length > 0)
    await queues.delete(
      sourceUrl,
      sent.map((message) => message.receipt),
    );
  return sent.length;
}

async function pace(until: number, signal: AbortSignal | undefined): Promise<void> {
  const left = until - Date.now();
  // An abort only ends the pause; the loop ends the move.
  if (left > 0) await sleep(left, undefined, { signal }).catch(() => undefined);
}
