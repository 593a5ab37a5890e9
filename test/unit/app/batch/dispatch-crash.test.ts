import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PostOutcome } from '../../../../src/core/ittybit/dispatch-rules.ts';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import type { ItemEvent } from '../../../../src/core/batch/transitions.ts';
import { DispatchFixture, FILE } from '../../../helpers/dispatch-fixture.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

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

  /** The handler dies at the next write of this kind, before or after it happens. */
  function crashAt(type: ItemEvent['type'], when: 'beforeWrite' | 'afterWrite' = 'beforeWrite'): void {
    fixture.ledger[when] = (event) => {
      if (event.type !== type) return;
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
    crashAt('died');
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
    fixture.ledger.apply = async () => Promise.reject(unreadable);
    await assert.rejects(fixture.deliver(), unreadable);
    assert.deepEqual([fixture.ittybit.posts.length, fixture.buried.length], [0, 0]);
  });

  it('keeps the message when dispatch cannot be paused, and counts nothing', async () => {
    fixture.always(401);
    const pause = async () => Promise.reject(new Error('no permission'));
    await assert.rejects(fixture.deliver(encodeQueueMessage(FILE), { pause }), /no permission/);
    assert.deepEqual([fixture.ledger.only.status, fixture.ledger.only.attempts], ['retrying', 0]);
  });

  it('makes a dead letter of a file whose handlers crash without a record, after at most MaxAttempts posts', async () => {
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
    assert.equal(fixture.ledger.only.status, 'dead');
  });

  it('stores a result that comes in while the file is on its way to the dead letters', async () => {
    crashAt('submitted');
    await assert.rejects(fixture.deliver(), /crash/);
    const report = { about: 'job', status: 'succeeded', rawStatus: 'succeeded' } as const;
    await fixture.ledger.apply(FILE, { type: 'reported', report });
    fixture.now += 2 * MINUTE;
    assert.deepEqual(await fixture.deliver(), { done: true, note: 'already submitted' });
    assert.equal(fixture.ledger.only.status, 'succeeded');
  });

  describe('past the life of the idempotency key', () => {
    const lost = { after: { networkError: 'the answer was lost' } };

    beforeEach(async () => {
      fixture.ittybit.answer = () => lost;
      await fixture.deliver();
      fixture.ittybit.answer = () => undefined;
      fixture.now += 30 * HOUR;
    });

    it('looks for the job first and adopts it', async () => {
      assert.deepEqual(await fixture.deliver(), { done: true, note: 'submitted' });
      assert.deepEqual(fixture.ittybit.lookups, ['s3://media/dir/a b.mp4']);
      assert.deepEqual([fixture.ittybit.posts.length, fixture.ledger.only.job_id], [1, 'job_1']);
    });

    it('posts where there is none', async () => {
      fixture.ittybit.jobs.pop();
      await fixture.deliver();
      assert.deepEqual([fixture.ittybit.lookups.length, fixture.ittybit.posts.length], [1, 2]);
    });

    it('never posts on the strength of a lookup that failed, also after death and redrive', async () => {
      for (const status of [204, 404, 503, 429, 401, 302]) {
        fixture.ittybit.lookupFailure = () => ({ status, retryAfter: '60', body: '' });
        for (let i = 0; i < 4; i++) {
          await fixture.deliver();
          fixture.now += HOUR;
        }
      }
      assert.equal(fixture.ittybit.posts.length, 1);
      fixture.ittybit.lookupFailure = () => undefined;
      await fixture.deliver();
      assert.deepEqual([fixture.ledger.only.job_id, fixture.ittybit.jobs.length], ['job_1', 1]);
    });

    it('looks also when the file was rejected in between', async () => {
      fixture.now -= 29 * HOUR;
      fixture.always(409, 'the key was used with another body');
      await fixture.deliver();
      assert.equal(fixture.ledger.only.status, 'dead');
      fixture.ittybit.answer = () => undefined;
      fixture.now += 29 * HOUR;
      await fixture.deliver();
      assert.deepEqual([fixture.ledger.only.job_id, fixture.ittybit.jobs.length], ['job_1', 1]);
    });
  });

  it('loses nothing and pays once, whichever step fails and however late', async () => {
    const fault = fc.record({
      outcome: fc.constantFrom<PostOutcome | { after: PostOutcome } | undefined>(
        undefined,
        { networkError: 'reset' },
        { after: { networkError: 'the answer was lost' } },
        { after: { status: 502, retryAfter: undefined, body: '' } },
        ...[302, 400, 401, 409, 429, 500].map((status) => ({ status, retryAfter: '1', body: '' })),
      ),
      lookup: fc.constantFrom<PostOutcome | undefined>(
        undefined,
        { networkError: 'reset' },
        { status: 404, retryAfter: undefined, body: '' },
      ),
      crash: fc.constantFrom(
        undefined,
        'claim',
        'submitted',
        'deferred',
        'attempt-failed',
        'died',
        'bury',
        'pause',
      ),
      lost: fc.boolean(),
      twice: fc.boolean(),
      afterMs: fc.constantFrom(0, 30_000, HOUR, 30 * HOUR),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 12 }), async (faults) => {
        fixture = new DispatchFixture();
        let inQueue = true;
        for (const { outcome, lookup, crash, lost, twice, afterMs } of faults) {
          fixture.ittybit.answer = () => outcome;
          fixture.ittybit.lookupFailure = () => lookup;
          const fail = (at: string) => {
            if (at === crash) throw new Error('crash');
          };
          fixture.ledger.beforeWrite = ({ type }) => {
            if (!lost) fail(type);
          };
          fixture.ledger.afterWrite = ({ type }) => {
            if (lost) fail(type);
          };
          fixture.beforeBury = () => {
            fail('bury');
          };
          const pause = async () => {
            fail('pause');
          };
          const body = encodeQueueMessage(FILE);
          // What is in neither queue has been acknowledged; a dead letter is redriven.
          if (!inQueue && fixture.buried.length > 0) inQueue = fixture.buried.pop() !== undefined;
          if (inQueue || twice) {
            const [first, second] = await Promise.allSettled(
              Array.from({ length: twice ? 2 : 1 }, () => fixture.deliver(body, { pause })),
            );
            const acknowledged = [first, second].some((end) => end?.status === 'fulfilled' && end.value.done);
            if (acknowledged) inQueue = false;
          }
          fixture.now += afterMs;
          assert.ok(fixture.ittybit.jobs.length <= 1, 'paid twice');
          const { items, counts } = fixture.ledger;
          assert.deepEqual(counts, fixture.ledger.recount());
          const [item] = items.values();
          assert.ok(inQueue || fixture.buried.length > 0 || item?.status === 'submitted', 'lost');
          if (item?.status === 'submitted') assert.equal(item.job_id, fixture.ittybit.jobs[0]?.id);
        }
      }),
      { numRuns: 400 },
    );
  });
});
