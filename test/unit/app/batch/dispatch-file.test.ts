import assert from 'node:assert/strict';
import { readStoredJob } from '../../../../src/core/ittybit/job-options.ts';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import type { DispatchState } from '../../../../src/core/stack/dispatch-control.ts';
import { DispatchFixture, FILE, FUNCTION_MS, MINUTE } from '../../../helpers/dispatch-fixture.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';
import { NO_BRAKE } from '../../../helpers/memory-brakes.ts';

const BODY = encodeQueueMessage(FILE);
const REASON = { failure_class: 'rejected', failure_reason: 'no' };

describe('dispatchFile', () => {
  let fixture: DispatchFixture;
  let timers: FastTimers;

  beforeEach(() => {
    fixture = new DispatchFixture();
    timers = fastTimers(0, (ms) => (fixture.now += ms));
  });
  afterEach(() => {
    timers.restore();
  });

  const reasonOf = (letter = fixture.buried[0]) => letter?.attributes['failure_reason'] ?? '';
  const classOf = (letter = fixture.buried[0]) => letter?.attributes['failure_class'];

  it('claims, posts once, stores the job id and acknowledges', async () => {
    let statusDuringPost;
    fixture.ittybit.during = () => void (statusDuringPost = fixture.ledger.only.status);
    assert.deepEqual(await fixture.deliver(), { done: true, note: 'submitted' });
    assert.equal(statusDuringPost, 'submitting');
    const { status, job_id, attempts, reference } = fixture.ledger.only;
    assert.deepEqual([status, job_id, attempts], ['submitted', 'job_1', 1]);
    assert.deepEqual(
      fixture.ittybit.posts.map((post) => post.reference),
      [reference],
    );
    assert.deepEqual([fixture.ittybit.lookups.length, fixture.ittybit.gets.length], [0, 0]);
    assert.deepEqual([fixture.ledger.reads, fixture.ledger.writes.length], [0, 2], 'the fewest that can be');
  });

  it('does not post a file that is submitted already', async () => {
    await fixture.deliver();
    assert.deepEqual(await fixture.deliver(), { done: true, note: 'already submitted' });
    assert.equal(fixture.ittybit.posts.length, 1);
  });

  it('hides a second delivery until the lease of the first ends, and posts nothing for it', async () => {
    let second;
    fixture.ittybit.during = async () => {
      fixture.ittybit.during = () => undefined;
      second = await fixture.deliver();
    };
    await fixture.deliver();
    assert.deepEqual(second, {
      done: false,
      hideMs: FUNCTION_MS + 2000,
      note: 'claimed by another delivery',
    });
    assert.equal(fixture.ittybit.posts.length, 1);
  });

  it('gives a call no more time than the invocation has', async () => {
    fixture.ittybit.answer = (post) => (post < 2 ? { status: 429, retryAfter: '5', body: '' } : undefined);
    await fixture.deliver();
    assert.equal(fixture.ittybit.posts.length, 2);
    for (const { timeoutMs } of fixture.ittybit.posts) assert.ok(timeoutMs > 0 && timeoutMs <= 10_000);
  });

  describe('while dispatch stands still', () => {
    const held = async (state: Partial<DispatchState>, body = BODY) => {
      fixture.state = { ...fixture.state, ...state };
      const disposal = await fixture.deliver(body);
      assert.equal(fixture.ittybit.posts.length + fixture.ledger.items.size + fixture.buried.length, 0);
      return disposal;
    };

    it('touches nothing while it is paused, not even what cannot be read', async () => {
      const hidden = { done: false, hideMs: 15 * MINUTE, note: 'dispatch is paused: no credit' };
      assert.deepEqual(await held({ state: 'paused', reason: 'no credit' }), hidden);
      assert.deepEqual(await held({}, 'not json'), hidden);
    });

    const until = (ms: number) => new Date(fixture.now + ms).toISOString();

    it('waits 10 s itself, so that the mapping takes no further ones, and hides it for the rest of 15 minutes', async () => {
      const waits = (ms: number) => held({ state: 'waiting', reason: '429', until: until(ms) });
      assert.deepEqual(await waits(30_000), { done: false, hideMs: 20_000, note: 'dispatch waits: 429' });
      const long = await waits(3_600_000);
      assert.equal(long.done ? 0 : long.hideMs, 15 * MINUTE);
      assert.deepEqual(timers.pauses, [10_000, 10_000]);
    });

    it('goes on by itself where the wait ends within 10 s', async () => {
      fixture.state = { ...fixture.state, state: 'waiting', until: until(7_000) };
      assert.equal((await fixture.deliver()).done, true);
      assert.deepEqual(timers.pauses, [7_000]);
    });

    it('goes on where a wait is over, also before anybody has ended it', async () => {
      for (const over of [until(0), undefined]) {
        fixture.state = { ...fixture.state, state: 'waiting', until: over };
        assert.equal((await fixture.deliver()).done, true);
      }
    });
  });

  describe('what it cannot read', () => {
    it('is buried with the reason, and never dropped', async () => {
      for (const body of ['not json', '{"bucket":"media"}', '{"v":9}', '\uFFFE', '', '[]']) {
        assert.equal((await fixture.deliver(body)).done, true);
        const letter = fixture.buried.pop();
        assert.deepEqual([letter?.body, classOf(letter)], [body, 'unreadable']);
      }
      assert.equal(fixture.ledger.items.size, 0);
    });

    it('is buried at once where its batch holds no readable job, with a dead item as the record', async () => {
      const order = async () => ({ job: readStoredJob({ kind: 'film' }), again: false, brake: NO_BRAKE });
      assert.equal((await fixture.deliver(BODY, { order })).done, true);
      assert.match(reasonOf(), /no readable job/);
      const { status, error, unclear } = fixture.ledger.only;
      assert.deepEqual([status, unclear], ['dead', false]);
      assert.equal(error, reasonOf());
      assert.deepEqual(fixture.ledger.counts, fixture.ledger.recount());
    });

    it('is sent again by a redrive once the batch can be read', async () => {
      const order = async () => ({ job: readStoredJob({ kind: 'film' }), again: false, brake: NO_BRAKE });
      await fixture.deliver(BODY, { order });
      const redriven = { attributes: fixture.buried[0]!.attributes };
      assert.deepEqual(await fixture.deliver(BODY, {}, redriven), { done: true, note: 'submitted' });
    });

    it('keeps a file unclear that may have a job when its batch becomes unreadable', async () => {
      fixture.always(503);
      await fixture.deliver();
      const order = async () => ({ job: readStoredJob(7), again: false, brake: NO_BRAKE });
      await fixture.deliver(BODY, { order });
      const { status, unclear, sent, next_look_at } = fixture.ledger.only;
      assert.deepEqual([status, unclear, sent], ['dead', true, undefined]);
      assert.equal(next_look_at, new Date(fixture.now + 15 * MINUTE).toISOString());
    });

    it('is buried where nobody knows its batch, and makes no item of a batch that is none', async () => {
      fixture.job = undefined;
      await fixture.deliver();
      assert.match(reasonOf(), /has no batch "b1"/);
      assert.equal(fixture.ledger.items.size, 0);
    });

    it('ends an item too whose batch is gone: nobody would look at it again', async () => {
      fixture.always(409);
      await fixture.deliver();
      fixture.job = undefined;
      await fixture.deliver();
      assert.deepEqual([fixture.ledger.only.status, fixture.ledger.only.unclear], ['dead', true]);
    });

    it('keeps the message when the table does not answer', async () => {
      const order = async () => Promise.reject(new Error('throttled'));
      await assert.rejects(fixture.deliver(BODY, { order }), /throttled/);
      assert.equal(fixture.buried.length, 0);
    });
  });

  describe('secrets and tables that cannot be read', () => {
    it('stop dispatch with the true reason, before anything is claimed or counted', async () => {
      const denied = (code: 'unusable-stack' | 'unusable-signing-secret') => async () =>
        Promise.reject(new MediaBatchError(code, 'The secret is encrypted with a key that may not be used.'));
      for (const change of [
        { apiKey: denied('unusable-stack') },
        { sender: denied('unusable-stack') },
        { sender: denied('unusable-signing-secret') },
        { order: denied('unusable-stack') },
      ]) {
        fixture.stops.length = 0;
        const disposal = await fixture.deliver(BODY, change, { receiveCount: 99 });
        assert.deepEqual([disposal.done, !disposal.done && disposal.hideMs], [false, 15 * MINUTE]);
        assert.deepEqual(fixture.stops, [
          { reason: 'The secret is encrypted with a key that may not be used.', ms: undefined },
        ]);
      }
      assert.deepEqual(
        [fixture.ledger.items.size, fixture.buried.length, fixture.ittybit.posts.length],
        [0, 0, 0],
      );
      assert.deepEqual(await fixture.deliver(), { done: true, note: 'submitted' });
    });

    it('stop it where no key is stored, and say how to store one', async () => {
      fixture.keys = { cached: '', fresh: '' };
      assert.equal((await fixture.deliver()).done, false);
      assert.match(fixture.stops[0]?.reason ?? '', /Set Ittybit API Key/);
      assert.equal(fixture.ittybit.posts.length, 0);
    });

    it('let the message come back where AWS only fails for now', async () => {
      const apiKey = async () => Promise.reject(new Error('AccessDenied'));
      for (let i = 0; i < 5; i++) await assert.rejects(fixture.deliver(BODY, { apiKey }), /AccessDenied/);
      assert.deepEqual([fixture.ledger.items.size, fixture.stops.length], [0, 0]);
    });
  });

  describe('on its 90th receive', () => {
    const last = { receiveCount: 90 };

    it('is buried through a claim, with the last error as reason', async () => {
      fixture.always(429, '{"message":"quota"}', '60');
      await fixture.deliver(BODY, {}, { receiveCount: 89 });
      fixture.now += MINUTE;
      const posts = fixture.ittybit.posts.length;
      assert.equal((await fixture.deliver(BODY, {}, last)).done, true);
      assert.deepEqual([classOf(), reasonOf()], ['receive-count', 'received too often: quota (HTTP 429)']);
      assert.deepEqual(
        [fixture.ittybit.posts.length, fixture.ledger.only.status, fixture.ledger.only.unclear],
        [posts, 'dead', false],
      );
    });

    it('stays unclear where a POST may have been accepted', async () => {
      fixture.ittybit.answer = () => ({ after: { status: 409, retryAfter: undefined, body: '' } });
      await fixture.deliver();
      fixture.now += MINUTE;
      await fixture.deliver(BODY, {}, last);
      assert.deepEqual(
        [fixture.ledger.only.status, fixture.ledger.only.unclear, fixture.ittybit.jobs.length],
        ['dead', true, 1],
      );
    });

    it('has a reason also where the file was never claimed, or its item cannot be read', async () => {
      await fixture.deliver(BODY, {}, last);
      assert.equal(reasonOf(), 'received too often: no answer');
      fixture.ledger.write = () =>
        Promise.reject(new MediaBatchError('unreadable-item', 'This version cannot read it.'));
      await assert.rejects(fixture.deliver(BODY, {}, { receiveCount: 89 }), { code: 'unreadable-item' });
      assert.equal((await fixture.deliver(BODY, {}, last)).done, true);
      assert.match(reasonOf(fixture.buried[1]), /cannot read it/);
    });

    it('buries nothing of a file that is submitted or that waits', async () => {
      await fixture.deliver();
      assert.deepEqual(await fixture.deliver(BODY, {}, last), { done: true, note: 'already submitted' });
      assert.equal(fixture.buried.length, 0);
    });
  });

  it('takes a dead file only from a message with the reason of a letter: any other is a stray copy', async () => {
    fixture.always(400);
    await fixture.deliver();
    fixture.ittybit.answer = () => undefined;
    assert.deepEqual(await fixture.deliver(), { done: true, note: 'a stray copy of a dead letter' });
    assert.equal(fixture.ledger.only.status, 'dead');
    await fixture.deliver(BODY, {}, { attributes: REASON });
    assert.deepEqual([fixture.ledger.only.status, fixture.ittybit.posts.length], ['submitted', 2]);
  });
});
