import assert from 'node:assert/strict';
import { COUNT_SHARDS } from '../../../src/core/batch/table-keys.ts';
import { endFiles } from '../../helpers/count-load.ts';

describe('the counts of one batch under load', () => {
  const load = { perSecond: 500, seconds: 3 };

  it('give up none of 500 transitions a second, though transactions meet', async () => {
    for (const seed of [1, 2]) {
      const outcome = await endFiles({ ...load, shards: COUNT_SHARDS, seed });
      const { transitions, givenUp, counted, conflicts } = outcome;
      assert.deepEqual({ transitions, givenUp, counted }, { transitions: 1500, givenUp: 0, counted: 1500 });
      assert.ok(conflicts > 50, `${conflicts} conflicts: there was no load`);
      assert.ok(outcome.slowest < 5000, `${outcome.slowest} ms: an invocation has 20 s`);
    }
  });

  it('count what was not given up, and nothing else', async () => {
    const { transitions, givenUp, counted } = await endFiles({ ...load, seconds: 1, shards: 1, seed: 1 });
    assert.ok(givenUp > 0);
    assert.equal(counted, transitions - givenUp);
  });
});
