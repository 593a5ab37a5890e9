import assert from 'node:assert/strict';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { apiKeyOf, createSecrets, createSigningKeys } from '../../../src/lambda/secrets.ts';
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

  it('reads again what did not fit, at most every 10 s, however often it is asked', async () => {
    now = 0;
    values = ['one', 'two', 'three'];
    const secrets = createSecrets(client, () => now);
    assert.equal(await secrets.read('arn'), 'one');
    assert.equal(await secrets.readAgain('arn'), 'two');
    for (now of [1, 5000, 9999]) assert.equal(await secrets.readAgain('arn'), 'two');
    now = 10_000;
    assert.equal(await secrets.readAgain('arn'), 'three');
    assert.deepEqual(values, []);
  });

  it('keeps what is in memory when reading again fails', async () => {
    now = 0;
    values = ['one', new Error('throttled'), new Error('throttled')];
    const secrets = createSecrets(client, () => now);
    await secrets.read('arn');
    await assert.rejects(secrets.readAgain('arn'), /throttled/);
    await assert.rejects(secrets.read('arn', true), /throttled/);
    assert.equal(await secrets.read('arn'), 'one');
  });

  it('gives each read an end, since one that hangs would block every later one', async () => {
    const signals: AbortSignal[] = [];
    const hanging = {
      send: async (_command: unknown, options: { abortSignal: AbortSignal }) => {
        signals.push(options.abortSignal);
        throw new Error('aborted');
      },
    } as unknown as SecretsManagerClient;
    const secrets = createSecrets(hanging, () => 0);
    await assert.rejects(secrets.read('arn'), /aborted/);
    await assert.rejects(secrets.readAgain('arn'), /aborted/);
    assert.deepEqual(
      signals.map((signal) => signal instanceof AbortSignal && !signal.aborted),
      [true, true],
    );
  });

  it('reads a signing secret again that cannot be used, since it may have been corrected', async () => {
    now = 0;
    const good = JSON.stringify({ path_key: 'k'.repeat(32) });
    values = ['{"path_key":"5ECRET"}', '{"path_key":"5ECRET"}', good];
    const keys = createSigningKeys(
      createSecrets(client, () => now),
      'arn',
    );
    const unusable = { code: 'unusable-signing-secret' };
    await assert.rejects(keys(false), unusable);
    now = 9999;
    await assert.rejects(keys(false), unusable);
    assert.equal(values.length, 1);
    now = 10_000;
    assert.equal((await keys(false)).pathKey, 'k'.repeat(32));
    assert.equal((await keys(true)).pathKey, 'k'.repeat(32));
    assert.deepEqual(values, []);
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
