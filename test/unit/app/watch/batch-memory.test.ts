import assert from 'node:assert/strict';
import { BatchMemory } from '../../../../src/app/watch/batch-memory.ts';
import { zeroCounts, type BatchRecord, type StatusCounts } from '../../../../src/core/batch/batch.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';

const START = Date.parse('2026-11-23T10:00:00.000Z');
const BATCH = 'b1';

/** @returns a cancelled batch of ten files that were all sent */
function cancelled(counts: Partial<StatusCounts>): BatchRecord {
  const place = { batch: BATCH, bucket: 'media', prefix: '', extensions: [] };
  const brake = { disarmed: [], cancelled: { at: '', by: 'operator' } };
  const created_at = new Date(START).toISOString();
  const checkpoint = { shard: 0, lastKey: 'z', listed: 10, sent: 10, skipped: {}, done: true };
  return {
    meta: { ...place, job: DEFAULT_JOB_OPTIONS, created_at, brake },
    checkpoints: [checkpoint],
    counts: { ...zeroCounts(), ...counts },
  };
}

describe('what is due of a cancelled batch', () => {
  let memory: BatchMemory;
  const note = (counts: Partial<StatusCounts>, now: number) => {
    memory.note(new Map([[BATCH, cancelled(counts)]]), now);
  };
  const isDue = (now: number) => memory.due([BATCH], 'busy', now).has(BATCH);

  beforeEach(() => {
    memory = new BatchMemory();
    note({ succeeded: 4 }, START);
  });

  it('is its reading, as long as its queue drains: some files may have been on their way to Ittybit', () => {
    assert.ok(isDue(START + 5_000));
    note({ succeeded: 4, submitted: 1 }, START + 5_000);
    assert.ok(isDue(START + 10_000));
  });

  it('is its reading after a minute, once it is drained: its enqueue may have sent one more page', () => {
    const drained = START + 60_000;
    assert.deepEqual([...memory.unclaimed(drained)], [BATCH]);
    note({ succeeded: 4 }, drained);
    assert.ok(!isDue(drained + 59_999));
    assert.ok(isDue(drained + 60_000));
  });
});
