import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { receiveCallback } from '../app/batch/receive-callback.ts';
import { dynamoLedger } from '../aws/dynamo-ledger.ts';
import { fromEnv } from './env.ts';
import { createSecrets, signingKeysOf } from './secrets.ts';

const env = fromEnv(['TABLE_NAME', 'SIGNING_SECRET_ARN']);
const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
  marshallOptions: { removeUndefinedValues: true },
});
const now = () => Date.now();
const ledger = dynamoLedger(dynamo, env.TABLE_NAME, now);
const secrets = createSecrets(new SecretsManagerClient({}), now);

/**
 * The endpoint of `POST /webhook/{batch}/{source}/{signature}`. After an internal failure it answers 503, so that
 * Ittybit tries again.
 */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const { batch = '', source = '', signature = '' } = event.pathParameters ?? {};
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  try {
    const keys = signingKeysOf(await secrets.read(env.SIGNING_SECRET_ARN));
    const callback = {
      path: { batch, source, signature },
      body,
      signature: event.headers['ittybit-signature'],
    };
    const { status, message } = await receiveCallback(callback, keys, ledger);
    console.log(JSON.stringify({ batch, source, status, message }));
    return answer(status, message);
  } catch (error) {
    console.error(JSON.stringify({ batch, source, error: String(error) }));
    return answer(503, 'The result could not be stored now: send it again.');
  }
}

function answer(statusCode: number, message: string): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}
