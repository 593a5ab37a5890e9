import assert from 'node:assert/strict';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import {
  keyWithId,
  rotateKey,
  signingKeyId,
  signingKeysOf,
  validKeys,
} from '../../../../src/core/ittybit/signing-keys.ts';

const key = (name: string) => `5ECRET-${name}`.padEnd(64, '-');
const secretOf = (fields: object) => JSON.stringify({ path_key: key('now'), ...fields });

const refuses = (work: () => unknown, words: RegExp) => {
  assert.throws(
    work,
    (error) =>
      error instanceof MediaBatchError &&
      error.code === 'unusable-signing-secret' &&
      words.test(error.message) &&
      !/5ECRET/.test(JSON.stringify([error.message, String(error.cause), error.stack])),
  );
};

describe('signingKeysOf', () => {
  it('reads the keys; all but the present one may be missing', () => {
    assert.deepEqual(signingKeysOf(secretOf({})), {
      pathKey: key('now'),
      previousPathKeys: [],
      webhookSecret: '',
    });
    const all = { previous_path_keys: [key('b'), key('a')], ittybit_webhook_secret: 'w' };
    const keys = signingKeysOf(secretOf(all));
    assert.deepEqual([keys.previousPathKeys, keys.webhookSecret], [[key('b'), key('a')], 'w']);
    assert.deepEqual(validKeys(keys), [key('now'), key('b'), key('a')]);
  });

  it('refuses a key of less than 32 characters, and says how to make another one', () => {
    for (const path_key of [
      '',
      '5ECRET',
      `5ECRET${'x'.repeat(25)}`,
      ' '.repeat(64),
      undefined,
      null,
      7,
      [key('a')],
    ]) {
      refuses(
        () => signingKeysOf(secretOf({ path_key })),
        /path_key of at least 32 characters.*Rotate Signing Key/,
      );
    }
    assert.equal(signingKeysOf(secretOf({ path_key: 'x'.repeat(32) })).pathKey.length, 32);
  });

  it('refuses what would count as a check that is off, and never repeats the secret', () => {
    for (const ittybit_webhook_secret of [['5ECRET'], false, 0, {}]) {
      refuses(() => signingKeysOf(secretOf({ ittybit_webhook_secret })), /ittybit_webhook_secret as texts/);
    }
    for (const secret of ['', '5ECRET', '"5ECRET"', '["5ECRET"]', '{"path_key":"5ECRET', 'null']) {
      refuses(() => signingKeysOf(secret), /is not JSON with path_key/);
    }
  });

  it('takes no earlier key that is short, no sixth one, and no list that is none', () => {
    const previous = (previous_path_keys: unknown) =>
      signingKeysOf(secretOf({ previous_path_keys })).previousPathKeys;
    assert.deepEqual(previous(['', 'short', null, key('a'), ' '.repeat(64)]), [key('a')]);
    const seven = ['g', 'f', 'e', 'd', 'c', 'b', 'a'].map(key);
    assert.deepEqual(previous(seven), seven.slice(0, 5));
    for (const none of [key('a'), { 0: key('a') }, null, 7]) assert.deepEqual(previous(none), []);
  });
});

describe('a signing key', () => {
  it('is found by its id as long as it is valid', () => {
    const keys = signingKeysOf(secretOf({ previous_path_keys: [key('a')] }));
    assert.match(signingKeyId(key('a')), /^[0-9a-f]{8}$/);
    assert.equal(keyWithId(validKeys(keys), signingKeyId(key('now'))), key('now'));
    assert.equal(keyWithId(validKeys(keys), signingKeyId(key('a'))), key('a'));
    assert.equal(keyWithId(validKeys(keys), signingKeyId(key('gone'))), undefined);
    assert.equal(keyWithId(validKeys(keys), ''), undefined);
  });
});

describe('rotateKey', () => {
  it('keeps the last five keys through many rotations, and every other field', () => {
    let secret = secretOf({ ittybit_webhook_secret: 'w', note: { mine: [1] } });
    const made = [key('now')];
    for (const name of ['1', '2', '3', '4', '5', '6', '7']) {
      const rotated = rotateKey(secret, key(name));
      ({ secret } = rotated);
      assert.deepEqual([rotated.kept, rotated.givenUp], [Math.min(made.length, 5), made.length > 5 ? 1 : 0]);
      const { previous_path_keys, ...others } = JSON.parse(secret) as Record<string, unknown>;
      assert.deepEqual(others, { path_key: key(name), ittybit_webhook_secret: 'w', note: { mine: [1] } });
      assert.deepEqual(previous_path_keys, made.slice(0, 5));
      assert.deepEqual(validKeys(signingKeysOf(secret)), [key(name), ...made.slice(0, 5)]);
      made.unshift(key(name));
    }
  });

  it('mends a secret whose key is missing or short, and keeps no key that proves nothing', () => {
    for (const path_key of [undefined, 'short', 7]) {
      const { secret, kept } = rotateKey(
        secretOf({ path_key, previous_path_keys: [key('a'), 'x'] }),
        key('new'),
      );
      assert.equal(kept, 1);
      assert.deepEqual(validKeys(signingKeysOf(secret)), [key('new'), key('a')]);
    }
  });

  it('keeps no key twice', () => {
    const { kept } = rotateKey(
      secretOf({ previous_path_keys: [key('now'), key('a'), key('a')] }),
      key('new'),
    );
    assert.equal(kept, 2);
  });

  it('writes nothing over a secret that a new key would not mend', () => {
    for (const secret of [
      '',
      'whsec_5ECRET',
      '["5ECRET"]',
      secretOf({ ittybit_webhook_secret: ['5ECRET'] }),
    ]) {
      refuses(() => rotateKey(secret, key('new')), /correct it in Secrets Manager/);
    }
  });
});
