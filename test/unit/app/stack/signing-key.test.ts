import assert from 'node:assert/strict';
import { planKeyRotation } from '../../../../src/app/stack/signing-key.ts';
import { signingKeysOf, validKeys } from '../../../../src/core/ittybit/signing-keys.ts';
import type { SecretStore } from '../../../../src/core/stack/secret-store.ts';
import { awsError, PIPELINE } from '../../../helpers/fakes.ts';

/** One secret with versions, as Secrets Manager keeps it. */
class VersionedSecret implements Pick<SecretStore, 'read' | 'replace'> {
  value: string;
  version = 1;

  constructor(value: string) {
    this.value = value;
  }

  async read(arn: string) {
    assert.equal(arn, PIPELINE.signingSecretArn);
    return { value: this.value, version: String(this.version) };
  }

  async replace(arn: string, version: string, value: string): Promise<boolean> {
    assert.equal(arn, PIPELINE.signingSecretArn);
    if (version !== String(this.version)) return false;
    this.value = value;
    this.version += 1;
    return true;
  }
}

describe('planKeyRotation', () => {
  const first = '5ECRET'.padEnd(64, '-');
  let secret: VersionedSecret;
  const plan = () =>
    planKeyRotation(PIPELINE, {
      ...stores(),
      put: () => assert.fail('no put'),
      isReplaced: () => assert.fail('no look'),
    });
  const stores = () => ({
    read: secret.read.bind(secret),
    replace: secret.replace.bind(secret),
  });

  beforeEach(() => {
    secret = new VersionedSecret(JSON.stringify({ path_key: first, ittybit_webhook_secret: 'w', mine: 1 }));
  });

  it('stores a new key of 64 characters, and changes nothing before it is told to', async () => {
    const before = secret.value;
    const rotation = await plan();
    assert.equal(secret.value, before);
    assert.deepEqual([rotation.kept, rotation.givenUp], [1, 0]);
    assert.doesNotMatch(JSON.stringify(rotation), /5ECRET|path_key/);
    await rotation.store();
    const [pathKey, ...previous] = validKeys(signingKeysOf(secret.value));
    assert.match(pathKey ?? '', /^[\w-]{64}$/);
    assert.deepEqual(previous, [first]);
    const whole = { path_key: pathKey, previous_path_keys: previous, ittybit_webhook_secret: 'w', mine: 1 };
    assert.deepEqual(JSON.parse(secret.value), whole);
  });

  it('makes another key each time, and keeps five', async () => {
    const keys = new Set<string>();
    for (let turn = 1; turn <= 7; turn += 1) {
      const rotation = await plan();
      assert.deepEqual([rotation.kept, rotation.givenUp], [Math.min(turn, 5), turn > 5 ? 1 : 0]);
      await rotation.store();
      keys.add(signingKeysOf(secret.value).pathKey);
    }
    assert.equal(keys.size, 7);
    assert.deepEqual(validKeys(signingKeysOf(secret.value)), [...keys].reverse().slice(0, 6));
  });

  it('loses no rotation and no edit that another window makes between the question and the answer', async () => {
    const mine = await plan();
    await (await plan()).store();
    const theirs = secret.value;
    await assert.rejects(mine.store(), (error: Error) => {
      assert.match(error.message, /changed at the same time.*Rotate Signing Key" again/);
      assert.doesNotMatch(JSON.stringify([error.message, error.stack]), /5ECRET/);
      return true;
    });
    assert.equal(secret.value, theirs);
    await (await plan()).store();
    assert.equal(validKeys(signingKeysOf(secret.value)).length, 3);
  });

  it('raises what AWS says, and refuses a secret that it would have to guess at', async () => {
    secret.read = async () => Promise.reject(awsError('missing-permission'));
    await assert.rejects(plan(), { code: 'missing-permission' });
    for (const value of ['', 'whsec_5ECRET', '{"path_key":']) {
      secret = new VersionedSecret(value);
      await assert.rejects(plan(), { code: 'unusable-signing-secret' });
      assert.equal(secret.version, 1);
    }
  });
});
