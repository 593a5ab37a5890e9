import assert from 'node:assert/strict';
import { setApiKeyCommand } from '../../../../src/ui/pipeline/set-api-key.ts';
import { OUTPUT_VALUES, stackOf } from '../../../helpers/fake-stacks.ts';
import { fixture, ittybitAnswer } from '../../../helpers/ui/ui-fixture.ts';

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

  it('keeps the box open for what is no key, and neither repeats it nor sends it anywhere', async () => {
    const { ui, stub, fake } = fixture(() => 'my secret phrase', {
      existing: stackOf('CREATE_COMPLETE'),
      witness: () => assert.fail('Ittybit is not asked'),
    });
    await assert.rejects(setApiKeyCommand(ui), { name: 'AbortError' });
    assert.match(stub.shown.at(-1)?.problem ?? '', /^That is not an Ittybit API key/);
    assert.ok(!JSON.stringify([stub.shown.map(({ problem }) => problem), stub.logged]).includes('phrase'));
    assert.deepEqual(fake.secrets, []);
  });

  describe('asks Ittybit before the box closes', () => {
    const OTHER = 'ittybit_live_9876543210';

    /** Types these keys one after the other; Ittybit answers by the key. */
    const typing = async (
      keys: readonly string[],
      answers: Readonly<Record<string, Awaited<ReturnType<NonNullable<Given['witness']>>>>>,
    ) => {
      const left = [...keys];
      const asked: string[] = [];
      const made = fixture(({ kind }) => (kind === 'input' ? left.shift() : undefined), {
        existing: stackOf('CREATE_COMPLETE'),
        witness: async (key) => {
          asked.push(key);
          return answers[key] ?? ittybitAnswer(200, '[]');
        },
      });
      const ended = await setApiKeyCommand(made.ui).catch((error: unknown) => error);
      const problems = made.stub.shown.map(({ problem }) => problem).filter(Boolean);
      return { ...made, asked, ended, problems, stored: made.fake.secrets.map(({ value }) => value) };
    };
    type Given = NonNullable<Parameters<typeof fixture>[1]>;

    it('and keeps it open for a key that is refused, also when Enter is pressed again', async () => {
      const refused = ittybitAnswer(401, '{"kind":"token_invalid","message":"no such key"}');
      const { asked, stored, problems } = await typing([KEY, KEY, OTHER], { [KEY]: refused });
      assert.deepEqual(asked, [KEY, KEY, OTHER]);
      assert.deepEqual(stored, [OTHER]);
      const problem = 'Ittybit refuses this key: token_invalid: no such key (HTTP 401)';
      assert.deepEqual(problems, [problem, problem]);
    });

    it('and stores a key that could not be checked only when Enter is pressed again', async () => {
      for (const [answer, reason] of [
        [{ networkError: 'getaddrinfo ENOTFOUND' }, 'no answer from Ittybit: getaddrinfo ENOTFOUND'],
        [ittybitAnswer(503, 'away'), 'away (HTTP 503)'],
        [ittybitAnswer(402, '{"kind":"payment_required"}'), 'payment_required (HTTP 402)'],
        [ittybitAnswer(200, '<h1>Log in</h1>'), '<h1>Log in</h1> (HTTP 200)'],
        [ittybitAnswer(403, '[x](command:y)\u202e'), '[x] (command:y)\\u{202e} (HTTP 403)'],
      ] as const) {
        const { stored, problems, asked } = await typing([KEY, KEY], { [KEY]: answer });
        const sentence = `The key could not be checked: ${reason}. Press Enter again to store it anyway.`;
        assert.deepEqual([problems, stored, asked], [[sentence], [KEY], [KEY]]);
      }
    });

    it('and asks anew about another key', async () => {
      const { asked, stored } = await typing([KEY, OTHER], { [KEY]: ittybitAnswer(500) });
      assert.deepEqual([asked, stored], [[KEY, OTHER], [OTHER]]);
    });

    it('and stores nothing on Escape', async () => {
      const { stored, ended } = await typing([KEY], { [KEY]: ittybitAnswer(500) });
      assert.deepEqual(stored, []);
      assert.equal((ended as Error).name, 'AbortError');
    });

    it('and shows no key that Ittybit repeats, nor logs or keeps it', async () => {
      const echo = ittybitAnswer(401, `{"message":"unknown key ${KEY}"}`);
      const { stub, ui, problems } = await typing([KEY, OTHER], { [KEY]: echo });
      assert.deepEqual(problems, ['Ittybit refuses this key: unknown key … (HTTP 401)']);
      const { global, workspace } = ui.memory;
      const kept = [global, workspace].map((memory) => memory.keys().map((key) => memory.get(key)));
      const told = JSON.stringify([stub.logged, stub.updates, stub.executed, kept, [...stub.context]]);
      for (const key of [KEY, OTHER]) assert.ok(!told.includes(key));
      assert.match(told, /was asked about an API key: refused/);
    });

    it('and sends no key to an address that is not safe', async () => {
      const { ui, stub } = fixture(({ kind }) => (kind === 'input' ? KEY : undefined), {
        existing: stackOf('CREATE_COMPLETE', { parameters: { IttybitApiUrl: 'http://api.example' } }),
        witness: () => assert.fail('a key in the clear'),
      });
      await setApiKeyCommand(ui);
      assert.match(stub.shown[1]?.problem ?? '', /could not be checked: the stack has no https address/);
    });
  });
});
