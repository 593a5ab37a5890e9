import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  dropOf,
  farFrom,
  isLowest,
  limitFound,
  mostOf,
  nextSlot,
  planSlots,
  rateOf,
  type Pace,
} from '../../../../src/core/stack/pace.ts';
import { readPace } from '../../../../src/core/stack/pace-codec.ts';
import { NEW_PACE } from '../../../helpers/fake-control.ts';

const NOW = Date.parse('2026-11-27T10:00:00Z');
const MINUTE = 60_000;
const after = (clearMs: number, change: Partial<Pace> = {}): Pace => ({ ...NEW_PACE, clearMs, ...change });

describe('the rate', () => {
  it('begins at 10 calls/s, and doubles every 2 s that it is used until Ittybit refuses a call', () => {
    assert.deepEqual(
      [0, 2000, 4000, 10_000].map((ms) => rateOf(after(ms), 0)),
      [10, 20, 40, 320],
    );
    assert.equal(rateOf(after(MINUTE), 0), 1000);
  });

  it('drops by a fifth, is back near the ceiling within a minute, and probes ever faster', () => {
    const { ceiling } = dropOf(after(2000), 0, 0, NOW);
    const rate = (ms: number) => rateOf(after(ms, { ceiling, drops: 1 }), 0);
    assert.ok(Math.abs(rate(0) - 16) < 0.001, String(rate(0)));
    assert.ok(rate(20_000) > 0.97 * ceiling && rate(MINUTE) === ceiling);
    assert.ok(rate(1.5 * MINUTE) < 1.01 * ceiling, 'slowly at first');
    assert.ok(rate(4 * MINUTE) > 100, 'a limit that is five times as high is found within minutes');
  });

  it('only rises while nothing is refused, and stays within what is allowed', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 1000, noNaN: true }),
        fc.nat(1000),
        fc.nat(1e7),
        fc.nat(1e6),
        (...given) => {
          const [ceiling, most, ms, more] = given;
          const [before, later] = [ms, ms + more].map((clearMs) => rateOf(after(clearMs, { ceiling }), most));
          assert.ok(before! <= later! && before! > 0 && later! <= (most || 1000));
        },
      ),
    );
  });

  it('is what the operator allows from the start, until a deploy changes the parameter', () => {
    assert.equal(rateOf(NEW_PACE, 50), 50);
    const live = { ...NEW_PACE, live: { most: 5, insteadOf: 0 } };
    assert.deepEqual([mostOf(live, 0), mostOf(live, 20), mostOf(NEW_PACE, 20)], [5, 20, 20]);
  });

  it('tells the limit that was met, and one that no rate keeps', () => {
    assert.equal(limitFound(NEW_PACE), undefined);
    const { ceiling } = dropOf(after(0), 0, 0, NOW);
    assert.ok(Math.abs((limitFound({ ...NEW_PACE, ceiling }) ?? 0) - 10) < 0.001);
    let pace: Pace = NEW_PACE;
    for (let drops = 0; drops < 30 && !isLowest(pace, 0); drops++) {
      pace = { ...pace, ceiling: dropOf(pace, 0, 0, NOW).ceiling };
    }
    assert.ok(isLowest(pace, 0));
  });
});

describe('planned slots', () => {
  const plan = (pace: Partial<Pace>, count: number, inMs: number) =>
    planSlots({ ...NEW_PACE, ...pace }, { count, latestMs: NOW + inMs }, 0, NOW);

  it('follow one another at the rate, as many as come in time', () => {
    const { count, gapMs, isQueued } = plan({}, 5, 10_000)!;
    assert.deepEqual([count, gapMs, isQueued], [5, 100, false]);
    assert.equal(plan({}, 50, 1000)?.count, 11);
    assert.deepEqual(plan({ nextMs: NOW + 900 }, 50, 1000)?.count, 2);
    assert.equal(plan({ nextMs: NOW + 1001 }, 1, 1000), undefined);
  });

  it('do not wait for a clock that is far ahead', () => {
    const wrong = { nextMs: farFrom(NOW) + 1 };
    assert.equal(nextSlot({ ...NEW_PACE, ...wrong }, NOW), NOW);
    assert.equal(plan(wrong, 5, 1000)?.isQueued, false);
  });
});

describe('the item pace', () => {
  it('is as new where it cannot be read, and never gives a rate that is none', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.dictionary(
          fc.constantFrom('next_ms', 'ceiling', 'clear_ms', 'drops', 'most', 'instead_of'),
          fc.anything(),
        ),
        (any, item) => {
          for (const pace of [readPace(any), readPace(item)]) {
            const rate = rateOf(pace, mostOf(pace, 0));
            assert.ok(rate > 0 && rate <= 1000, String(rate));
            assert.ok(planSlots(pace, { count: 1, latestMs: NOW + 1e9 }, 0, NOW)!.gapMs > 0);
          }
        },
      ),
    );
  });
});
