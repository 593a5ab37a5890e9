import assert from 'node:assert/strict';
import { isTooLong, timeRow } from '../../../../src/ui/enqueue/cost-rows.ts';
import type { EnqueueFacts } from '../../../../src/ui/enqueue/enqueue-facts.ts';
import { FakeControl } from '../../../helpers/fake-control.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

const FACTS: EnqueueFacts = {
  ...{ mapping: new FakeControl().current, dispatch: undefined, batches: [], paysOnce: true },
  ...{ measured: undefined, limit: undefined, waiting: 0, keyStored: true },
};

describe('the time that an enqueue takes', () => {
  const { vs } = stubVscode();
  const said = (files: number, facts: Partial<EnqueueFacts>): string => {
    const { label, description = '' } = timeRow(
      vs,
      { files, truncated: false } as Parameters<typeof timeRow>[1],
      {
        ...FACTS,
        ...facts,
      },
    );
    return `${label} ${description}`;
  };

  it('is that of the rate that was measured, of the limit that was found, or of the tuning', () => {
    // Ten in flight, at a second a call.
    assert.match(said(36_000, {}), /about 1 h at the present tuning/);
    assert.match(said(7_200, { limit: 2 }), /about 1 h at the limit .*2 files\/s/);
    assert.match(said(36_000, { limit: 50 }), /about 1 h at the present tuning/);
    assert.match(said(3_600, { limit: 2, measured: 1 }), /about 1 h at the present rate/);
  });

  it('is too long where the limit that was found makes it so', () => {
    const plan = { files: 2_000_000 };
    assert.deepEqual([isTooLong(plan, FACTS), isTooLong(plan, { ...FACTS, limit: 2 })], [false, true]);
  });
});
