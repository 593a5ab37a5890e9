import assert from 'node:assert/strict';
import { signingKeysOf, validKeys } from '../../../../src/core/ittybit/signing-keys.ts';
import { rotateSigningKeyCommand } from '../../../../src/ui/pipeline/rotate-signing-key.ts';
import { OUTPUT_VALUES, stackOf } from '../../../helpers/fake-stacks.ts';
import { fakeCloud } from '../../../helpers/ui/fake-cloud.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const key = (name: string) => `5ECRET-${name}`.padEnd(64, '-');
const existing = stackOf('CREATE_COMPLETE');
const secretOf = (...previous: string[]) =>
  JSON.stringify({
    path_key: key('now'),
    previous_path_keys: previous.map(key),
    ittybit_webhook_secret: 'w',
  });

describe('Rotate Signing Key', () => {
  it('says in numbers what stays valid, and stores a new key in AWS and nowhere else', async () => {
    const { ui, stub, fake } = fixture(({ choices }) => choices[0], { existing, secret: secretOf('a') });
    await rotateSigningKeyCommand(ui);
    const [question, outcome] = stub.shown;
    assert.equal(question?.text, 'Rotate the signing key of "media-batch"?');
    assert.equal(question.modal, true);
    assert.match(question.detail ?? '', /^Account 111122223333 · eu-west-1/);
    assert.match(question.detail ?? '', /Earlier keys that stay valid: 2 \(at most 5\)\./);
    assert.doesNotMatch(question.detail ?? '', /given up/);
    assert.match(outcome?.text ?? '', /^The signing key of "media-batch" is rotated\./);
    const [stored, ...more] = fake.secrets;
    assert.deepEqual(more, []);
    assert.equal(stored?.arn, OUTPUT_VALUES['SigningSecretArn']);
    const keys = signingKeysOf(stored?.value ?? '');
    assert.deepEqual(validKeys(keys).slice(1), [key('now'), key('a')]);
    assert.equal(keys.webhookSecret, 'w');
    const told = JSON.stringify([stub.logged, stub.shown, stub.updates]);
    assert.ok(!told.includes('5ECRET') && !told.includes(keys.pathKey));
  });

  it('says which keys are given up', async () => {
    const { ui, stub } = fixture(({ choices }) => choices[0], {
      existing,
      secret: secretOf('e', 'd', 'c', 'b', 'a'),
    });
    await rotateSigningKeyCommand(ui);
    assert.match(
      stub.shown[0]?.detail ?? '',
      /stay valid: 5 \(at most 5\).*\nKeys that are given up: 1, the oldest/,
    );
  });

  it('says that callbacks are refused where no earlier key can be used', async () => {
    const { ui, stub, fake } = fixture(({ choices }) => choices[0], {
      existing,
      secret: '{"path_key":"short"}',
    });
    await rotateSigningKeyCommand(ui);
    assert.match(
      stub.shown[0]?.detail ?? '',
      /No earlier key can be used, so callbacks of jobs under way are refused/,
    );
    assert.equal(fake.secrets.length, 1);
  });

  it('stores nothing without a yes', async () => {
    const { ui, fake } = fixture(() => undefined, { existing, secret: secretOf() });
    await assert.rejects(rotateSigningKeyCommand(ui), { name: 'AbortError' });
    assert.deepEqual(fake.secrets, []);
  });

  it('says so where another window was faster, and announces no success', async () => {
    const { services } = fakeCloud({ existing, secret: secretOf() });
    const secrets = { ...services.secrets, replace: async () => false };
    const { ui, stub } = fixture(({ choices }) => choices[0], { existing, services: { secrets } });
    await assert.rejects(rotateSigningKeyCommand(ui), { code: 'conflict' });
    assert.equal(stub.shown.length, 1);
  });

  it('asks nothing while there is no pipeline', async () => {
    const { ui, stub } = fixture(() => undefined);
    await assert.rejects(rotateSigningKeyCommand(ui), { code: 'not-deployed' });
    assert.deepEqual(stub.shown, []);
  });
});
