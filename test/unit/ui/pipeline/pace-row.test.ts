import assert from 'node:assert/strict';
import type { Pace } from '../../../../src/core/stack/pace.ts';
import { paceRow } from '../../../../src/ui/pipeline/pace-row.ts';
import { NEW_PACE } from '../../../helpers/fake-control.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

const { vs } = stubVscode();
const NOW = Date.parse('2026-11-23T14:00:00.000Z');

describe('the row of the calls per second', () => {
  const row = (pace: Partial<Pace> | undefined) => {
    const parameters = { MaxRequestsPerSecond: '0' };
    const stack = stackOf('UPDATE_COMPLETE', { parameters });
    return paceRow(vs, { pace: pace && { ...NEW_PACE, ...pace }, stack }, NOW);
  };

  it('says first how fast Ittybit is called, then the limit that was found and the refusals', () => {
    const refusedAtMs = NOW - 5 * 60_000;
    const shown = row({ ceiling: 9.8, clearMs: 60_000, calls: 4310, refused: 12, refusedAtMs });
    assert.deepEqual([shown?.label, shown?.description], ['up to 9.8/s', 'limit 10/s, 12 refused']);
    assert.match(shown?.tooltip ?? '', /12 of 4,310 calls refused \(HTTP 429\), the last one 5 min ago/);
    assert.equal(shown?.open, 'mediaBatch.tuneThroughput');
  });

  it('says that no limit was found, and names the one that was set', () => {
    assert.equal(row({ calls: 1 })?.description, 'no limit found');
    const set = row({ live: { most: 3, insteadOf: 0 } });
    assert.equal(set?.label, 'up to 3/s');
    assert.match(set.tooltip ?? '', /You allow 3\/s at most/);
    assert.equal(
      row({ calls: 1, live: { most: 3, insteadOf: 5 } })?.label,
      'up to 10/s',
      'undone by a deploy',
    );
  });

  it('is not there before the first call, nor for a stack that knows no pace', () => {
    assert.equal(row({}), undefined);
    assert.equal(row(undefined), undefined);
    const { stack } = { stack: stackOf('UPDATE_COMPLETE', { parameters: {} }) };
    assert.equal(paceRow(vs, { pace: { ...NEW_PACE, calls: 5 }, stack }, NOW), undefined);
  });
});
