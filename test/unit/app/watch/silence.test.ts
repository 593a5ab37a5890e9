import assert from 'node:assert/strict';
import { awsError } from '../../../helpers/fakes.ts';
import { SECOND, settle, WALL, WatchBench } from '../../../helpers/watch-bench.ts';

describe('the silence of AWS', () => {
  let bench: WatchBench;
  beforeEach(() => {
    bench = new WatchBench();
  });

  it('says that AWS is silent after half a minute without an answer, once, and until the next answer', async () => {
    await bench.demand('pipeline');
    await bench.answer({ busy: true });
    await bench.pass(5 * SECOND);
    await bench.pass(30 * SECOND - 1);
    assert.equal(bench.watch.silentSince, undefined);
    await bench.pass(1);
    assert.equal(bench.watch.silentSince, WALL + 5 * SECOND);
    assert.deepEqual(bench.states.at(-1), {
      reading: { problems: {}, busy: true },
      error: undefined,
      silentSince: WALL + 5 * SECOND,
    });
    const told = bench.states.length;
    await bench.pass(600 * SECOND);
    assert.equal(bench.states.length, told);
    await bench.answer({ busy: true });
    assert.deepEqual([bench.watch.silentSince, bench.states.at(-1)?.silentSince], [undefined, undefined]);
    assert.deepEqual(bench.timers, [5 * SECOND]);
  });

  it('counts failures without an answer as silence, and a refusal as an answer', async () => {
    await bench.demand('pipeline');
    await bench.answer(awsError('unreachable'));
    await bench.pass(30 * SECOND);
    assert.equal(bench.watch.silentSince, WALL);
    await bench.pass(90 * SECOND);
    await bench.answer(awsError('missing-permission'));
    assert.equal(bench.watch.silentSince, undefined);
  });

  it('is not silent about what nobody waits for', async () => {
    const [demand] = await bench.demand('pipeline');
    demand?.dispose();
    await settle();
    assert.deepEqual(bench.timers, []);
  });
});
