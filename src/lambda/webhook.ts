import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { dynamoLedger } from '../aws/dynamo-ledger.ts';
import { answerWebhook, callbackOf } from './answer-webhook.ts';
import { fromEnv } from './env.ts';
import { createSecrets, createSigningKeys } from './secrets.ts';
import { createDocuments } from './stack-parts.ts';

/**
 * The endpoint of `POST /webhook/{batch}/{source}/{signature}`: see `answerWebhook`.
 * @throws Error naming a missing variable
 */
export function createWebhook(): (
  event: APIGatewayProxyEventV2,
) => Promise<APIGatewayProxyStructuredResultV2> {
  const env = fromEnv(['TABLE_NAME', 'SIGNING_SECRET_ARN']);
  const now = () => Date.now();
  const secrets = createSecrets(new SecretsManagerClient({}), now);
  const services = {
    ledger: dynamoLedger(createDocuments(), env.TABLE_NAME),
    signingKeys: createSigningKeys(secrets, env.SIGNING_SECRET_ARN),
    now,
  };
  return (event) =>
    answerWebhook(callbackOf(event), services, (ms, signal) => sleep(ms, undefined, { signal }));
}
