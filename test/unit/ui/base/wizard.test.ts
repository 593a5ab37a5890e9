import assert from 'node:assert/strict';
import { isAbort } from '../../../../src/core/errors.ts';
import { BACK, inputText, pickMany, pickOne, runWizard, type Step } from '../../../../src/ui/base/wizard.ts';
import { BACK_BUTTON } from '../../../helpers/ui/vscode-stub-inputs.ts';
import { stubVscode, type Answer, type Shown } from '../../../helpers/ui/vscode-stub.ts';

interface Order {
  readonly name?: string;
  readonly size?: string;
  readonly extras?: readonly string[];
}

async function run(answers: ReturnType<Answer>[], skipSize = false) {
  const queue = [...answers];
  const { vs, shown } = stubVscode(() => queue.shift());
  const steps: Step<Order>[] = [
    async (state, frame) => {
      const name = await inputText(vs, frame, {
        prompt: 'Name',
        value: state.name,
        validate: (text) => (text === '' ? 'Give a name.' : undefined),
      });
      return name === BACK ? BACK : { ...state, name };
    },
    (state, frame) => (skipSize ? undefined : askSize(state, frame)),
    async (state, frame) => {
      const items = [{ label: 'x' }, { label: 'y' }];
      const extras = await pickMany(vs, frame, { placeHolder: 'Extras', items, picked: items.slice(0, 1) });
      return extras === BACK ? BACK : { ...state, extras: extras.map(({ label }) => label) };
    },
  ];
  const askSize: NonNullable<(typeof steps)[number]> = async (state, frame) => {
    const items = [{ label: 'small' }, { label: 'large' }];
    const active = items.find(({ label }) => label === state.size);
    const size = await pickOne(vs, frame, { placeHolder: 'Size', items, active });
    return size === BACK ? BACK : { ...state, size: size.label };
  };
  const result = await runWizard<Order>('Order', {}, steps).catch((error: unknown) => error);
  return { result, shown };
}

function places(shown: readonly Shown[]): string[] {
  return shown.map(({ text, step, totalSteps }) => `${text} ${step}/${totalSteps}`);
}

describe('runWizard', () => {
  it('asks every question in order, each with its place', async () => {
    const { result, shown } = await run([' film ', 'large', ['x', 'y']]);
    assert.deepEqual(result, { name: 'film', size: 'large', extras: ['x', 'y'] });
    assert.deepEqual(places(shown), ['Order 1/3', 'Order 2/3', 'Order 3/3']);
    assert.deepEqual(shown[2]?.picked, ['x']);
  });

  it('goes back to the question before, with what was answered', async () => {
    const { result, shown } = await run(['film', 'large', BACK_BUTTON, BACK_BUTTON, 'tape', 'small', []]);
    assert.deepEqual(result, { name: 'tape', size: 'small', extras: [] });
    assert.deepEqual(shown[3]?.picked, ['large']);
    assert.deepEqual(shown[4]?.choices, ['film']);
  });

  it('ends all of it on Escape at any step', async () => {
    for (const answers of [[undefined], ['film', undefined], ['film', 'large', undefined]]) {
      const { result } = await run(answers);
      assert.ok(isAbort(result));
    }
  });

  it('passes over a question that is not to be asked, in both directions', async () => {
    const { result, shown } = await run(['film', BACK_BUTTON, 'tape', ['y']], true);
    assert.deepEqual(result, { name: 'tape', extras: ['y'] });
    assert.deepEqual(
      shown.map(({ step }) => step),
      [1, 2, 1, 2],
    );
  });

  it('keeps a text that cannot be taken in the box, with the reason', async () => {
    const { result, shown } = await run(['', 'film', 'small', []]);
    assert.deepEqual(result, { name: 'film', size: 'small', extras: [] });
    assert.equal(shown[1]?.problem, 'Give a name.');
  });
});
