import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { dynamoLedger } from '../aws/dynamo-ledger.ts';
import { answerWebhook, callbackOf } from './answer-webhook.ts';
import { fromEnv } from './env.ts';
import { createSecrets, createSigningKeys } from './secrets.ts';

const env = fromEnv(['TABLE_NAME', 'SIGNING_SECRET_ARN']);
const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
  marshallOptions: { removeUndefinedValues: true },
});
const now = () => Date.now();
const services = {
  ledger: dynamoLedger(dynamo, env.TABLE_NAME, now),
  signingKeys: createSigningKeys(createSecrets(new SecretsManagerClient({}), now), env.SIGNING_SECRET_ARN),
};

/** The endpoint of `POST /webhook/{batch}/{source}/{signature}`: see `answerWebhook`. */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const callback = callbackOf(event);
  return answerWebhook(callback, services, (ms, signal) => sleep(ms, undefined, { signal }));
}
