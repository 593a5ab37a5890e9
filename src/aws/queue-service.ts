import {
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  type BatchResultErrorEntry,
  type ListMessageMoveTasksResultEntry,
  type Message,
  type MessageAttributeValue,
  type SendMessageBatchResult,
} from '@aws-sdk/client-sqs';
import { AwsError } from '../core/errors.ts';
import type {
  MoveStatus,
  MoveTask,
  OutgoingMessage,
  QueueDepth,
  QueueService,
  ReceivedMessage,
  SendFailure,
} from '../core/batch/queue-service.ts';
import type { AwsClients, ServiceCaller } from './connection.ts';
import { stoppable, stoppedBy } from './stoppable.ts';

/**
 * A queue's URL may name another host than the endpoint, but the user chose the endpoint. TLS keeps messages as they are;
 * their MD5 sums would be a tenth of a send's CPU time.
 */
const OPTIONS = { useQueueUrlAsEndpoint: false, md5: false, cacheMiddleware: true } as const;

/** SQS, with one call for each method; SQS takes at most 10 messages in a call (SQS Developer Guide, "Quotas"). */
export class SqsQueueService implements QueueService {
  readonly #sqs: ServiceCaller<SQSClient>;

  constructor(clients: AwsClients) {
    this.#sqs = clients.service('sqs', (config) => stoppable(new SQSClient({ ...config, ...OPTIONS })));
  }

  /** An entry that SQS does not mention counts as failed, so that nothing is lost. */
  async send(
    queueUrl: string,
    messages: readonly OutgoingMessage[],
    signal?: AbortSignal,
  ): Promise<readonly SendFailure[]> {
    if (messages.length === 0) return [];
    const command = new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: messages.map(({ body, group, attributes }, index) => ({
        Id: String(index),
        MessageBody: body,
        MessageGroupId: group,
        MessageAttributes: attributes && toAttributes(attributes),
      })),
    });
    const result = await this.#sqs.call('SendMessageBatch', (sqs) => sqs.send(stoppedBy(signal, command)), {
      subject: queueName(queueUrl),
    });
    return sendFailures(messages.length, result);
  }

  async receive(
    queueUrl: string,
    options: { max: number; hideSeconds: number; waitSeconds: number },
    signal?: AbortSignal,
  ): Promise<readonly ReceivedMessage[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: options.max,
      VisibilityTimeout: options.hideSeconds,
      WaitTimeSeconds: options.waitSeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp', 'MessageGroupId'],
    });
    const result = await this.#sqs.call('ReceiveMessage', (sqs) => sqs.send(stoppedBy(signal, command)), {
      subject: queueName(queueUrl),
    });
    return (result.Messages ?? []).map(toMessage);
  }

  async delete(queueUrl: string, receipts: readonly string[], signal?: AbortSignal): Promise<void> {
    if (receipts.length === 0) return;
    const entries = receipts.map((receipt, index) => ({ Id: String(index), ReceiptHandle: receipt }));
    const command = new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries });
    const result = await this.#sqs.call('DeleteMessageBatch', (sqs) => sqs.send(stoppedBy(signal, command)), {
      subject: queueName(queueUrl),
    });
    raiseFailures('DeleteMessageBatch', 'deleted', receipts.length, result.Failed);
  }

  /** A message that is already visible counts as released. */
  async release(queueUrl: string, receipts: readonly string[], signal?: AbortSignal): Promise<void> {
    if (receipts.length === 0) return;
    const command = new ChangeMessageVisibilityBatchCommand({
      QueueUrl: queueUrl,
      Entries: receipts.map((receipt, index) => ({
        Id: String(index),
        ReceiptHandle: receipt,
        VisibilityTimeout: 0,
      })),
    });
    const result = await this.#sqs.call(
      'ChangeMessageVisibilityBatch',
      (sqs) => sqs.send(stoppedBy(signal, command)),
      { subject: queueName(queueUrl) },
    );
    const failed = result.Failed?.filter(({ Code }) => Code?.endsWith('MessageNotInflight') !== true);
    raiseFailures('ChangeMessageVisibilityBatch', 'released', receipts.length, failed);
  }

  async depth(queueUrl: string, signal?: AbortSignal): Promise<QueueDepth> {
    const command = new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    });
    const result = await this.#sqs.call('GetQueueAttributes', (sqs) => sqs.send(stoppedBy(signal, command)), {
      subject: queueName(queueUrl),
    });
    return {
      waiting: Number(result.Attributes?.ApproximateNumberOfMessages ?? 0),
      inFlight: Number(result.Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0),
      delayed: Number(result.Attributes?.ApproximateNumberOfMessagesDelayed ?? 0),
    };
  }

  async startMove(
    move: { sourceArn: string; destinationArn: string; perSecond?: number | undefined },
    signal?: AbortSignal,
  ): Promise<string> {
    const command = new StartMessageMoveTaskCommand({
      SourceArn: move.sourceArn,
      DestinationArn: move.destinationArn,
      MaxNumberOfMessagesPerSecond: move.perSecond,
    });
    const result = await this.#sqs.call(
      'StartMessageMoveTask',
      (sqs) => sqs.send(stoppedBy(signal, command)),
      { subject: queueName(move.sourceArn) },
    );
    return result.TaskHandle ?? '';
  }

  async moves(sourceArn: string, signal?: AbortSignal): Promise<readonly MoveTask[]> {
    const command = new ListMessageMoveTasksCommand({ SourceArn: sourceArn, MaxResults: 10 });
    const result = await this.#sqs.call(
      'ListMessageMoveTasks',
      (sqs) => sqs.send(stoppedBy(signal, command)),
      { subject: queueName(sourceArn) },
    );
    return (result.Results ?? []).map(toMove);
  }

  async cancelMove(handle: string, signal?: AbortSignal): Promise<void> {
    const command = new CancelMessageMoveTaskCommand({ TaskHandle: handle });
    await this.#sqs.call('CancelMessageMoveTask', (sqs) => sqs.send(stoppedBy(signal, command)), {
      subject: 'running move',
    });
  }
}

