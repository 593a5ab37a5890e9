import assert from 'node:assert/strict';
import { MINUTE, PaceWorld, secondsUntilUsed, shareOf, type Plan } from '../helpers/pace-world.ts';

const PART_MS = 8 * MINUTE;

/** Two limits one after the other, each for eight minutes, and ten invocations at once. */
function changing(first: number, second: number, burst: (limit: number) => number, batchSize: number): Plan {
  const limits = (requestsPerSecond: number) => ({ requestsPerSecond, burst: burst(requestsPerSecond) });
  return {
    limits: [
      { fromMs: 0, limits: limits(first) },
      { fromMs: PART_MS, limits: limits(second) },
    ],
    ...{ concurrency: 10, batchSize, untilMs: 2 * PART_MS },
  };
}

const BURSTS: Readonly<Record<string, (limit: number) => number>> = {
  'no burst': () => 1,
  'a burst of 5': () => 5,
  'a burst of one second': (limit) => limit,
};

const UP = [2, 10] as const;
const DOWN = [10, 2] as const;

/** `npm run bench:pace` has all limits; these are the ones that are quick to play. */
describe('the pace, in a clock that jumps', function () {
  this.timeout(60_000);

  for (const [name, burst] of Object.entries(BURSTS)) {
    for (const [first, second] of name === 'no burst' ? [UP, DOWN] : [UP]) {
      it(`finds ${first}/s, and ${second}/s after it, with ${name}`, async () => {
        const world = await new PaceWorld(changing(first, second, burst, 5)).run();
        for (const [limit, from, to] of [
          [first, 0, PART_MS],
          [second, PART_MS, 2 * PART_MS],
        ] as const) {
          const seconds = secondsUntilUsed(world.calls, [from, to], limit);
          assert.ok(seconds !== undefined && seconds <= 300, `${limit}/s is used after ${seconds} s`);
          const { used, refused } = shareOf(world.calls, [from + 5 * MINUTE, to], limit);
          assert.ok(used >= 0.9, `${used} of ${limit}/s`);
          assert.ok(refused <= (limit >= 10 ? 0.01 : 0.04), `${refused} refused at ${limit}/s`);
        }
        assert.deepEqual([world.fixture.buried.length, world.fixture.state.state], [0, 'running']);
        assert.ok(world.mostReceives <= 20, `${world.mostReceives} receives`);
      });
    }
  }

  it('keeps what the operator allows, and drains all', async () => {
    const plan = { limits: [], concurrency: 2, batchSize: 5, files: 300, most: 5, untilMs: 5 * MINUTE };
    const world = await new PaceWorld(plan).run();
    assert.deepEqual([world.left, world.fixture.buried.length], [0, 0]);
    const lastMs = world.calls.at(-1)!.atMs;
    assert.ok(Math.abs(lastMs - 60_000) < 3_000, `${lastMs} ms`);
    assert.equal(world.mostReceives, 1, 'no receive is burnt by waiting');
  });

  it('goes on at the rate of before after a pause', async () => {
    const limits = { requestsPerSecond: 4, burst: 4 };
    const plan = { limits: [{ fromMs: 0, limits }], concurrency: 2, batchSize: 5, untilMs: 4 * MINUTE };
    const world = await new PaceWorld(plan).run();
    const { ceiling } = world.fixture.pace.row as { ceiling: number };
    const rested = new PaceWorld({ ...plan, untilMs: MINUTE });
    rested.fixture.pace.row = { ...world.fixture.pace.row, next_ms: world.fixture.now - 60 * MINUTE };
    await rested.run();
    const { refused } = shareOf(rested.calls, [0, MINUTE], 4);
    assert.ok(ceiling > 3.5 && refused <= 0.04, `${refused} refused`);
  });
});
