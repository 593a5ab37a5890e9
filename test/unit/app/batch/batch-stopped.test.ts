import assert from 'node:assert/strict';
import pMap from 'p-map';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import { reported } from '../../../../src/core/batch/transitions.ts';
import { parseJobReport } from '../../../../src/core/ittybit/webhook-payload.ts';
import { DispatchFixture, MINUTE } from '../../../helpers/dispatch-fixture.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';
import { ReconcileFixture } from '../../../helpers/reconcile-fixture.ts';
import { stored } from '../../../helpers/stored-items.ts';

const HOUR = 60 * MINUTE;
const NO_CONNECTION = 'The connection conn_1 does not exist';

describe('a batch that is stopped', () => {
  let fixture: DispatchFixture;
  let reconciler: ReconcileFixture;
  let timers: FastTimers;

  beforeEach(() => {
    fixture = new DispatchFixture();
    reconciler = new ReconcileFixture(fixture);
    timers = fastTimers(0, (ms) => (fixture.now += ms));
  });
  afterEach(() => {
    timers.restore();
  });

  const send = (key: string, batch = 'b1', received = {}) =>
    fixture.deliver(encodeQueueMessage({ batch, bucket: 'media', key }), {}, received);
  const items = (batch = 'b1') => [...fixture.ledger.items.values()].filter((item) => item.batch === batch);
  const item = (key: string) => items().find((one) => one.key === key);
  const holdOf = (batch = 'b1') => fixture.brakes.of(batch).hold;
  const refuse = (text: string) => {
    fixture.always(422, JSON.stringify({ error: { message: text } }));
  };

  describe('by failures in a row', () => {
    const fail = async (n: number, text = NO_CONNECTION, batch = 'b1') => {
      refuse(text);
      for (let i = 0; i < n; i++) await send(`${text.length}-${items(batch).length}.mp4`, batch);
      fixture.ittybit.answer = () => undefined;
    };

    it('is held at the tenth that ends for the same cause, and no other batch is', async () => {
      await fail(9);
      await fail(9, NO_CONNECTION, 'b2');
      assert.equal(holdOf(), undefined);
      await fail(1);
      assert.match(holdOf()?.reason ?? '', /The connection conn_1 does not exist/);
      assert.equal(holdOf('b2'), undefined);
      assert.match((await send('next.mp4')).note, /^batch b1 is held: .*does not exist/);
      assert.deepEqual([item('next.mp4'), (await send('next.mp4', 'b2')).note], [undefined, 'submitted']);
    });

    it('pauses dispatch for bare messages, whose batch has no row that could show a hold', async () => {
      refuse(NO_CONNECTION);
      for (let i = 0; i < 10; i++)
        await fixture.deliver(JSON.stringify({ bucket: 'media', key: `${i}.mp4` }));
      assert.equal(holdOf('default'), undefined);
      assert.equal(fixture.stops.length, 1);
      assert.match(fixture.stops[0]?.reason ?? '', /^10 bare messages in a row ended so: .*does not exist/);
      assert.equal(fixture.stops[0]?.ms, undefined);
      await fixture.deliver(JSON.stringify({ bucket: 'media', key: 'after.mp4' }));
      assert.equal(fixture.stops.length, 1, 'the row began anew');
    });

    it('goes on after a success, and where each cause ends fewer', async () => {
      await fail(9);
      await send('good.mp4');
      await fail(9);
      await fail(9, 'The source has no video stream');
      await fail(9);
      assert.deepEqual([holdOf(), items().length], [undefined, 37]);
    });

    it('is not held again for a cause that the user has seen, but for another one', async () => {
      await fail(10);
      fixture.brakes.free('b1');
      await fail(30);
      assert.equal(holdOf(), undefined);
      await fail(10, 'The source has no video stream');
      assert.match(holdOf()?.reason ?? '', /no video stream/);
    });

    for (const [name, status, text] of [
      ['a wrong connection', 422, NO_CONNECTION],
      ['an option that is refused', 400, 'width must be at most 4096'],
    ] as const) {
      it(`touches ten of 600 files and what was in flight, with ${name}`, async () => {
        fixture.always(status, JSON.stringify({ error: { message: text } }));
        const keys = Array.from({ length: 600 }, (_, i) => `${i}.mp4`);
        const disposals = await pMap(keys, (key) => send(key), { concurrency: 10 });
        assert.ok(items().length >= 10 && items().length < 20, `${items().length} touched`);
        assert.equal(fixture.ittybit.posts.length, items().length);
        assert.equal(disposals.filter(({ done }) => !done).length, 600 - items().length);
        assert.ok(holdOf()?.reason.includes(text), holdOf()?.reason);
      });
    }
  });

  describe('by results', () => {
    const end = (failed: number, succeeded: number, batch = 'b1') => {
      const put = (status: Status) => (_: unknown, i: number) => {
        const at = new Date(fixture.now).toISOString();
        const change = { batch, key: `${status}-${i}.mp4`, completed_at: at, updated_at: at };
        fixture.ledger.put(stored(status, { ...change, ...(status === 'failed' && { error: 'no access' }) }));
      };
      Array.from({ length: failed }).forEach(put('failed'));
      Array.from({ length: succeeded }).forEach(put('succeeded'));
    };

    it('is held where a fifth of its last 100 failed, with the number and the last reason', async () => {
      end(20, 80);
      end(19, 81, 'b2');
      await reconciler.run();
      assert.equal(holdOf()?.reason, '20 of the last 100 jobs failed, the last one so: no access');
      assert.equal(holdOf('b2'), undefined);
    });

    it('is judged by its last 100 only', async () => {
      end(90, 0);
      fixture.now += MINUTE;
      end(0, 85);
      await reconciler.run();
      assert.equal(holdOf(), undefined);
    });

    it('goes on with 0 percent, or where the user has seen it', async () => {
      end(100, 0);
      await reconciler.run({}, { brakePercent: 0 });
      assert.deepEqual([holdOf(), reconciler.openFiles.newestReads], [undefined, []]);
      await reconciler.run();
      assert.ok(holdOf());
      fixture.brakes.free('b1');
      reconciler.openFiles.newestReads.splice(0);
      await reconciler.run();
      assert.deepEqual([holdOf(), reconciler.openFiles.newestReads], [undefined, [1]]);
    });

    it('costs one item to look at once its last failure is old', async () => {
      end(100, 0);
      fixture.now += 16 * MINUTE;
      await reconciler.run();
      assert.deepEqual([holdOf(), reconciler.openFiles.newestReads], [undefined, [1]]);
    });

    it('is not held where it is cancelled', async () => {
      end(100, 0);
      fixture.brakes.cancel('b1');
      await reconciler.run();
      assert.equal(holdOf(), undefined);
    });
  });

  describe('while it is held', () => {
    const hold = () => fixture.brakes.hold('b1', { cause: 'c', reason: 'a reason' });

    it('touches no item, reads no secret, and hides its messages longer and longer', async () => {
      await hold();
      const hides: number[] = [];
      for (const receiveCount of [1, 2, 3, 20]) {
        const disposal = await send('a.mp4', 'b1', { receiveCount });
        assert.ok(!disposal.done);
        hides.push(disposal.hideMs);
      }
      assert.deepEqual(hides, [5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 11 * HOUR]);
      assert.deepEqual([items(), fixture.keyReads.cached, fixture.ittybit.posts], [[], 0, []]);
    });

    it('sends nothing again that is missing, and does so once it is resumed', async () => {
      fixture.always(503);
      await send('a.mp4');
      fixture.ittybit.answer = () => undefined;
      await hold();
      fixture.now += 3 * HOUR;
      await reconciler.run();
      assert.deepEqual(reconciler.sent, []);
      fixture.brakes.free('b1');
      fixture.now += HOUR;
      await reconciler.run();
      await reconciler.deliverSent();
      assert.equal(item('a.mp4')?.status, 'submitted');
    });
  });

  describe('by a cancel', () => {
    const put = (status: Status, change: Partial<ResultItem> = {}) => {
      const at = new Date(fixture.now).toISOString();
      const due = { due_at: at, next_look_at: at, updated_at: at, last_post_at: at };
      fixture.ledger.put(stored(status, { unclear: false, ...due, ...change }));
    };
    const DONE = { done: true, note: 'the batch is cancelled' };

    it('drains what nobody has claimed without an item or a call, and no other batch', async () => {
      fixture.brakes.cancel('b1');
      assert.deepEqual(await send('a.mp4'), DONE);
      assert.deepEqual([items(), fixture.ittybit.posts, fixture.buried], [[], [], []]);
      assert.equal((await send('a.mp4', 'b2')).note, 'submitted');
    });

    it('comes before a hold, and waits for a paused dispatch', async () => {
      await fixture.brakes.hold('b1', { cause: 'c', reason: 'r' });
      fixture.brakes.cancel('b1');
      assert.deepEqual(await send('a.mp4'), DONE);
      fixture.state = { ...fixture.state, state: 'paused', reason: 'by the user' };
      assert.equal((await send('a.mp4')).done, false);
    });

    it('ends a file that surely has no job at once', async () => {
      put('retrying');
      fixture.brakes.cancel('b1');
      assert.deepEqual(await send('a.mp4'), DONE);
      const { status, error, next_look_at, unclear } = fixture.ledger.only;
      assert.deepEqual([status, next_look_at, unclear], ['cancelled', undefined, false]);
      assert.equal(error, 'The batch was cancelled.');
      assert.deepEqual(fixture.ledger.counts, fixture.ledger.recount());
    });

    it('ends it also where its message is gone', async () => {
      put('retrying');
      fixture.brakes.cancel('b1');
      fixture.now += MINUTE;
      await reconciler.run();
      assert.deepEqual([fixture.ledger.only.status, reconciler.sent], ['cancelled', []]);
    });

    it('looks for the job of an unclear file first, and cancels it where there is none', async () => {
      fixture.always(503);
      await send('a.mp4');
      fixture.brakes.cancel('b1');
      assert.deepEqual(await send('a.mp4'), DONE);
      assert.deepEqual([fixture.ledger.only.status, fixture.ledger.only.unclear], ['retrying', true]);
      fixture.now += 16 * MINUTE;
      await reconciler.run();
      assert.deepEqual([fixture.ledger.only.status, fixture.ittybit.lookups.length], ['cancelled', 1]);
      assert.deepEqual([fixture.ittybit.posts.length, reconciler.sent], [1, []]);
    });

    it('looks for it also where the message is gone', async () => {
      fixture.ittybit.answer = () => ({ after: { status: 503, retryAfter: undefined, body: '' } });
      await send('a.mp4');
      fixture.brakes.cancel('b1');
      fixture.now += HOUR;
      await reconciler.run();
      const { status, job_id } = fixture.ledger.only;
      assert.deepEqual([status, job_id, reconciler.sent], ['submitted', 'job_1', []]);
    });

    it('takes over what a callback says after all', async () => {
      put('retrying');
      fixture.brakes.cancel('b1');
      await send('a.mp4');
      const report = parseJobReport({ id: 'job_9', object: 'job', kind: 'video', status: 'succeeded' });
      const { only } = fixture.ledger;
      assert.equal(reported(only, only, 1, report, fixture.now)?.status, 'succeeded');
    });

    it('takes over the job of an unclear file that has one', async () => {
      fixture.ittybit.answer = () => ({ after: { status: 503, retryAfter: undefined, body: '' } });
      await send('a.mp4');
      fixture.brakes.cancel('b1');
      await send('a.mp4');
      fixture.ittybit.jobs[0]!.status = 'succeeded';
      fixture.now += 16 * MINUTE;
      await reconciler.run();
      const { status, job_id } = fixture.ledger.only;
      assert.deepEqual([status, job_id], ['succeeded', 'job_1']);
    });

    it('leaves a claim alone that is at work, and what that brings', async () => {
      let second;
      fixture.ittybit.during = async () => {
        fixture.brakes.cancel('b1');
        fixture.ittybit.during = () => undefined;
        second = await send('a.mp4');
      };
      assert.equal((await send('a.mp4')).note, 'submitted');
      assert.equal((second as unknown as { note: string }).note, 'claimed by another delivery');
      assert.equal(fixture.ledger.only.status, 'submitted');
      fixture.ittybit.jobs[0]!.status = 'failed';
      fixture.now += HOUR;
      await reconciler.run();
      assert.equal(fixture.ledger.only.status, 'failed');
    });

    it('ends a file that waits for another batch, which goes on', async () => {
      await send('a.mp4', 'b2');
      await send('a.mp4');
      assert.equal(item('a.mp4')?.status, 'waiting');
      fixture.brakes.cancel('b1');
      assert.deepEqual(await send('a.mp4'), DONE);
      fixture.now += HOUR;
      fixture.ittybit.jobs[0]!.status = 'succeeded';
      await reconciler.run();
      assert.deepEqual([item('a.mp4')?.status, items('b2')[0]?.status], ['cancelled', 'succeeded']);
    });

    it('leaves the dead ones dead, also where their letter comes back', async () => {
      refuse(NO_CONNECTION);
      await send('a.mp4');
      fixture.brakes.cancel('b1');
      await reconciler.redrive();
      fixture.now += HOUR;
      await reconciler.run();
      assert.deepEqual([fixture.ledger.only.status, fixture.ittybit.posts.length], ['dead', 1]);
    });

    it('leaves it dead where a look-up finds no job', async () => {
      put('dead', { unclear: true, error: 'no answer' });
      fixture.brakes.cancel('b1');
      fixture.now += HOUR;
      await reconciler.run();
      const { status, unclear } = fixture.ledger.only;
      assert.deepEqual([status, unclear, fixture.ittybit.lookups.length], ['dead', false, 1]);
    });

    it('leaves each end as it is', async () => {
      for (const status of ['succeeded', 'failed', 'cancelled', 'covered'] as const) {
        fixture.ledger.items.clear();
        put(status);
        fixture.brakes.cancel('b1');
        assert.deepEqual(await send('a.mp4'), DONE);
        await reconciler.run({ everything: true });
        assert.deepEqual([fixture.ledger.only.status, fixture.ledger.only.rev], [status, 4]);
      }
    });

    it('gives its work to the batch that is enqueued for the rest, which pays once', async () => {
      fixture.always(503);
      await send('a.mp4');
      fixture.ittybit.answer = () => undefined;
      fixture.brakes.cancel('b1');
      await send('a.mp4', 'b2');
      await send('a.mp4');
      for (let i = 0; i < 10; i++) {
        fixture.now += HOUR;
        await reconciler.run();
        await reconciler.deliverSent();
        for (const job of fixture.ittybit.jobs) job.status = 'succeeded';
      }
      assert.deepEqual([item('a.mp4')?.status, items('b2')[0]?.status], ['cancelled', 'succeeded']);
      assert.equal(fixture.ittybit.jobs.length, 1);
    });
  });
});
