import type { BackgroundWork } from '../core/background.ts';
import type { OutgoingMessage, QueueService } from '../core/batch/queue-service.ts';

/** Sends under way at once in the thread that sends. */
export const SENDS = 40;

/** What a thread that sends is given. */
export interface SendErrand {
  readonly queueUrl: string;
  readonly messages: readonly OutgoingMessage[];
}

export const SEND_WORK: BackgroundWork<Pick<QueueService, 'send'>> = {
  /** answers once the thread has started */
  start: () => Promise.resolve(undefined),
  send: ({ queueUrl, messages }: SendErrand, queues, { signal }) => queues.send(queueUrl, messages, signal),
};
