import assert from 'node:assert/strict';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { apiKeyOf, createSecrets, signingKeysOf } from '../../../src/lambda/secrets.ts';
import { fromEnv } from '../../../src/lambda/env.ts';

describe('secrets', () => {
  let now = 0;
  let values: (string | Error)[];
  const client = {
    send: async () => {
      const value = values.shift();
      if (value instanceof Error) throw value;
      return { SecretString: value };
    },
  } as unknown as SecretsManagerClient;

  it('keeps a value for 5 minutes, unless a fresh one is asked for', async () => {
    now = 0;
    values = ['one', 'two', 'three'];
    const secrets = createSecrets(client, () => now);
    assert.equal(await secrets.read('arn'), 'one');
    assert.equal(await secrets.read('arn'), 'one');
    assert.equal(await secrets.read('arn', true), 'two');
    assert.equal(await secrets.read('arn'), 'two');
    now = 5 * 60_000 + 1;
    assert.equal(await secrets.read('arn'), 'three');
  });

  it('does not keep a failure', async () => {
    values = [new Error('throttled'), 'one'];
    const secrets = createSecrets(client, () => 0);
    await assert.rejects(secrets.read('arn'), /throttled/);
    assert.equal(await secrets.read('arn'), 'one');
  });

  it('reads the API key from plain text and from the JSON of the console', () => {
    for (const text of [
      ' key-1\n',
      '{"apiKey":"key-1"}',
      '{"ITTYBIT_API_KEY":" key-1 "}',
      '{"whatever":"key-1"}',
    ]) {
      assert.equal(apiKeyOf(text), 'key-1', text);
    }
  });

  it('counts a broken secret as no key, so that dispatch pauses instead of making dead letters of the backlog', () => {
    for (const text of ['', '  ', '{', '{}', '{"apiKey":7}', '{"apiKey":'])
      assert.equal(apiKeyOf(text), '', text);
  });

  it('reads the signing keys; the webhook secret may be missing', () => {
    assert.deepEqual(signingKeysOf('{"path_key":"p"}'), { pathKey: 'p', webhookSecret: '' });
    const both = '{"path_key":"p","ittybit_webhook_secret":"w"}';
    assert.deepEqual(signingKeysOf(both), { pathKey: 'p', webhookSecret: 'w' });
  });

  it('refuses signing keys that would let anyone sign, and never repeats the secret', () => {
    const broken = [
      'whsec_5ECRET',
      '"whsec_5ECRET"',
      '{"ittybit_webhook_secret":"whsec_5ECRET"}',
      '{"path_key":"","ittybit_webhook_secret":"whsec_5ECRET"}',
      '{"path_key":["whsec_5ECRET"]}',
      '{"path_key":"p","ittybit_webhook_secret":["whsec_5ECRET"]}',
      '{"path_key":"p","ittybit_webhook_secret":false}',
      '{"path_key":"whsec_5ECRET"',
      '',
    ];
    for (const secret of broken) {
      assert.throws(
        () => signingKeysOf(secret),
        (error) => error instanceof Error && /path_key/.test(error.message) && !/5ECRET/.test(String(error)),
        secret,
      );
    }
  });

  it('gives an empty text where Secrets Manager has no text, as for a binary secret', async () => {
    values = [];
    assert.equal(await createSecrets(client, () => 0).read('arn'), '');
  });

  it('does not let one secret stand in for another', async () => {
    values = ['one', 'two'];
    const secrets = createSecrets(client, () => 0);
    assert.deepEqual(
      [await secrets.read('a'), await secrets.read('b'), await secrets.read('a')],
      [...['one', 'two', 'one']],
    );
  });
});

describe('fromEnv', () => {
  it('reads what is there, empty or not, and names what is missing', () => {
    process.env['MEDIA_BATCH_TEST_EMPTY'] = '';
    try {
      assert.deepEqual(fromEnv(['MEDIA_BATCH_TEST_EMPTY']), { MEDIA_BATCH_TEST_EMPTY: '' });
      assert.throws(() => fromEnv(['MEDIA_BATCH_TEST_MISSING']), /MEDIA_BATCH_TEST_MISSING/);
    } finally {
      delete process.env['MEDIA_BATCH_TEST_EMPTY'];
    }
  });
});