function sendFailures(count: number, result: SendMessageBatchResult): SendFailure[] {
  const accepted = new Set(result.Successful?.map(({ Id }) => Id));
  const refused = new Map(result.Failed?.map((entry) => [entry.Id, entry]));
  return Array.from({ length: count }, (_, index) => index)
    .filter((index) => !accepted.has(String(index)))
    .map((index) => {
      const entry = refused.get(String(index));
      return {
        index,
        code: entry?.Code ?? 'NotConfirmed',
        message: entry?.Message ?? 'SQS did not confirm the message',
        senderFault: entry?.SenderFault ?? false,
      };
    });
}

function raiseFailures(
  operation: string,
  done: string,
  asked: number,
  failed: readonly BatchResultErrorEntry[] | undefined,
): void {
  const first = failed?.[0];
  if (first === undefined) return;
  const reason = `${first.Code ?? 'unknown'}: ${first.Message ?? 'no reason given'}`;
  throw new AwsError(
    'aws',
    `${String(failed?.length)} of ${String(asked)} messages could not be ${done} and will come back: try again (${reason}).`,
    { operation: `sqs:${operation}`, awsCode: first.Code ?? 'unknown' },
  );
}

function toAttributes(attributes: Readonly<Record<string, string>>): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  );
}

function toMessage(message: Message): ReceivedMessage {
  const texts = Object.entries(message.MessageAttributes ?? {}).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue] as const],
  );
  return {
    id: message.MessageId ?? '',
    receipt: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: Object.fromEntries(texts),
    group: message.Attributes?.MessageGroupId,
    receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
    sentAt: new Date(Number(message.Attributes?.SentTimestamp ?? 0)),
  };
}

const MOVE_STATUSES: readonly MoveStatus[] = ['RUNNING', 'COMPLETED', 'CANCELLING', 'CANCELLED', 'FAILED'];

function toMove(task: ListMessageMoveTasksResultEntry): MoveTask {
  return {
    startedAt: task.StartedTimestamp ?? 0,
    status: MOVE_STATUSES.find((status) => status === task.Status) ?? 'FAILED',
    moved: task.ApproximateNumberOfMessagesMoved ?? 0,
    toMove: task.ApproximateNumberOfMessagesToMove,
    handle: task.TaskHandle,
    failure: task.FailureReason,
  };
}

/** The name is the last part of a queue's URL and of its ARN. */
function queueName(urlOrArn: string): string {
  return `queue "${urlOrArn.split(/[/:]/).at(-1) ?? urlOrArn}"`;
}
