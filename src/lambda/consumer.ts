import { randomBytes } from 'node:crypto';
import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { dispatchFile } from '../app/batch/dispatch-file.ts';
import type { Delivery, DispatchServices } from '../app/batch/dispatch-services.ts';
import { createSlots } from '../app/batch/slots.ts';
import { needed, neededLedger } from '../aws/needed.ts';
import { sendLetter } from '../aws/queue-mail.ts';
import { createDispatchStop } from './dispatch-stop.ts';
import { fromEnv } from './env.ts';
import { createStackParts } from './stack-parts.ts';

/** SQS's visibility timeout of the work queue, in ms (template). */
const VISIBILITY_MS = 120_000;

/**
 * The work queue's consumer. It handles all records of an invocation at once, so that batch size x concurrency is the
 * number in flight. Only the messages that must come back are reported as failed.
 * @throws Error naming a missing variable
 */
export function createConsumer(): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const env = fromEnv(['WORK_QUEUE_URL', 'DEAD_LETTER_QUEUE_URL', 'MAX_ATTEMPTS']);
  const stack = createStackParts('consumer');
  const { sqs, now } = stack;
  const ledger = neededLedger(stack.ledger);
  const store = { ...stack.pace, read: () => needed('The results table', stack.pace.read()) };

  /** Dispatch and each batch are read once for all records of an invocation, just before they are claimed. */
  const servicesFor = (functionName: string, deadlineMs: number): DispatchServices => {
    const slots = createSlots({ ...stack, store, deadlineMs, obeysStops: true });
    return {
      ...{ ...stack, ledger, slots, maxAttempts: Number(env.MAX_ATTEMPTS), random: Math.random },
      order: stack.createOrders(),
      bury: (delivery, attributes) => sendLetter(sqs, env.DEAD_LETTER_QUEUE_URL, delivery, attributes),
      stop: createDispatchStop(stack.dispatchOf(functionName), () => slots.dispatch()),
      newReference: () => randomBytes(16).toString('hex'),
    };
  };

  async function hide({ receiptHandle }: SQSRecord, hideMs: number): Promise<void> {
    const VisibilityTimeout = Math.max(1, Math.ceil(hideMs / 1000));
    const hidden = { QueueUrl: env.WORK_QUEUE_URL, ReceiptHandle: receiptHandle, VisibilityTimeout };
    await sqs.send(new ChangeMessageVisibilityCommand(hidden));
  }

  return async ({ Records }, context) => {
    const invocation = {
      id: context.awsRequestId,
      deadlineMs: now() + context.getRemainingTimeInMillis(),
      visibleAgainMs: now() + VISIBILITY_MS,
    };
    const services = servicesFor(context.functionName, invocation.deadlineMs);
    const kept = await Promise.all(
      Records.map(async (record) => {
        const { messageId } = record;
        try {
          const disposal = await dispatchFile(deliveryOf(record), invocation, services);
          console.log(JSON.stringify({ messageId, ...disposal }));
          if (disposal.done) return undefined;
          await hide(record, disposal.hideMs);
        } catch (error) {
          // The message comes back after the visibility timeout.
          console.error(JSON.stringify({ messageId, error: String(error) }));
        }
        return { itemIdentifier: messageId };
      }),
    );
    return { batchItemFailures: kept.filter((failure) => failure !== undefined) };
  };
}

function deliveryOf({ messageId, body, attributes, messageAttributes }: SQSRecord): Delivery {
  const texts = Object.entries(messageAttributes).map(([name, { stringValue = '' }]) => [name, stringValue]);
  return {
    id: messageId,
    body,
    group: (attributes as { MessageGroupId?: string }).MessageGroupId,
    receiveCount: Number(attributes.ApproximateReceiveCount),
    attributes: Object.fromEntries(texts) as Record<string, string>,
  };
}
