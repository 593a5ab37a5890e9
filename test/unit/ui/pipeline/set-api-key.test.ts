import assert from 'node:assert/strict';
import { setApiKeyCommand } from '../../../../src/ui/pipeline/set-api-key.ts';
import { OUTPUT_VALUES, stackOf } from '../../../helpers/fake-stacks.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const KEY = 'ittybit_live_0123456789';

describe('Set Ittybit API Key', () => {
  it('takes the key from a password box to AWS, and nowhere else', async () => {
    const { ui, stub, fake } = fixture(({ kind }) => (kind === 'input' ? ` ${KEY} ` : undefined), {
      existing: stackOf('CREATE_COMPLETE'),
    });
    await setApiKeyCommand(ui);
    assert.deepEqual(fake.secrets, [{ arn: OUTPUT_VALUES['ApiKeyArn'], value: KEY }]);
    assert.ok(stub.shown[0]?.password);
    assert.equal(stub.context.get('mediaBatch.keyStored'), true);
    assert.ok(!JSON.stringify([stub.logged, stub.shown, stub.updates]).includes(KEY));
  });

  it('offers to resume a pipeline that paused itself, and does so when asked to', async () => {
    const paused = { state: 'paused', reason: 'token_invalid (HTTP 401)', at: undefined, epoch: 0 } as const;
    for (const [answer, calls] of [
      ['Resume Dispatch', ['writeState running', 'updateMapping value-of-EventSourceMappingId true']],
      [undefined, []],
    ] as const) {
      const { ui, stub, fake } = fixture(({ kind }) => (kind === 'input' ? KEY : answer), {
        existing: stackOf('CREATE_COMPLETE'),
        dispatch: paused,
      });
      await setApiKeyCommand(ui);
      assert.deepEqual(fake.calls, calls);
      assert.match(JSON.stringify(stub.shown), /token_invalid \(HTTP 401\)/);
    }
  });

  it('says so where no reason of the pause is recorded, and shows no hostile reason', async () => {
    for (const [state, reason, text] of [
      ['running', undefined, 'The API key of "media-batch" is stored. Dispatch is paused.'],
      [
        'paused',
        'a\u202E](command:x)',
        'The API key of "media-batch" is stored. Dispatch is paused: a\\u{202e}] (command:x)',
      ],
    ] as const) {
      const { ui, stub } = fixture(({ kind }) => (kind === 'input' ? KEY : undefined), {
        existing: stackOf('CREATE_COMPLETE'),
        dispatch: { state, reason, at: undefined, epoch: 0 },
      });
      await setApiKeyCommand(ui);
      assert.equal(stub.shown.at(-1)?.text, text);
    }
  });

  it('says since when dispatch is paused, and by whom', async () => {
    const { ui, stub } = fixture(({ kind }) => (kind === 'input' ? KEY : undefined), {
      existing: stackOf('CREATE_COMPLETE'),
      dispatch: {
        state: 'paused',
        reason: 'refused',
        at: '2026-11-23T15:00:00.000Z',
        epoch: 1,
        by: 'consumer',
      },
    });
    await setApiKeyCommand(ui);
    assert.match(stub.shown.at(-1)?.text ?? '', /paused: refused, .*2026.*, by the consumer$/);
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
