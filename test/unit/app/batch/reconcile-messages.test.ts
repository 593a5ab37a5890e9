import assert from 'node:assert/strict';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { MAX_PAUSE_MS } from '../../../../src/core/batch/item-step.ts';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { readStoredJob } from '../../../../src/core/ittybit/job-options.ts';
import { ReconcileFixture } from '../../../helpers/reconcile-fixture.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';
import { NO_BRAKE } from '../../../helpers/memory-brakes.ts';
import { at, FILE, HOUR, MINUTE, NOW, stored } from '../../../helpers/stored-items.ts';

describe('reconcile, of a file whose message is gone', () => {
  let fixture: ReconcileFixture;
  let timers: FastTimers;

  beforeEach(() => {
    fixture = new ReconcileFixture();
    fixture.dispatch.now = NOW;
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  const put = (item: ResultItem) => {
    fixture.dispatch.ledger.items.set(`${item.batch} s3://${item.bucket}/${item.key}`, item);
  };
  const only = () => fixture.dispatch.ledger.only;
  const clear = (change: Partial<ResultItem> = {}) =>
    stored('retrying', {
      unclear: false,
      due_at: at(0),
      next_look_at: at(0),
      etag: 'e1',
      size: 7,
      ...change,
    });
  const runAt = (ms: number) => {
    fixture.dispatch.now = NOW + ms;
    return fixture.run();
  };

  it('sends one copy 15 minutes after it was due, with its version, and not before', async () => {
    put(clear());
    await runAt(14 * MINUTE);
    assert.deepEqual([fixture.sent, only().next_look_at], [[], at(15 * MINUTE)]);
    assert.equal((await runAt(15 * MINUTE + 1)).sentAgain, 1);
    const [message] = fixture.sent;
    assert.equal(encodeQueueMessage(message!), encodeQueueMessage({ ...FILE, etag: 'e1', size: 7 }));
    assert.equal(only().due_at, at(75 * MINUTE + 1));
  });

  it('sends another copy later and later, as long as nobody takes it', async () => {
    put(clear());
    const sentAt: number[] = [];
    for (let minute = 0; minute < 48 * 60; minute++) {
      await runAt(minute * MINUTE + 1);
      if (fixture.sent.splice(0).length > 0) sentAt.push(minute);
    }
    const pauses = sentAt.slice(1).map((minute, i) => minute - sentAt[i]!);
    assert.deepEqual(pauses.slice(0, 3), [76, 136, 256]);
    assert.ok(pauses.every((pause) => pause <= MAX_PAUSE_MS / MINUTE + 16));
  });

  it('writes first: a crash before the message costs an hour, and no second copy is sent by another run', async () => {
    put(clear());
    fixture.beforeSend = () => {
      throw new Error('crash');
    };
    await assert.rejects(runAt(16 * MINUTE), /crash/);
    fixture.beforeSend = () => undefined;
    assert.equal((await runAt(17 * MINUTE)).sentAgain, 0);
    await runAt(17 * MINUTE + HOUR);
    await runAt(40 * MINUTE + HOUR);
    assert.equal(fixture.sent.length, 1);
  });

  it('sends nothing where the consumer is faster', async () => {
    put(clear());
    fixture.dispatch.ledger.beforeWrite = () => {
      fixture.dispatch.ledger.beforeWrite = () => undefined;
      put({ ...only(), status: 'submitted', job_id: 'job_1', rev: 9 });
    };
    await runAt(HOUR);
    assert.deepEqual([fixture.sent.length, only().status], [0, 'submitted']);
  });

  it('heals a crash of the consumer between claim and POST, and after it', async () => {
    for (const isPosted of [false, true]) {
      fixture = new ReconcileFixture();
      fixture.dispatch.ittybit.answer = () =>
        isPosted ? { after: { networkError: '' } } : { networkError: '' };
      fixture.dispatch.ledger.beforeWrite = ({ next }) => {
        if (next.status === 'retrying') throw new Error('crash');
      };
      await assert.rejects(fixture.dispatch.deliver(), /crash/);
      fixture.dispatch.ledger.beforeWrite = () => undefined;
      fixture.dispatch.ittybit.answer = () => undefined;
      fixture.dispatch.now += 18 * MINUTE;
      await fixture.run();
      await fixture.deliverSent();
      assert.deepEqual(
        [fixture.dispatch.ledger.only.status, fixture.dispatch.ittybit.jobs.length],
        ['submitted', 1],
      );
    }
  });

  it('repeats an unclear request that can be repeated, without a look-up', async () => {
    fixture.dispatch.ittybit.answer = () => ({ after: { networkError: 'lost' } });
    await fixture.dispatch.deliver();
    fixture.dispatch.ittybit.answer = () => undefined;
    await runAt(HOUR);
    assert.deepEqual([fixture.sent.length, fixture.dispatch.ittybit.lookups.length], [1, 0]);
    await fixture.deliverSent();
    assert.deepEqual([only().job_id, fixture.dispatch.ittybit.jobs.length], ['job_1', 1]);
  });

  it('looks up what cannot be repeated: no batch, no readable job, no signing key', async () => {
    const broken = [
      { order: async () => undefined },
      { order: async () => ({ job: readStoredJob({ kind: 'film' }), again: false, brake: NO_BRAKE }) },
      { sender: async () => Promise.reject(new MediaBatchError('unusable-signing-secret', 'no key')) },
    ];
    for (const change of broken) {
      fixture = new ReconcileFixture();
      fixture.dispatch.now = NOW;
      fixture.dispatch.ittybit.answer = () => ({ after: { networkError: 'lost' } });
      await fixture.dispatch.deliver();
      fixture.dispatch.now += HOUR;
      await fixture.run({}, change);
      assert.deepEqual([fixture.sent.length, only().status, only().job_id], [0, 'submitted', 'job_1']);
    }
  });

  describe('while dispatch stands still', () => {
    const stop = (state: 'paused' | 'waiting' | 'running', ms: number) => {
      fixture.dispatch.state = { ...fixture.dispatch.state, state, at: at(ms) };
    };

    it('sends nothing, because the messages wait in the queue', async () => {
      put(clear());
      for (const state of ['paused', 'waiting'] as const) {
        stop(state, 0);
        for (let hours = 1; hours <= 3; hours++) await runAt(hours * HOUR);
      }
      assert.equal(fixture.sent.length, 0);
      assert.deepEqual([only().due_at, only().looks], [at(0), undefined]);
    });

    it('gives the messages 15 minutes to come back once it goes on', async () => {
      put(clear());
      stop('running', 3 * HOUR);
      await runAt(3 * HOUR + 14 * MINUTE);
      assert.equal(fixture.sent.length, 0);
      await runAt(3 * HOUR + 15 * MINUTE + 1);
      assert.equal(fixture.sent.length, 1);
    });

    it('still asks for jobs, whose end does not depend on it', async () => {
      put(stored('dead', { unclear: true, next_look_at: at(0) }));
      stop('paused', 0);
      await runAt(HOUR);
      assert.equal(fixture.dispatch.ittybit.lookups.length, 1);
    });
  });
});
