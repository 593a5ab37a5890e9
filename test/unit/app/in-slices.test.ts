import assert from 'node:assert/strict';
import { inSlices, mapInSlices } from '../../../src/app/in-slices.ts';
import { atOnce, type Steps } from '../../../src/core/steps.ts';

/** Counts to a number; each step takes so many ms of a clock of its own. */
function work(steps: number, ms: number) {
  const clock = { now: 0, rests: [] as number[] };
  function* count(): Steps<number> {
    for (let index = 0; index < steps; index += 1) {
      clock.now += ms;
      yield;
    }
    return steps;
  }
  const slices = {
    now: () => clock.now,
    rest: async () => {
      clock.rests.push(clock.now);
      // The others take their time, which is none of ours.
      clock.now += 500;
    },
  };
  return { clock, count, slices };
}

describe('work in slices', () => {
  it('rests each time when 10 ms are over, and returns what it returns at once', async () => {
    const { clock, count, slices } = work(25, 1);
    assert.equal(await inSlices(count(), slices), 25);
    assert.deepEqual(clock.rests, [10, 520]);
    assert.equal(atOnce(work(25, 1).count()), 25);
  });

  it('rests after each step that takes longer, and never in a short work', async () => {
    const long = work(3, 40);
    await inSlices(long.count(), long.slices);
    assert.equal(long.clock.rests.length, 3);
    const short = work(9, 1);
    await inSlices(short.count(), short.slices);
    assert.deepEqual(short.clock.rests, []);
  });

  it('lets timers and requests have their turn', async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 0);
    try {
      await mapInSlices([...Array(40).keys()], (index) => {
        for (const end = performance.now() + 1; performance.now() < end;) continue;
        return index;
      });
    } finally {
      clearInterval(timer);
    }
    assert.ok(ticks > 0);
  });

  it('maps each item once, in order', async () => {
    assert.deepEqual(await mapInSlices(['a', 'b'], (text) => text.toUpperCase()), ['A', 'B']);
    assert.deepEqual(await mapInSlices([], String), []);
  });

  it('ends with the reason of an abort, and with what the work throws', async () => {
    const { count, slices } = work(100, 5);
    const control = new AbortController();
    const rest = async () => {
      control.abort(new Error('enough'));
    };
    await assert.rejects(inSlices(count(), { ...slices, rest, signal: control.signal }), /enough/);
    const broken = (): never => {
      throw new Error('broken');
    };
    await assert.rejects(mapInSlices([1], broken), /broken/);
  });
});
