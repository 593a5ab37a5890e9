import assert from 'node:assert/strict';
import { estimateBacklogSeconds, TUNING_PRESETS } from '../../../../src/app/stack/tuning-presets.ts';
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
