import assert from 'node:assert/strict';
import type { Secrets } from '../../../src/lambda/secrets.ts';
import { createStackSecrets } from '../../../src/lambda/stack-secrets.ts';

const ENV = {
  API_KEY_ARN: 'arn:key',
  SIGNING_SECRET_ARN: 'arn:signing',
  ITTYBIT_API_URL: 'https://api.example',
  CONNECTION_ID: 'conn_1',
  WEBHOOK_URL: 'https://hook.example/webhook',
};
const KEYS = ['new', 'old'].map((name) => name.padEnd(40, '-'));

describe('the stack’s secrets', () => {
  const secretsOf = (values: Record<string, string | Error>) => {
    const read = async (arn: string) => {
      const value = values[arn] ?? '';
      if (value instanceof Error) throw value;
      return value;
    };
    return createStackSecrets({ read, readAgain: read } satisfies Secrets, ENV);
  };
  const refusal = (name: string) => Object.assign(new Error(`AWS says ${name}`), { name });

  it('give the key, and none where it is not set or fits no header', async () => {
    assert.equal(await secretsOf({ 'arn:key': ' key-1\n' }).apiKey(false), 'key-1');
    for (const unusable of ['', 'not-set', 'two words', 'kéy', 'a\nb']) {
      assert.equal(await secretsOf({ 'arn:key': unusable }).apiKey(false), '', unusable);
    }
  });

  it('give what a request says besides the file, with the valid keys, the present one first', async () => {
    const secret = JSON.stringify({
      path_key: KEYS[0],
      previous_path_keys: [KEYS[1]],
      ittybit_webhook_secret: '',
    });
    assert.deepEqual(await secretsOf({ 'arn:signing': secret }).sender(), {
      apiUrl: 'https://api.example',
      connectionId: 'conn_1',
      webhookUrl: 'https://hook.example/webhook',
      signingKeys: KEYS,
    });
  });

  it('say for which secret AWS refuses, and why, so that dispatch can pause', async () => {
    for (const name of [
      'AccessDeniedException',
      'ResourceNotFoundException',
      'InvalidRequestException',
      'DecryptionFailure',
      'ParameterNotFound',
      'KMSAccessDeniedException',
      'ValidationException',
    ]) {
      const secrets = secretsOf({ 'arn:key': refusal(name), 'arn:signing': refusal(name) });
      await assert.rejects(secrets.apiKey(true), {
        code: 'unusable-stack',
        message: `The Ittybit API key cannot be used: AWS says ${name}`,
      });
      await assert.rejects(secrets.sender(), {
        code: 'unusable-stack',
        message: /^The signing secret cannot/,
      });
    }
  });

  it('let pass what another try may solve', async () => {
    for (const name of ['ThrottlingException', 'InternalServiceError', 'TimeoutError', 'AbortError']) {
      await assert.rejects(secretsOf({ 'arn:key': refusal(name) }).apiKey(false), { name });
    }
  });

  it('refuse a signing secret that proves nothing', async () => {
    for (const secret of ['no json', '{}', '{"path_key":"short"}']) {
      await assert.rejects(secretsOf({ 'arn:signing': secret }).sender(), {
        code: 'unusable-signing-secret',
      });
    }
  });
});
