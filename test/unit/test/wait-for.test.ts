import assert from 'node:assert/strict';
import { waitFor } from '../../helpers/wait-for.ts';

const late = () => new Error('too late');

describe('waiting in tests', () => {
  it('returns the first answer, also one that is false', async () => {
    const answers = [undefined, undefined, false, true];
    assert.equal(await waitFor(() => answers.shift(), { limitMs: 5_000, everyMs: 1, late }), false);
    assert.deepEqual(answers, [true]);
  });

  it('ends at the limit with the error that says what did not happen', async () => {
    await assert.rejects(
      waitFor(() => undefined, { limitMs: 20, everyMs: 1, late }),
      { message: 'too late' },
    );
  });

  it('does not repeat a question that fails', async () => {
    let asked = 0;
    const broken = (): undefined => {
      asked += 1;
      throw new TypeError('broken');
    };
    await assert.rejects(waitFor(broken, { limitMs: 5_000, late }), TypeError);
    assert.equal(asked, 1);
  });
});
