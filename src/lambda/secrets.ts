import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { fieldsOf, isText, parseJson } from '../core/foreign-json.ts';
import { signingKeysOf, type SigningKeys } from '../core/ittybit/signing-keys.ts';
import { MediaBatchError } from '../core/errors.ts';
import { ssmParameterName } from '../core/stack/secret-arn.ts';

/** Rotation takes effect within this time without a redeploy. */
const CACHE_MS = 5 * 60_000;

/** A secret that did not fit is read again at most this often, so that forged requests cost no flood of calls. */
const READ_AGAIN_MS = 10_000;

/** A read that hangs is given up after this time: a webhook has 5 s for its answer, and what waits blocks the next one too. */
const READ_MS = 3_000;

/** Reads secrets by ARN and keeps them for 5 minutes in the container's memory. */
export interface Secrets {
  /** @param fresh true: reads the secret again and not from the cache */
  read(arn: string, fresh?: boolean): Promise<string>;
  /**
   * Reads again a secret that did not fit, because it may have been rotated: at most every 10 s.
   * @returns within the 10 s, what is in memory
   */
  readAgain(arn: string): Promise<string>;
}

/**
 * @param now the clock, epoch ms
 * @returns a reader for Secrets Manager ARNs and for SSM SecureString ARNs
 */
export function createSecrets(client: SecretsManagerClient, now: () => number): Secrets {
  const cache = new Map<string, { value: Promise<string>; until: number }>();
  const readAgainAt = new Map<string, number>();

  const load = (arn: string): Promise<string> => {
    const parameter = ssmParameterName(arn);
    return parameter === undefined ? readSecret(client, arn) : readParameter(parameter);
  };
  const keep = (arn: string, value: Promise<string>): Promise<string> => {
    cache.set(arn, { value, until: now() + CACHE_MS });
    return value;
  };
  /** What is in memory stays until the new value is here: it may be good, and the reading may fail. */
  const renew = async (arn: string): Promise<string> => {
    const value = await load(arn);
    return keep(arn, Promise.resolve(value));
  };
  const read = (arn: string): Promise<string> => {
    const cached = cache.get(arn);
    if (cached && cached.until > now()) return cached.value;
    const value = keep(arn, load(arn));
    // A failed read must not be served for 5 minutes.
    value.catch(() => cache.delete(arn));
    return value;
  };

  return {
    read: (arn, fresh = false) => (fresh ? renew(arn) : read(arn)),
    readAgain(arn) {
      if (now() - (readAgainAt.get(arn) ?? -Infinity) < READ_AGAIN_MS) return read(arn);
      readAgainAt.set(arn, now());
      return renew(arn);
    },
  };
}

async function readSecret(client: SecretsManagerClient, arn: string): Promise<string> {
  const command = new GetSecretValueCommand({ SecretId: arn });
  const { SecretString } = await client.send(command, { abortSignal: AbortSignal.timeout(READ_MS) });
  return SecretString ?? '';
}

/** Most stacks have no SSM parameter, so its client is loaded on first use. */
async function readParameter(name: string): Promise<string> {
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const { Parameter } = await new SSMClient({}).send(
    new GetParameterCommand({ Name: name, WithDecryption: true }),
    { abortSignal: AbortSignal.timeout(READ_MS) },
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
 * @returns a reader of the stack's signing keys. `again` reads past the memory, at most every 10 s; so does a secret that
 * cannot be used, because it may have been corrected meanwhile
 */
export function createSigningKeys(secrets: Secrets, arn: string): (again: boolean) => Promise<SigningKeys> {
  const readAgain = async (): Promise<SigningKeys> => signingKeysOf(await secrets.readAgain(arn));
  return async (again) => {
    if (again) return readAgain();
    const secret = await secrets.read(arn);
    try {
      return signingKeysOf(secret);
    } catch (error) {
      if (error instanceof MediaBatchError) return readAgain();
      throw error;
    }
  };
}
