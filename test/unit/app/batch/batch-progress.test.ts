import assert from 'node:assert/strict';
import fc from 'fast-check';
import { batchProgress } from '../../../../src/app/batch/batch-progress.ts';
import { zeroCounts, type BatchMeta, type Checkpoint } from '../../../../src/core/batch/batch.ts';
import type { BatchBrake } from '../../../../src/core/batch/brake.ts';
import type { SkipReason } from '../../../../src/core/files/media-files.ts';
import { STATUSES, type Status } from '../../../../src/core/batch/result-item.ts';

describe('batchProgress', () => {
  const shard = (change: Partial<Checkpoint>): Checkpoint => ({
    shard: 0,
    lastKey: 'x',
    listed: 0,
    sent: 0,
    skipped: {},
    done: true,
    ...change,
  });
  const counts = (change: Partial<Record<Status, number>> = {}) => ({ ...zeroCounts(), ...change });

  it('conserves over any shards: listed = sent + skipped, sent = queued + counts', () => {
    const reason = fc.constantFrom<SkipReason>('folder-marker', 'empty', 'not-media', 'archived');
    const part = fc.record({
      sent: fc.nat(500),
      skipped: fc.dictionary(reason, fc.nat(99)),
      done: fc.boolean(),
    });
    const counted = STATUSES.filter((status) => status !== 'submitting');
    const share = fc.array(fc.tuple(fc.constantFrom(...counted), fc.nat(300)), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), share, (parts, shares) => {
        const checkpoints = parts.map(({ sent, skipped, done }, shard) => {
          const listed = sent + Object.values(skipped).reduce((sum, n) => sum + n, 0);
          return { shard, lastKey: 'x', listed, sent, skipped, done };
        });
        let left = checkpoints.reduce((sum, { sent }) => sum + sent, 0);
        const stored = counts();
        for (const [status, n] of shares) {
          stored[status] += Math.min(n, left);
          left -= Math.min(n, left);
        }
        // A stack before template version 3 counts it.
        stored.submitting = 7;
        const progress = batchProgress({ checkpoints, counts: stored });
        const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);
        assert.equal(progress.listed, progress.sent + sum(Object.values(progress.skipped)));
        assert.equal(progress.sent, progress.queued + sum(Object.values(progress.counts)));
        if (progress.settled) assert.ok(progress.enqueued && progress.queued === 0);
      }),
    );
  });

  it('is settled only when the whole prefix is sent and each file has its end', () => {
    const settled = (change: Partial<Record<Status, number>>, checkpoint: Partial<Checkpoint> = {}) =>
      batchProgress({ checkpoints: [shard({ listed: 4, sent: 4, ...checkpoint })], counts: counts(change) })
        .settled;
    assert.equal(settled({ succeeded: 1, failed: 1, cancelled: 1, dead: 1 }), true);
    assert.equal(settled({ succeeded: 1, covered: 3 }), true);
    assert.equal(settled({ succeeded: 3 }), false);
    assert.equal(settled({ succeeded: 4 }, { done: false }), false);
    for (const open of ['retrying', 'submitted', 'processing', 'waiting'] as const) {
      assert.equal(settled({ succeeded: 3, [open]: 1 }), false, open);
    }
    assert.equal(batchProgress({ checkpoints: [], counts: counts() }).settled, false);
  });

  it('counts each file with an end, and one that is being submitted as queued', () => {
    const ends = { succeeded: 1, failed: 2, cancelled: 3, covered: 4, dead: 5 };
    const open = { retrying: 6, submitted: 7, processing: 8, waiting: 9 };
    const stored = counts({ ...ends, ...open, submitting: 2 });
    const { ended, queued } = batchProgress({
      checkpoints: [shard({ listed: 50, sent: 50 })],
      counts: stored,
    });
    assert.deepEqual({ ended, queued }, { ended: 15, queued: 5 });
  });

  it('counts what was sent of a cancelled batch and has no item as cancelled, which settles it', () => {
    const stopped: BatchBrake = { disarmed: [], cancelled: { at: '', by: 'operator' } };
    const progress = (stored: Partial<Record<Status, number>>, done: boolean, brake = stopped) =>
      batchProgress({
        checkpoints: [shard({ listed: 1220, sent: 1220, done })],
        counts: counts(stored),
        meta: { brake } as unknown as BatchMeta,
      });
    for (const done of [true, false]) {
      const all = progress({ succeeded: 10, dead: 3, cancelled: 7 }, done);
      assert.deepEqual([all.queued, all.counts.cancelled, all.ended], [0, 1207, 1220]);
      assert.equal(
        all.sent,
        STATUSES.map((status) => all.counts[status]).reduce((a, b) => a + b),
      );
      assert.deepEqual([all.settled, all.enqueued], [true, done]);
    }
    const open = progress({ submitted: 4, retrying: 1 }, true);
    assert.deepEqual([open.queued, open.counts.cancelled, open.ended, open.settled], [0, 1215, 1215, false]);
    assert.equal(progress({ submitted: 1221 }, true).counts.cancelled, 0);
    const held: BatchBrake = { disarmed: [], hold: { reason: '', cause: '', at: '', by: '' } };
    assert.equal(progress({ succeeded: 10 }, true, held).queued, 1210);
  });

  it('never shows a queue below zero while claims are counted before their checkpoint', () => {
    assert.equal(batchProgress({ checkpoints: [], counts: counts({ submitted: 3 }) }).queued, 0);
  });
});
