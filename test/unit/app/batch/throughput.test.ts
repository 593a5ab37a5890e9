import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RateMeter, secondsLeft } from '../../../../src/app/batch/throughput.ts';

const rateOf = (...samples: [seconds: number, total: number][]) => {
  const meter = new RateMeter();
  for (const [at, total] of samples) meter.add(at * 1000, total);
  return meter.filesPerSecond;
};

describe('RateMeter', () => {
  it('knows nothing before two samples are 10 s apart', () => {
    assert.equal(rateOf(), undefined);
    assert.equal(rateOf([0, 5]), undefined);
    assert.equal(rateOf([0, 5], [9, 50]), undefined);
    assert.equal(rateOf([0, 5], [10, 55]), 5);
  });

  it('is forgotten when nothing has moved for a minute, and then measured again', () => {
    assert.equal(rateOf([0, 0], [10, 50], [50, 50]), 1);
    assert.equal(rateOf([0, 0], [10, 50], [50, 50], [70, 50]), undefined);
    assert.equal(rateOf([0, 0], [10, 50], [50, 50], [70, 50], [80, 60], [90, 110]), 3);
  });

  it('looks back five minutes and no further', () => {
    assert.equal(rateOf([0, 0], [100, 1000], [390, 1010], [400, 1030]), 0.1);
    assert.equal(rateOf([0, 0], [600, 1000]), undefined, 'a gap, as after a night with the lid closed');
  });

  it('does not run backwards when a redrive returns files', () => {
    assert.equal(rateOf([0, 100], [10, 40], [20, 60]), 1);
  });

  it('starts again when the clock is set back, and counts each moment once', () => {
    assert.equal(rateOf([100, 0], [110, 50], [50, 60]), undefined);
    assert.equal(rateOf([100, 0], [50, 60], [60, 70]), 1);
    assert.equal(rateOf([0, 0], [10, 999], [10, 20]), 2);
  });

  it('is never negative or infinite, for any readings', () => {
    const sample = fc.tuple(fc.integer(), fc.nat());
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        const rate = rateOf(...samples);
        assert.ok(rate === undefined || (rate >= 0 && Number.isFinite(rate)));
      }),
    );
  });
});

describe('secondsLeft', () => {
  it('needs a rate, unless nothing is left', () => {
    assert.equal(secondsLeft(100, 4), 25);
    assert.equal(secondsLeft(100, 0), undefined);
    assert.equal(secondsLeft(100, undefined), undefined);
    assert.equal(secondsLeft(0, undefined), 0);
  });
});
