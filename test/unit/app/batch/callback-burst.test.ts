import assert from 'node:assert/strict';
import { sendCallbacks } from '../../../helpers/callback-burst.ts';

describe('200 callbacks a second', () => {
  const burst = { perSecond: 200, seconds: 10 };

  it('are all stored at once where the account lets the function run as often as it is called', async () => {
    const outcome = await sendCallbacks({ ...burst, concurrency: 1000, seed: 1 });
    assert.deepEqual(outcome, { sent: 2000, stored: 2000, turnedAway: 0, givenUp: 0 });
  });

  it('are all stored in a new account, where only 10 run at once, by the sender’s retries', async () => {
    const outcome = await sendCallbacks({ ...burst, concurrency: 10, seed: 2 });
    assert.deepEqual([outcome.stored, outcome.givenUp], [2000, 0]);
    assert.ok(outcome.turnedAway > 100, `${outcome.turnedAway} were turned away: there was no pressure`);
  });

  it('lose none silently where nearly all are turned away: what is not stored was refused to its sender', async () => {
    const { sent, stored, givenUp } = await sendCallbacks({ ...burst, concurrency: 1, seed: 3 });
    assert.ok(givenUp > 0);
    assert.equal(stored + givenUp, sent);
  });
});
