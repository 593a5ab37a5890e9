import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import {
  dispatchFile,
  type Delivery,
  type DispatchServices,
  type Disposal,
} from '../app/batch/dispatch-file.ts';
import { dispatchSwitch } from '../aws/dispatch-switch.ts';
import { dynamoLedger } from '../aws/dynamo-ledger.ts';
import { signingKeysOf } from '../core/ittybit/signing-keys.ts';
import { API_KEY_PLACEHOLDER } from '../core/stack/secret-arn.ts';
import { createBatchOptions } from './batch-options.ts';
import { fromEnv } from './env.ts';
import { createJobsApi } from './ittybit-client.ts';
import { apiKeyOf, createSecrets } from './secrets.ts';

const env = fromEnv([
  'TABLE_NAME',
  'STACK_ID',
  'WORK_QUEUE_URL',
  'DEAD_LETTER_QUEUE_URL',
  'API_KEY_ARN',
  'SIGNING_SECRET_ARN',
  'ITTYBIT_API_URL',
  'CONNECTION_ID',
  'WEBHOOK_URL',
  'MAX_ATTEMPTS',
]);
const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
  marshallOptions: { removeUndefinedValues: true },
});
const sqs = new SQSClient({});
const lambda = new LambdaClient({});
const now = () => Date.now();
const ledger = dynamoLedger(dynamo, env.TABLE_NAME, now);
const secrets = createSecrets(new SecretsManagerClient({}), now);
const api = createJobsApi(env.ITTYBIT_API_URL);
const jobOptions = createBatchOptions(dynamo, env.TABLE_NAME, now);

/**
 * The work queue's consumer. It handles all records of an invocation at once, so that batch size x concurrency is the
 * number in flight. Only the messages that must come back are reported as failed.
 */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const invocation = { id: context.awsRequestId, deadlineMs: now() + context.getRemainingTimeInMillis() };
  const dispatch = dispatchSwitch({
    dynamo,
    lambda,
    table: env.TABLE_NAME,
    stackId: env.STACK_ID,
    functionName: context.functionName,
    queueArn: event.Records[0]?.eventSourceARN,
    by: 'consumer',
    now,
  });
  const read = dispatch.readDispatch();
  const services = servicesFor(async (reason) => dispatch.stopDispatch({ reason }, await read));
  const kept = await Promise.all(
    event.Records.map(async (record) => {
      const { messageId } = record;
      try {
        // Where the table cannot be read, no file is begun.
        await read;
        const disposal = await dispatchFile(deliveryOf(record), invocation, services);
        console.log(JSON.stringify({ messageId, ...disposal }));
        if (disposal.done) return undefined;
        await hide(record, disposal);
      } catch (error) {
        // The message comes back after the visibility timeout.
        console.error(JSON.stringify({ messageId, error: String(error) }));
      }
      return { itemIdentifier: messageId };
    }),
  );
  return { batchItemFailures: kept.filter((failure) => failure !== undefined) };
}

function deliveryOf(record: SQSRecord): Delivery {
  const group = (record.attributes as { MessageGroupId?: string }).MessageGroupId;
  return { id: record.messageId, body: record.body, group };
}

function servicesFor(stop: (reason: string) => Promise<boolean>): DispatchServices {
  let pausing: Promise<boolean> | undefined;
  return {
    ledger,
    api,
    jobOptions,
    now,
    random: Math.random,
    connectionId: env.CONNECTION_ID,
    webhookUrl: env.WEBHOOK_URL,
    maxAttempts: Number(env.MAX_ATTEMPTS),
    async apiKey(fresh) {
      const key = apiKeyOf(await secrets.read(env.API_KEY_ARN, fresh));
      // With a key that no header can carry, fetch's error text would contain the key.
      return key === API_KEY_PLACEHOLDER || !/^[\x21-\x7E]+$/.test(key) ? '' : key;
    },
    signingKey: async () => signingKeysOf(await secrets.read(env.SIGNING_SECRET_ARN)).pathKey,
    // Every record of the invocation gets the same refusal, so the first one pauses for all.
    async pause(reason) {
      await (pausing ??= stop(reason));
    },
    bury,
  };
}

async function bury(delivery: Delivery, attributes: Record<string, string>): Promise<void> {
  const named = Object.entries(attributes).map(([name, value]) => [
    name,
    { DataType: 'String', StringValue: value },
  ]);
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: env.DEAD_LETTER_QUEUE_URL,
      MessageBody: delivery.body,
      MessageAttributes: Object.fromEntries(named) as Record<
        string,
        { DataType: string; StringValue: string }
      >,
      ...(delivery.group !== undefined && { MessageGroupId: delivery.group }),
    }),
  );
}

async function hide(record: SQSRecord, { hideMs }: Extract<Disposal, { done: false }>): Promise<void> {
  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: env.WORK_QUEUE_URL,
      ReceiptHandle: record.receiptHandle,
      VisibilityTimeout: Math.max(1, Math.ceil(hideMs / 1000)),
    }),
  );
}
