import assert from 'node:assert/strict';
import { setApiKeyCommand } from '../../../src/ui/commands/set-api-key.ts';
import { OUTPUT_VALUES, stackOf } from './fake-cloud.ts';
import { fixture } from './ui-fixture.ts';

const KEY = 'ittybit_live_0123456789';

describe('Set Ittybit API Key', () => {
  it('takes the key from a password box to AWS, and nowhere else', async () => {
    const { ui, stub, fake } = fixture(({ kind }) => (kind === 'input' ? ` ${KEY} ` : undefined), {
      existing: stackOf('CREATE_COMPLETE'),
    });
    await setApiKeyCommand(ui);
    assert.deepEqual(fake.secrets, [{ arn: OUTPUT_VALUES['ApiKeyArn'], value: KEY }]);
    assert.ok(stub.shown[0]?.password);
    assert.ok(!JSON.stringify([stub.logged, stub.shown, stub.updates]).includes(KEY));
  });

  it('asks for no key while there is no pipeline', async () => {
    const { ui, stub } = fixture(() => KEY);
    await assert.rejects(setApiKeyCommand(ui), { code: 'not-deployed' });
    assert.deepEqual(stub.shown, []);
  });

  it('does not repeat what is no key', async () => {
    const { ui } = fixture(() => 'my secret phrase', { existing: stackOf('CREATE_COMPLETE') });
    await assert.rejects(
      setApiKeyCommand(ui),
      (error: Error) => error.name === 'InvalidInputError' && !error.message.includes('phrase'),
    );
  });
});
