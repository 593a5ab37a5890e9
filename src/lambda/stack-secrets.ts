import type { Sender } from '../core/batch/sent-request.ts';
import { neededSecret } from '../aws/needed.ts';
import { signingKeysOf, validKeys } from '../core/ittybit/signing-keys.ts';
import { API_KEY_PLACEHOLDER } from '../core/stack/secret-arn.ts';
import { apiKeyOf, type Secrets } from './secrets.ts';

/** Where the stack's secrets are, and what a request says besides. */
export interface SenderEnv {
  readonly API_KEY_ARN: string;
  readonly SIGNING_SECRET_ARN: string;
  readonly ITTYBIT_API_URL: string;
  readonly CONNECTION_ID: string;
  readonly WEBHOOK_URL: string;
}

/** The secrets that every file needs. Both raise MediaBatchError `unusable-stack` where AWS refuses the secret. */
export interface StackSecrets {
  /** @param fresh past the cache. @returns empty where no usable key is stored */
  apiKey(fresh: boolean): Promise<string>;
  /** @throws MediaBatchError `unusable-signing-secret` too */
  sender(): Promise<Sender>;
}

export function createStackSecrets(secrets: Secrets, env: SenderEnv): StackSecrets {
  return {
    async apiKey(fresh) {
      const key = apiKeyOf(await neededSecret('The Ittybit API key', secrets.read(env.API_KEY_ARN, fresh)));
      // With a key that no header can carry, fetch's error text would contain the key.
      return key === API_KEY_PLACEHOLDER || !/^[\x21-\x7E]+$/.test(key) ? '' : key;
    },
    async sender() {
      const text = await neededSecret('The signing secret', secrets.read(env.SIGNING_SECRET_ARN));
      const [key = '', ...previous] = validKeys(signingKeysOf(text));
      return {
        apiUrl: env.ITTYBIT_API_URL,
        connectionId: env.CONNECTION_ID,
        webhookUrl: env.WEBHOOK_URL,
        signingKeys: [key, ...previous],
      };
    },
  };
}
