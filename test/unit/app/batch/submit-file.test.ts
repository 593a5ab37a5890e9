import assert from 'node:assert/strict';
import type { PostOutcome } from '../../../../src/core/ittybit/dispatch-rules.ts';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { DispatchFixture, FILE, FUNCTION_MS, MINUTE } from '../../../helpers/dispatch-fixture.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';

const BODY = encodeQueueMessage(FILE);
const answer = (status: number, body = '', retryAfter?: string): PostOutcome => ({
  status,
  retryAfter,
  body,
});

describe('submitFile', () => {
  let fixture: DispatchFixture;
  let timers: FastTimers;

  beforeEach(() => {
    fixture = new DispatchFixture();
    timers = fastTimers(0, (ms) => (fixture.now += ms));
  });
  afterEach(() => {
    timers.restore();
  });

  const hidden = async (receiveCount = 1) => {
    const disposal = await fixture.deliver(BODY, {}, { receiveCount });
    return disposal.done ? undefined : disposal.hideMs;
  };
  /** status, attempts and whether a POST may have been accepted */
  const state = () => [fixture.ledger.only.status, fixture.ledger.only.attempts, fixture.ledger.only.unclear];

  describe('429', () => {
    it('sleeps for Retry-After and posts again where there is time', async () => {
      fixture.ittybit.answer = (post) => (post === 1 ? answer(429, '', '2') : undefined);
      assert.deepEqual(await fixture.deliver(), { done: true, note: 'submitted' });
      // It looks shortly before its slot whether the rate has dropped again.
      assert.deepEqual([timers.pauses, fixture.ledger.only.attempts, fixture.stops], [[1900, 100], 1, []]);
    });

    it('sleeps once, then hides the message longer each time, and counts nothing', async () => {
      fixture.always(429, '{"kind":"rate_limited","message":"slow down"}', '2');
      const waits = [await hidden(1), await hidden(2), await hidden(4)];
      assert.deepEqual(waits, [2000, 4000, 16_000]);
      assert.deepEqual(state(), ['retrying', 0, false]);
      assert.equal(fixture.ledger.only.error, 'rate_limited: slow down (HTTP 429)');
      assert.deepEqual([fixture.ittybit.posts.length, fixture.stops], [6, []]);
    });

    it('does not sleep where the invocation would end before the next answer', async () => {
      fixture.ittybit.during = () => void (fixture.now += 5_000);
      fixture.always(429, '', '9');
      await hidden();
      assert.ok(5000 + 9000 + 8000 > FUNCTION_MS);
      assert.deepEqual([timers.pauses, fixture.ittybit.posts.length], [[], 1]);
      assert.equal(fixture.ledger.only.error, 'no slot was free at the present rate');
    });

    it('makes all files wait where Ittybit asks for longer than a sleep, in seconds or as a date', async () => {
      fixture.always(429, 'quota', '60');
      assert.equal(await hidden(), 60_000);
      fixture.now += MINUTE;
      fixture.always(429, 'quota', new Date(fixture.now + 90_000).toUTCString());
      assert.equal(await hidden(), 90_000);
      const reason = 'quota (HTTP 429)';
      assert.deepEqual(fixture.stops, [
        { reason, ms: 60_000 },
        { reason, ms: 90_000 },
      ]);
    });

    it('makes all files wait for as long as SQS can hide a message, however long Ittybit asks', async () => {
      for (const retryAfter of ['Infinity', '1e300', 'Fri, 01 Jan 2999 00:00:00 GMT']) {
        fixture.always(429, '', retryAfter);
        await hidden();
        const { ms } = fixture.stops.at(-1)!;
        assert.ok(ms! > 0 && ms! <= 43_200_000, retryAfter);
      }
    });

    it('makes all files wait where the lowest rate is refused too', async () => {
      fixture.most = 1;
      fixture.always(429, '', '1');
      while (fixture.stops.length === 0 && fixture.ittybit.posts.length < 30) {
        fixture.now += MINUTE;
        await hidden(1);
      }
      assert.deepEqual(
        fixture.stops.map(({ ms }) => ms),
        [10_000],
      );
      assert.ok(fixture.ittybit.posts.length <= 12, `${fixture.ittybit.posts.length} POSTs`);
    });

    it('lowers the rate by a fifth, and keeps no rate for a quota', async () => {
      fixture.always(429, '', '60');
      await hidden();
      assert.equal(fixture.pace.row?.['ceiling'], undefined);
      fixture.always(429, '', '1');
      await hidden();
      assert.deepEqual([fixture.pace.row?.['drops'], fixture.pace.row?.['refused']], [2, 3]);
    });
  });

  describe('a pace that AWS does not give once the file is claimed', () => {
    /** Fails from the first request on for which this holds; the look before the claim is the first of all. */
    const failWhen = (fails: () => boolean) => {
      fixture.pace.before = () => {
        const { reads, updates } = fixture.pace.asked;
        if (reads + updates > 0 && fails()) throw new Error('ThrottlingException');
        return undefined;
      };
    };

    it('costs no attempt, and leaves nothing to look up', async () => {
      failWhen(() => true);
      assert.equal(await hidden(), 1_000);
      assert.deepEqual([state(), fixture.ittybit.posts.length], [['retrying', 0, false], 0]);
    });

    it('keeps a refusal at least for its own file, and asks once', async () => {
      let before = 0;
      failWhen(() => fixture.ittybit.posts.length > before);
      fixture.always(429, 'slow down', '2');
      assert.equal(await hidden(), 2_000);
      assert.deepEqual([state(), fixture.ittybit.posts.length], [['retrying', 0, false], 1]);
      fixture.always(429, 'quota', '60');
      before = 1;
      fixture.now += MINUTE;
      await hidden();
      assert.deepEqual(fixture.stops, [{ reason: 'quota (HTTP 429)', ms: 60_000 }]);
    });

    it('takes no file for the cause where the witness could not be asked', async () => {
      failWhen(() => fixture.ittybit.posts.length > 0);
      fixture.always(404);
      await hidden();
      assert.deepEqual(state(), ['retrying', 0, false]);
      assert.deepEqual([fixture.ittybit.witnesses, fixture.buried.length, fixture.stops], [0, 0, []]);
    });
  });

  describe('408, 5xx, no answer and a 2xx without a job', () => {
    const silent: PostOutcome[] = [
      answer(408),
      answer(503),
      { networkError: 'timeout' },
      ...['', '{}', '{"id":null}', '{"error":{"message":"x"}}', '<html>'].map((body) => answer(200, body)),
    ];
    for (const outcome of silent) {
      it(`leave the file unclear, back off, and bury it after MaxAttempts: ${JSON.stringify(outcome)}`, async () => {
        fixture.ittybit.answer = () => outcome;
        const waits = [await hidden()];
        assert.deepEqual(state(), ['retrying', 1, true]);
        for (let i = 0; i < 2; i++) {
          fixture.now += MINUTE;
          waits.push(await hidden());
        }
        assert.deepEqual(waits, [2500, 5000, undefined]);
        assert.deepEqual(state(), ['dead', 3, true]);
        const [letter] = fixture.buried;
        assert.deepEqual([letter!.body, letter!.group], [BODY, 'b1']);
        const { failure_class, attempts } = letter!.attributes;
        assert.deepEqual([failure_class, attempts], ['attempts-exhausted', '3']);
      });
    }

    it('send the same key and the same bytes each time', async () => {
      fixture.always(500);
      for (let i = 0; i < 3; i++) {
        await fixture.deliver();
        fixture.now += MINUTE;
      }
      const { posts } = fixture.ittybit;
      assert.equal(posts.length, 3);
      assert.deepEqual(
        [new Set(posts.map((post) => post.reference)).size, new Set(posts.map(({ body }) => body)).size],
        [1, 1],
      );
    });
  });

  it('asks again after 409, 423 and 425 without counting, later each time: there may be a job', async () => {
    for (const status of [409, 423, 425]) {
      fixture.always(status);
      assert.deepEqual([await hidden(1), await hidden(3), await hidden(20)], [2500, 10_000, 120_000]);
      assert.deepEqual(state(), ['retrying', 0, true]);
    }
    fixture.ittybit.answer = () => undefined;
    await fixture.deliver();
    assert.equal(new Set(fixture.ittybit.posts.map(({ reference }) => reference)).size, 1);
    assert.deepEqual([fixture.buried.length, fixture.stops.length], [0, 0]);
  });

  describe('401 and 402', () => {
    for (const status of [401, 402]) {
      it(`pause on ${status}, with the reason, and count nothing`, async () => {
        fixture.always(status, '{"kind":"refused","message":"no"}');
        const note = `dispatch paused: refused: no (HTTP ${status})`;
        assert.deepEqual(await fixture.deliver(), { done: false, hideMs: 15 * MINUTE, note });
        assert.deepEqual(fixture.stops, [{ reason: `refused: no (HTTP ${status})`, ms: undefined }]);
        assert.deepEqual(
          [fixture.keyReads, fixture.ittybit.posts.length, fixture.ittybit.witnesses],
          [{ cached: 1, fresh: 1 }, 1, 0],
        );
        assert.deepEqual(state(), ['retrying', 0, false]);
      });
    }

    it('go on with a key that was stored in the meantime, which is read only once', async () => {
      fixture.keys.fresh = 'key-2';
      fixture.ittybit.answer = (post) => (post === 1 ? answer(401) : undefined);
      assert.deepEqual(await fixture.deliver(), { done: true, note: 'submitted' });
      assert.deepEqual(
        fixture.ittybit.posts.map(({ apiKey }) => apiKey),
        ['key-1', 'key-2'],
      );
      assert.deepEqual(fixture.stops, []);
      fixture.always(401);
      await fixture.deliver(encodeQueueMessage({ ...FILE, key: 'b.mp4' }));
      assert.deepEqual([fixture.keyReads.fresh, fixture.ittybit.posts.length], [2, 4]);
    });

    it('give the file back before they stop dispatch, which may fail', async () => {
      fixture.always(401);
      const stop = async () => Promise.reject(new Error('no permission'));
      await assert.rejects(fixture.deliver(BODY, { stop }), /no permission/);
      assert.deepEqual(state(), ['retrying', 0, false]);
    });
  });

  describe('3xx, 403, 404, 405, 410 and 415', () => {
    const STATUSES = [302, 403, 404, 405, 410, 415];

    it('reject one file where the API answers others, and stop nothing', async () => {
      for (const status of STATUSES) {
        fixture.always(status, '<html>Forbidden</html>');
        const key = `${status}.mp4`;
        assert.equal((await fixture.deliver(encodeQueueMessage({ ...FILE, key }))).done, true);
        const { failure_class, failure_reason } = fixture.buried.at(-1)!.attributes;
        assert.deepEqual(
          [failure_class, failure_reason],
          ['rejected', `<html>Forbidden</html> (HTTP ${status})`],
        );
      }
      assert.deepEqual([fixture.stops, fixture.ittybit.witnesses], [[], STATUSES.length]);
    });

    it('pause after the first file where the API refuses everybody, or is not the one that answers', async () => {
      const witnesses = [
        answer(403),
        answer(404),
        answer(302),
        answer(401),
        answer(200, '<html>Welcome</html>'),
      ];
      for (const witness of witnesses) {
        fixture.always(404);
        fixture.ittybit.witnessAnswer = witness;
        assert.equal(await hidden(), 15 * MINUTE);
        assert.deepEqual(state(), ['retrying', 0, false]);
      }
      assert.deepEqual([fixture.stops.length, fixture.buried.length], [witnesses.length, 0]);
    });

    it('ask again where the witness cannot be heard', async () => {
      fixture.always(403);
      for (const witness of [answer(503), answer(429), { networkError: 'reset' }]) {
        fixture.ittybit.witnessAnswer = witness;
        assert.equal(await hidden(), 30_000);
        assert.deepEqual(state(), ['retrying', 0, false]);
      }
      assert.deepEqual([fixture.stops.length, fixture.buried.length], [0, 0]);
    });
  });

  it('buries what Ittybit rejects, with its words', async () => {
    fixture.always(422, '{"kind":"format_unsupported","message":"no such codec"}');
    assert.equal((await fixture.deliver()).done, true);
    assert.deepEqual(fixture.buried[0]?.attributes, {
      failure_class: 'rejected',
      failure_reason: 'format_unsupported: no such codec (HTTP 422)',
      attempts: '1',
      failed_at: '2026-11-23T10:00:00.000Z',
    });
    assert.equal(fixture.ledger.only.error, 'format_unsupported: no such codec (HTTP 422)');
    assert.deepEqual(state(), ['dead', 1, false]);
  });

  it('keeps a file unclear through every refusal that comes after an answer that was lost', async () => {
    const away = { networkError: 'reset' };
    for (const [later, witness] of [[400], [401], [403], [403, away], [409], [429]] as const) {
      fixture = new DispatchFixture();
      fixture.ittybit.answer = () => ({ after: { networkError: 'lost' } });
      await fixture.deliver();
      fixture.always(later);
      fixture.ittybit.witnessAnswer = witness ?? fixture.ittybit.witnessAnswer;
      fixture.now += MINUTE;
      await fixture.deliver();
      assert.equal(fixture.ledger.only.unclear, true, String(later));
      assert.equal(fixture.ittybit.jobs.length, 1);
    }
  });

  it('posts nothing where the claim took the time for it, and counts nothing', async () => {
    fixture.ledger.afterWrite = () => {
      fixture.ledger.afterWrite = () => undefined;
      fixture.now += FUNCTION_MS - 3500;
    };
    assert.equal(await hidden(), 1000);
    assert.deepEqual([state(), fixture.ittybit.posts.length], [['retrying', 0, false], 0]);
  });

  it('does not take the claim of another invocation for its own when it comes late', async () => {
    fixture.always(503);
    fixture.ittybit.during = async () => {
      fixture.ittybit.during = () => undefined;
      fixture.now += 2 * MINUTE;
      fixture.ittybit.answer = () => undefined;
      await fixture.deliver();
    };
    await fixture.deliver();
    assert.deepEqual([fixture.ledger.only.status, fixture.ledger.only.job_id], ['submitted', 'job_1']);
    assert.equal(fixture.ittybit.jobs.length, 1);
  });
});
