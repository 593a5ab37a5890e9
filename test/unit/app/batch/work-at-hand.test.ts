import assert from 'node:assert/strict';
import { workOf } from '../../../../src/app/batch/work-at-hand.ts';
import { zeroCounts, type BatchRecord, type StatusCounts } from '../../../../src/core/batch/batch.ts';
import { CANCELLED, HOLD } from '../../../helpers/ui/batch-marks.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';

const record = (
  batch: string,
  counts: Partial<StatusCounts>,
  change: Parameters<typeof metaOf>[1] = {},
  done = true,
): BatchRecord => ({
  meta: metaOf(batch, change),
  checkpoints: [{ shard: 0, lastKey: 'z', listed: 100, sent: 100, skipped: {}, done }],
  counts: { ...zeroCounts(), ...counts },
});

describe('workOf', () => {
  it('takes the batches together that have files on their way, also those that are held', () => {
    const held = { brake: { disarmed: [], hold: HOLD } };
    const work = workOf([
      record('a', { succeeded: 50, failed: 2, dead: 3, submitted: 30, processing: 10 }),
      record('b', { covered: 10, waiting: 5 }, held),
      record('settled', { succeeded: 100 }),
      record('gone', { succeeded: 5 }, { brake: { disarmed: [], ...CANCELLED } }),
      { meta: undefined, checkpoints: [], counts: { ...zeroCounts(), submitted: 5 } },
    ]);
    assert.deepEqual(
      work.batches.map(({ meta }) => meta?.batch),
      ['a', 'b'],
    );
    const { finished, total, remaining, atIttybit, failed } = work;
    assert.deepEqual([finished, total, remaining, atIttybit, failed], [65, 200, 135, 40, 5]);
  });

  it('leaves out a batch of which all that is left was never claimed', () => {
    const lost = new Set(['a']);
    assert.equal(workOf([record('a', { succeeded: 50 })], lost).batches.length, 0);
    assert.equal(workOf([record('a', { succeeded: 50, submitted: 1 })], lost).batches.length, 1);
  });

  it('counts the files that were planned while an enqueue has not finished', () => {
    const { total, remaining } = workOf([record('a', { succeeded: 50 }, { planned: 15_000 }, false)]);
    assert.deepEqual([total, remaining], [15_000, 14_950]);
    assert.equal(workOf([record('a', { succeeded: 50 }, { planned: 15_000 })]).total, 100, 'as it ended');
    assert.equal(workOf([record('a', { succeeded: 50 }, { planned: 20 }, false)]).total, 100, 'more came');
  });
});
