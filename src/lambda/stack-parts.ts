import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoBrakes } from '../aws/batch-brakes.ts';
import { dispatchSwitch, type DispatchSwitchParts } from '../aws/dispatch-switch.ts';
import { dynamoPace } from '../aws/pace-store.ts';
import { dynamoLedger } from '../aws/dynamo-ledger.ts';
import { createBatchOrders } from './batch-orders.ts';
import { fromEnv, patienceFromEnv } from './env.ts';
import { createJobsApi } from '../ittybit/jobs-api.ts';
import { createSecrets } from './secrets.ts';
import { createStackSecrets } from './stack-secrets.ts';

/**
 * What the consumer and the reconciler have in common: clients, ledger, secrets, Ittybit.
 * @param by who writes the dispatch item
 * @throws Error naming a missing variable
 */
export function createStackParts(by: DispatchSwitchParts['by']) {
  const env = fromEnv([
    'TABLE_NAME',
    'STACK_ID',
    'API_KEY_ARN',
    'SIGNING_SECRET_ARN',
    'ITTYBIT_API_URL',
    'CONNECTION_ID',
    'WEBHOOK_URL',
    'MAX_REQUESTS_PER_SECOND',
  ]);
  const now = () => Date.now();
  const dynamo = createDocuments();
  const lambda = new LambdaClient({});
  const table = env.TABLE_NAME;
  return {
    ...{ now, dynamo, table, sqs: new SQSClient({}), stackId: env.STACK_ID },
    ledger: dynamoLedger(dynamo, table),
    brakes: dynamoBrakes(dynamo, table, by, now),
    api: createJobsApi(env.ITTYBIT_API_URL),
    ...{ pace: dynamoPace(dynamo, table, env.STACK_ID, now), parameter: Number(env.MAX_REQUESTS_PER_SECOND) },
    patience: patienceFromEnv(),
    ...createStackSecrets(createSecrets(new SecretsManagerClient({}), now), env),
    /** @returns a reader of what batches ask for, which belongs to one invocation */
    createOrders: () => createBatchOrders(dynamo, table),
    /** @param functionName the consumer */
    dispatchOf: (functionName: string) =>
      dispatchSwitch({ dynamo, lambda, table, stackId: env.STACK_ID, functionName, by, now }),
  };
}

/** @returns the table's client, which leaves out attributes without a value */
export function createDocuments(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient({}), {
    marshallOptions: { removeUndefinedValues: true },
  });
}
