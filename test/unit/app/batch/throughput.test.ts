import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FinishMeter, secondsLeft } from '../../../../src/app/batch/throughput.ts';

const rateOf = (...samples: [seconds: number, finished: number][]) => {
  const meter = new FinishMeter();
  for (const [at, finished] of samples) meter.add(at * 1000, finished);
  return meter.filesPerSecond;
};

/** Readings every `every` seconds of a run whose rate is `perSecond(t)`. */
function run(
  perSecond: (second: number) => number,
  { every = 5, seconds = 1800 } = {},
): { at: number; rate: number | undefined }[] {
  const meter = new FinishMeter();
  const rates: { at: number; rate: number | undefined }[] = [];
  let finished = 0;
  for (let second = 0; second <= seconds; second += 1) {
    finished += perSecond(second);
    if (second % every !== 0) continue;
    meter.add(second * 1000, Math.floor(finished));
    rates.push({ at: second, rate: meter.filesPerSecond });
  }
  return rates;
}

const isWithin = (rate: number, truth: number, part = 0.25): boolean =>
  Math.abs(rate - truth) <= truth * part;

describe('FinishMeter', () => {
  it('has no number before 10 files have ended in 3 readings over a minute', () => {
    assert.equal(rateOf(), undefined);
    assert.equal(rateOf([0, 5], [59, 500]), undefined, 'one reading');
    assert.equal(rateOf([0, 0], [5, 50], [10, 100], [15, 150], [20, 200]), undefined, '15 seconds');
    assert.equal(rateOf([0, 0], [5, 1], [25, 2], [45, 3], [66, 5]), undefined, '4 files');
    assert.equal(rateOf([0, 0], [5, 10], [25, 30], [45, 50], [65, 70]), 1);
  });

  it('is right to a quarter from its first number on, at any constant rate and pace', () => {
    const rate = fc.double({ min: 0.02, max: 200, noNaN: true });
    fc.assert(
      fc.property(rate, fc.constantFrom(5, 30, 60), (truth, every) => {
        const numbers = run(() => truth, { every }).flatMap((each) => each.rate ?? []);
        // A run of half an hour at a file a minute is just enough.
        assert.ok(numbers.length > 0 || truth < 0.05);
        for (const number of numbers) assert.ok(isWithin(number, truth), `${number} for ${truth}`);
      }),
      { numRuns: 200 },
    );
  });

  it('is right where jobs end in bursts', () => {
    const rates = run((second) => (second % 50 === 49 ? 40 : 0));
    const numbers = rates.flatMap(({ rate }) => rate ?? []);
    assert.ok(numbers.length > 100);
    for (const number of numbers) assert.ok(isWithin(number, 0.8), String(number));
  });

  it('follows a new rate within 3 minutes, as after tuning, with no nonsense between', () => {
    for (const [before, after] of [
      [2, 20],
      [20, 2],
      [0.5, 5],
    ] as const) {
      const rates = run((second) => (second < 600 ? before : after));
      const [least, most] = [Math.min(before, after), Math.max(before, after)];
      for (const { at, rate } of rates.slice(20)) {
        assert.ok(rate !== undefined && rate >= least * 0.75 && rate <= most * 1.25, `${rate} at ${at}`);
        if (at >= 600 + 185) assert.ok(isWithin(rate, after), `${rate} at ${at}`);
      }
    }
  });

  it('has no number while nothing ends, and none that the pause has lowered after it', () => {
    for (const every of [5, 60]) {
      const rates = run((second) => (second < 600 || second > 1200 ? 4 : 0), { every, seconds: 2400 });
      for (const { at, rate } of rates.filter(({ at }) => at > 900)) {
        if (at <= 1260) assert.equal(rate, undefined, `at ${at}`);
        else assert.ok(rate === undefined || isWithin(rate, 4), `${rate} at ${at}`);
      }
      assert.ok(isWithin(rates.at(-1)?.rate ?? 0, 4));
    }
  });

  it('does not run backwards when a redrive returns files, and begins anew when the clock is set back', () => {
    const samples: [number, number][] = [0, 20, 40, 60, 80].map((at) => [at, at]);
    assert.equal(rateOf(...samples, [100, 50], [120, 70], [140, 90], [160, 110]), 100 / 120);
    assert.equal(rateOf(...samples, [10, 90]), undefined);
  });

  it('never gives a rate that is negative, zero or not a number', () => {
    const sample = fc.tuple(fc.nat(10_000), fc.nat(1_000_000));
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 50 }), (samples) => {
        const rate = rateOf(...samples);
        assert.ok(rate === undefined || (rate > 0 && Number.isFinite(rate)));
      }),
    );
  });
});

describe('secondsLeft', () => {
  it('is the rest over the rate, and unknown where nothing moves', () => {
    assert.equal(secondsLeft(60, 2), 30);
    assert.equal(secondsLeft(0, undefined), 0);
    assert.equal(secondsLeft(60, undefined), undefined);
    assert.equal(secondsLeft(60, 0), undefined);
  });
});
