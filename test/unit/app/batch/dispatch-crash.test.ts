import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PostOutcome } from '../../../../src/core/ittybit/dispatch-rules.ts';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { isEnded, type Status } from '../../../../src/core/batch/result-item.ts';
import { reported } from '../../../../src/core/batch/transitions.ts';
import { changeItem } from '../../../../src/app/batch/change-item.ts';
import { DispatchFixture, FILE, MINUTE } from '../../../helpers/dispatch-fixture.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';
import { ReconcileFixture } from '../../../helpers/reconcile-fixture.ts';

const HOUR = 60 * MINUTE;
const BODY = encodeQueueMessage(FILE);

describe('dispatchFile, when something breaks in between', () => {
  let fixture: DispatchFixture;
  let timers: FastTimers;

  beforeEach(() => {
    fixture = new DispatchFixture();
    timers = fastTimers(0, (ms) => (fixture.now += ms));
  });
  afterEach(() => {
    timers.restore();
  });

  /** The handler dies at the next write of this status, before or after it happens. */
  function crashAt(status: Status, when: 'beforeWrite' | 'afterWrite' = 'beforeWrite'): void {
    fixture.ledger[when] = ({ next }) => {
      if (next.status !== status) return;
      fixture.ledger[when] = () => undefined;
      throw new Error('crash');
    };
  }

  it('posts the same key again after a crash between POST and record, and pays once', async () => {
    crashAt('submitted');
    await assert.rejects(fixture.deliver(), /crash/);
    fixture.now += 2 * MINUTE;
    assert.deepEqual(await fixture.deliver(), { done: true, note: 'submitted' });
    const [first, second] = fixture.ittybit.posts;
    assert.deepEqual([second!.reference, second!.body], [first!.reference, first!.body]);
    assert.equal(fixture.ittybit.jobs.length, 1);
    assert.equal(fixture.ledger.only.job_id, 'job_1');
  });

  it('acknowledges after a crash behind the record', async () => {
    crashAt('submitted', 'afterWrite');
    await assert.rejects(fixture.deliver(), /crash/);
    assert.deepEqual(await fixture.deliver(), { done: true, note: 'already submitted' });
    assert.equal(fixture.ittybit.posts.length, 1);
  });

  it('leaves two dead letters, not none, after a crash between dead letter and record', async () => {
    fixture.always(400);
    crashAt('dead');
    await assert.rejects(fixture.deliver(), /crash/);
    assert.equal(fixture.buried.length, 1);
    fixture.now += 2 * MINUTE;
    assert.equal((await fixture.deliver()).done, true);
    assert.deepEqual([fixture.buried.length, fixture.ledger.only.status], [2, 'dead']);
  });

  it('keeps the message when its dead letter cannot be sent', async () => {
    fixture.always(400);
    fixture.beforeBury = () => {
      throw new Error('SQS is away');
    };
    await assert.rejects(fixture.deliver(), /SQS is away/);
    await assert.rejects(fixture.deliver('unreadable'), /SQS is away/);
    assert.equal(fixture.ledger.only.status, 'submitting');
    fixture.beforeBury = () => undefined;
    fixture.now += 2 * MINUTE;
    assert.equal((await fixture.deliver()).done, true);
    assert.equal(fixture.buried.length, 1);
  });

  it('keeps the message and makes no call where the item cannot be read', async () => {
    const unreadable = new MediaBatchError('unreadable-item', 'This version cannot read it.');
    fixture.ledger.write = async () => Promise.resolve(false);
    fixture.ledger.readSource = async () => Promise.reject(unreadable);
    await assert.rejects(fixture.deliver(), unreadable);
    assert.deepEqual([fixture.ittybit.posts.length, fixture.buried.length], [0, 0]);
  });

  it('makes a dead letter of a file whose handlers crash without a record, after MaxAttempts posts', async () => {
    fixture.ittybit.during = () => {
      throw new Error('the sandbox died');
    };
    for (let i = 0; i < 3; i++) {
      await assert.rejects(fixture.deliver(), /died/);
      fixture.now += 2 * MINUTE;
    }
    assert.equal((await fixture.deliver()).done, true);
    assert.equal(fixture.ittybit.posts.length, 3);
    assert.equal(fixture.buried[0]?.attributes['failure_class'], 'attempts-exhausted');
    assert.deepEqual([fixture.ledger.only.status, fixture.ledger.only.unclear], ['dead', true]);
  });

  it('stores a result that comes in while the file is on its way to the dead letters', async () => {
    crashAt('submitted');
    await assert.rejects(fixture.deliver(), /crash/);
    const report = { about: 'job' as const, status: 'succeeded' as const, rawStatus: 'succeeded' };
    await changeItem(fixture.ledger, FILE, (item) => reported(item, FILE, 1, report, fixture.now));
    fixture.now += 2 * MINUTE;
    assert.deepEqual(await fixture.deliver(), { done: true, note: 'already submitted' });
    assert.equal(fixture.ledger.only.status, 'succeeded');
  });

  it('buries no paid job where the record loses every race: it comes back and repeats itself', async () => {
    let races = 0;
    fixture.ledger.beforeWrite = ({ next }) => {
      if (next.status !== 'submitted' || (races += 1) > 10) return;
      const item = fixture.ledger.only;
      fixture.ledger.items.set(`b1 s3://${FILE.bucket}/${FILE.key}`, { ...item, rev: item.rev + 1 });
    };
    await assert.rejects(fixture.deliver(), { code: 'conflict' });
    fixture.now += 2 * MINUTE;
    assert.deepEqual(await fixture.deliver(), { done: true, note: 'submitted' });
    assert.deepEqual([fixture.ittybit.jobs.length, fixture.buried.length], [1, 0]);
  });

  describe('past the life of the idempotency key', () => {
    beforeEach(async () => {
      fixture.ittybit.answer = () => ({ after: { networkError: 'the answer was lost' } });
      await fixture.deliver();
      fixture.ittybit.answer = () => undefined;
      fixture.now += 30 * HOUR;
    });

    it('leaves the file to the reconciler, which finds its job', async () => {
      const { done, note } = await fixture.deliver();
      assert.deepEqual([done, note], [true, 'left to the reconciler, which looks for a job first']);
      fixture.now += 16 * MINUTE;
      await new ReconcileFixture(fixture).run();
      assert.deepEqual(fixture.ittybit.lookups, ['s3://media/dir/a b.mp4']);
      assert.deepEqual([fixture.ittybit.posts.length, fixture.ledger.only.job_id], [1, 'job_1']);
    });

    it('never posts on the strength of a look-up that failed', async () => {
      const reconciler = new ReconcileFixture(fixture);
      for (const status of [204, 503, 429, 401]) {
        fixture.ittybit.lookupFailure = () => ({ status, retryAfter: '60', body: '' });
        for (let i = 0; i < 4; i++) {
          await fixture.deliver();
          fixture.now += HOUR;
          await reconciler.run();
          await reconciler.deliverSent();
        }
      }
      assert.equal(fixture.ittybit.posts.length, 1);
      fixture.ittybit.lookupFailure = () => undefined;
      fixture.now += HOUR;
      await reconciler.run();
      assert.deepEqual([fixture.ledger.only.job_id, fixture.ittybit.jobs.length], ['job_1', 1]);
    });
  });

  it('loses nothing and pays once, whichever step fails and however late, and ends once faults stop', async () => {
    const fault = fc.record({
      outcome: fc.constantFrom<PostOutcome | { after: PostOutcome } | undefined>(
        undefined,
        { networkError: 'reset' },
        { after: { networkError: 'the answer was lost' } },
        { after: { status: 502, retryAfter: undefined, body: '' } },
        { after: { status: 200, retryAfter: undefined, body: '{}' } },
        ...[302, 400, 401, 403, 409, 429, 500].map((status) => ({ status, retryAfter: '1', body: '' })),
      ),
      lookup: fc.constantFrom<PostOutcome | undefined>(undefined, { networkError: 'reset' }),
      crash: fc.constantFrom(
        undefined,
        'submitting',
        'submitted',
        'retrying',
        'dead',
        'bury',
        'stop',
        'send',
      ),
      isLost: fc.boolean(),
      isTwice: fc.boolean(),
      isRedriven: fc.boolean(),
      afterMs: fc.constantFrom(0, 30_000, 20 * MINUTE, HOUR, 30 * HOUR),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 12 }), async (faults) => {
        fixture = new DispatchFixture();
        const reconciler = new ReconcileFixture(fixture);
        let inQueue = true;
        for (const { outcome, lookup, crash, isLost, isTwice, isRedriven, afterMs } of faults) {
          fixture.ittybit.answer = () => outcome;
          fixture.ittybit.lookupFailure = () => lookup;
          const fail = (at: string) => {
            if (at === crash) throw new Error('crash');
          };
          fixture.ledger.beforeWrite = ({ next }) => {
            if (!isLost) fail(next.status);
          };
          fixture.ledger.afterWrite = ({ next }) => {
            if (isLost) fail(next.status);
          };
          fixture.beforeBury = () => {
            fail('bury');
          };
          reconciler.beforeSend = () => {
            fail('send');
          };
          const stop = async () => {
            fail('stop');
          };
          if (inQueue || isTwice) {
            const [first, second] = await Promise.allSettled(
              Array.from({ length: isTwice ? 2 : 1 }, () => fixture.deliver(BODY, { stop })),
            );
            if ([first, second].some((end) => end?.status === 'fulfilled' && end.value.done)) inQueue = false;
          }
          fixture.now += afterMs;
          // A run that crashes is followed by the next one.
          await reconciler.run().catch(() => undefined);
          await Promise.allSettled(
            reconciler.sent.splice(0).map((one) => fixture.deliver(encodeQueueMessage(one), { stop })),
          );
          if (isRedriven) await reconciler.redrive().catch(() => undefined);
          assert.ok(fixture.ittybit.jobs.length <= 1, 'paid twice');
          assert.deepEqual(fixture.ledger.counts, fixture.ledger.recount());
        }
        await settle(reconciler, inQueue);
        const { status, job_id, unclear } = fixture.ledger.only;
        assert.ok(isEnded(status) || (status === 'dead' && unclear === false), status);
        assert.equal(fixture.ittybit.jobs.length, isEnded(status) ? 1 : 0);
        assert.equal(job_id, fixture.ittybit.jobs[0]?.id);
      }),
      { numRuns: 400 },
    );
  });

  /** Faults stop, jobs end, and callbacks are lost. */
  async function settle(reconciler: ReconcileFixture, inQueue: boolean): Promise<void> {
    fixture.ittybit.answer = () => undefined;
    fixture.ittybit.lookupFailure = () => undefined;
    fixture.ledger.beforeWrite = fixture.ledger.afterWrite = () => undefined;
    fixture.beforeBury = reconciler.beforeSend = () => undefined;
    for (let i = 0; i < 60; i++) {
      fixture.now += HOUR;
      for (const job of fixture.ittybit.jobs) job.status = 'succeeded';
      if (inQueue) inQueue = !(await fixture.deliver()).done;
      await reconciler.run();
      await reconciler.deliverSent();
    }
  }
});
