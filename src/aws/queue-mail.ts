import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type Message,
  type MessageAttributeValue,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { LetterQueue, SweptLetter } from '../core/batch/letter-queue.ts';
import { encodeQueueMessage, type QueueMessage } from '../core/batch/queue-message.ts';

/** A letter is hidden this long while the sweep decides, in s; then it releases it. */
const HIDE_SECONDS = 20;

/** @returns how to send a file's message to the work queue */
export function messageSender(sqs: SQSClient, QueueUrl: string): (message: QueueMessage) => Promise<void> {
  return async (message) => {
    const MessageBody = encodeQueueMessage(message);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: message.batch }));
  };
}

/** The three parts of a queue's depth; AWS only estimates them. */
const DEPTHS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** @returns about how many messages a queue holds, seen or hidden */
export async function queueDepth(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const query = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...DEPTHS] });
  const { Attributes = {} } = await sqs.send(query);
  return DEPTHS.reduce((total, name) => total + Number(Attributes[name] ?? 0), 0);
}

/** Sends a copy of a message to the dead-letter queue, with its reason and its fair-queue group. */
export async function sendLetter(
  sqs: SQSClient,
  QueueUrl: string,
  { body, group }: { readonly body: string; readonly group: string | undefined },
  attributes: Readonly<Record<string, string>>,
): Promise<void> {
  const named = Object.entries(attributes).map(([name, StringValue]): [string, MessageAttributeValue] => [
    name,
    { DataType: 'String', StringValue },
  ]);
  await sqs.send(
    new SendMessageCommand({
      ...{ QueueUrl, MessageBody: body, MessageAttributes: Object.fromEntries(named) },
      ...(group !== undefined && { MessageGroupId: group }),
    }),
  );
}

/** The dead-letter queue, for the reconciler's sweep. A failure is the SDK's own error. */
export function letterQueue(sqs: SQSClient, QueueUrl: string): LetterQueue {
  const remove = async ({ receipt }: SweptLetter) => {
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receipt }));
  };
  return {
    async receive() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          ...{ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: HIDE_SECONDS },
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['MessageGroupId'],
        }),
      );
      return Messages.map(toLetter);
    },
    remove,
    async replace(letter, attributes) {
      // The copy first: a crash in between leaves two letters, and never none.
      await sendLetter(sqs, QueueUrl, letter, attributes);
      await remove(letter);
    },
    async release({ receipt }) {
      await sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receipt, VisibilityTimeout: 0 }),
      );
    },
  };
}

function toLetter({ Body = '', ReceiptHandle = '', Attributes, MessageAttributes }: Message): SweptLetter {
  return {
    receipt: ReceiptHandle,
    body: Body,
    group: Attributes?.MessageGroupId,
    attributes: textsOf(MessageAttributes),
  };
}

/** @returns the string attributes of a message, without their types */
function textsOf(attributes: Record<string, MessageAttributeValue> = {}): Record<string, string> {
  const texts = Object.entries(attributes).flatMap(([name, { StringValue }]): [string, string][] =>
    StringValue === undefined ? [] : [[name, StringValue]],
  );
  return Object.fromEntries(texts);
}
