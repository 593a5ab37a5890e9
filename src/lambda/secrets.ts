import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { fieldsOf, isText, parseJson } from '../core/foreign-json.ts';
import { ssmParameterName } from '../core/stack/secret-arn.ts';

/** Rotation takes effect within this time without a redeploy. */
const CACHE_MS = 5 * 60_000;

/** Reads secrets by ARN and keeps them for 5 minutes in the container's memory. */
export interface Secrets {
  /** @param fresh true: reads the secret again and not from the cache */
  read(arn: string, fresh?: boolean): Promise<string>;
}

/**
 * @param now the clock, epoch ms
 * @returns a reader for Secrets Manager ARNs and for SSM SecureString ARNs
 */
export function createSecrets(client: SecretsManagerClient, now: () => number): Secrets {
  const cache = new Map<string, { value: Promise<string>; until: number }>();
  return {
    read(arn, fresh = false) {
      const cached = cache.get(arn);
      if (cached && !fresh && cached.until > now()) return cached.value;
      const parameter = ssmParameterName(arn);
      const value = parameter === undefined ? readSecret(client, arn) : readParameter(parameter);
      cache.set(arn, { value, until: now() + CACHE_MS });
      // A failed read must not be served for 5 minutes.
      value.catch(() => cache.delete(arn));
      return value;
    },
  };
}

async function readSecret(client: SecretsManagerClient, arn: string): Promise<string> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  return SecretString ?? '';
}

/** Most stacks have no SSM parameter, so its client is loaded on first use. */
async function readParameter(name: string): Promise<string> {
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const { Parameter } = await new SSMClient({}).send(
    new GetParameterCommand({ Name: name, WithDecryption: true }),
  );
  return Parameter?.Value ?? '';
}

/**
 * The API key inside a secret's text: the text itself, or one field of the JSON that the AWS console writes.
 * @returns the key, trimmed; empty where there is none
 */
export function apiKeyOf(secret: string): string {
  const text = secret.trim();
  if (!text.startsWith('{')) return text;
  // Broken JSON counts as a missing key: dispatch pauses and says so.
  const fields = fieldsOf(parseJson(text)) ?? {};
  const value = fields['apiKey'] ?? fields['ITTYBIT_API_KEY'] ?? Object.values(fields)[0];
  return isText(value) ? value.trim() : '';
}

/**
 * The stack's signing secret: `path_key` signs webhook URLs, `ittybit_webhook_secret` (empty until the user sets it)
 * checks `Ittybit-Signature`.
 * @throws Error for a secret without its keys, which must not count as a check that is off. The message does not repeat
 * the secret, as it is logged
 */
export function signingKeysOf(secret: string): { pathKey: string; webhookSecret: string } {
  const fields = fieldsOf(parseJson(secret)) ?? {};
  const pathKey = fields['path_key'];
  const webhookSecret = fields['ittybit_webhook_secret'] ?? '';
  if (isText(pathKey) && pathKey !== '' && isText(webhookSecret)) return { pathKey, webhookSecret };
  throw new Error('The signing secret is not JSON with path_key and ittybit_webhook_secret: correct it.');
}
