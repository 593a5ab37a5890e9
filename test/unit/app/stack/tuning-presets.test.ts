import assert from 'node:assert/strict';
import {
  backlogOutlook,
  estimateBacklogSeconds,
  isStarving,
  TUNING_PRESETS,
} from '../../../../src/app/stack/tuning-presets.ts';
import { TUNING_LIMITS } from '../../../../src/core/stack/stack-contract.ts';

describe('the tuning presets', () => {
  it("are the guide's table, within AWS's limits", () => {
    assert.deepEqual(
      TUNING_PRESETS.map(({ inFlight }) => inFlight),
      [10, 50, 100],
    );
    for (const preset of TUNING_PRESETS) {
      for (const name of ['batchSize', 'maximumConcurrency'] as const) {
        const [least, most] = TUNING_LIMITS[name];
        assert.ok(preset[name] >= least && preset[name] <= most);
      }
    }
  });
});

describe('backlogOutlook', () => {
  const [slow, , fast] = TUNING_PRESETS;
  const measured = undefined;

  it('is bound by whichever of the two knobs takes longer', () => {
    assert.deepEqual(backlogOutlook(1000, slow!, { perSecond: 50, measured }), {
      seconds: 100,
      bound: 'at-once',
    });
    assert.deepEqual(backlogOutlook(1000, fast!, { perSecond: 50, measured }), {
      seconds: 20,
      bound: 'per-second',
    });
    assert.equal(backlogOutlook(1000, fast!, { perSecond: undefined, measured }).bound, 'at-once');
  });
});

describe('isStarving', () => {
  it('leaves functions for the callbacks and the reconciler', () => {
    const of = (quota: number) => TUNING_PRESETS.map((preset) => isStarving(preset, quota));
    assert.deepEqual(
      [of(10), of(16), of(1000)],
      [
        [false, false, true],
        [false, false, false],
        [false, false, false],
      ],
    );
  });
});

describe('estimateBacklogSeconds', () => {
  const [slow, middle] = TUNING_PRESETS;

  it('assumes 1 s a call where nothing was measured, or nothing moves', () => {
    assert.equal(estimateBacklogSeconds(50_000, slow!), 5000);
    assert.equal(estimateBacklogSeconds(50_000, middle!), 1000);
    assert.equal(estimateBacklogSeconds(50_000, slow!, { filesPerSecond: 0, tuning: middle! }), 5000);
    assert.equal(estimateBacklogSeconds(0, slow!), 0);
  });

  it('scales the measured rate by the calls in flight', () => {
    const measured = { filesPerSecond: 4, tuning: slow! };
    assert.equal(estimateBacklogSeconds(400, slow!, measured), 100);
    assert.equal(estimateBacklogSeconds(400, middle!, measured), 20);
  });
});
