import assert from 'node:assert/strict';
import { readStoredJob } from '../../../../src/core/ittybit/job-options.ts';
import { readWebhookPath } from '../../../../src/core/ittybit/signed-address.ts';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { DispatchFixture, FILE, FUNCTION_MS } from '../../../helpers/dispatch-fixture.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';

const MINUTES_15 = 15 * 60_000;

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

  it('claims, posts once, stores the job id and acknowledges', async () => {
    let statusDuringPost;
    fixture.ittybit.during = () => void (statusDuringPost = fixture.ledger.only.status);
    assert.deepEqual(await fixture.deliver(), { done: true, note: 'submitted' });
    assert.equal(statusDuringPost, 'submitting');
    const { status, job_id, attempts } = fixture.ledger.only;
    assert.deepEqual([status, job_id, attempts], ['submitted', 'job_1', 1]);
    assert.equal(fixture.ittybit.lookups.length, 0);
  });

  it('sends the job of the batch, with a webhook URL that finds the file', async () => {
    await fixture.deliver(encodeQueueMessage(FILE), { connectionId: 'conn_1' });
    const [post] = fixture.ittybit.posts;
    const { webhook_url, ...body } = JSON.parse(post!.body) as Record<string, unknown>;
    assert.match(post!.reference, /^[0-9a-f]{32}$/);
    assert.deepEqual(body, {
      input: 's3://media/dir/a b.mp4',
      kind: 'video',
      options: { width: 1920, format: 'mp4', quality: 'high', connection_id: 'conn_1' },
      metadata: {
        reference: post!.reference,
        batch: 'b1',
        source_bucket: 'media',
        source_key: 'dir/a b.mp4',
      },
    });
    const [batch = '', source = '', signature = ''] = String(webhook_url).split('/').slice(-3);
    assert.deepEqual(readWebhookPath(['signing-key'], { batch, source, signature }), { file: FILE, run: 1 });
  });

  it('makes a dead letter of a file at once where Ittybit would replace a part of its output, and posts nothing', async () => {
    const output = 's3://out/{stem}.mp4';
    fixture.job = { kind: 'video', options: {}, output };
    const keys = [
      '{date}/a.mp4',
      'in/{filename}.mp4',
      'a{Date}b.mov',
      '{{date}}.mp4',
      'x/{date:YYYY/MM}/a.mp4',
    ];
    for (const key of keys) {
      const { done } = await fixture.deliver(encodeQueueMessage({ ...FILE, key }));
      assert.equal(done, true);
    }
    assert.equal(fixture.ittybit.posts.length, 0);
    assert.deepEqual(
      fixture.buried.map(({ attributes }) => attributes['failure_class']),
      keys.map(() => 'rejected'),
    );
    assert.match(fixture.buried[0]?.attributes['failure_reason'] ?? '', /rename the file .*\(\{date\}\)/);
    assert.ok([...fixture.ledger.items.values()].every(({ status }) => status === 'dead'));
    for (const key of ['a{b.mp4', 'a}b{c.mp4']) await fixture.deliver(encodeQueueMessage({ ...FILE, key }));
    fixture.job = { kind: 'video', options: {} };
    await fixture.deliver(encodeQueueMessage({ ...FILE, key: 'again/{date}.mp4' }));
    assert.equal(
      fixture.ittybit.posts.length,
      3,
      'one brace is a letter, and without an output nothing is replaced',
    );
  });

  it('buries a file of a batch without a readable job at once', async () => {
    const jobOptions = async () => readStoredJob({ kind: 'film' });
    const { done } = await fixture.deliver(encodeQueueMessage(FILE), { jobOptions });
    assert.equal(done, true);
    assert.match(fixture.buried[0]?.attributes['failure_reason'] ?? '', /no readable job/);
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
    const note = 'another delivery holds the claim';
    assert.deepEqual(second, { done: false, hideMs: FUNCTION_MS + 2000, note });
    assert.equal(fixture.ittybit.posts.length, 1);
  });

  describe('429', () => {
    it('waits for Retry-After and posts again where there is time', async () => {
      fixture.ittybit.answer = (post) =>
        post === 1 ? { status: 429, retryAfter: '2', body: '' } : undefined;
      assert.deepEqual(await fixture.deliver(), { done: true, note: 'submitted' });
      assert.deepEqual(timers.pauses, [2000]);
      assert.equal(fixture.ledger.only.attempts, 1);
    });

    it('hides the message for Retry-After where there is none, and does not count it', async () => {
      fixture.always(429, '{"kind":"rate_limited","message":"slow down"}', '60');
      const note = 'rate_limited: slow down (HTTP 429)';
      assert.deepEqual(await fixture.deliver(), { done: false, hideMs: 60_000, note });
      const { status, attempts, error } = fixture.ledger.only;
      assert.deepEqual([status, attempts, error, timers.pauses], ['retrying', 0, note, []]);
    });

    it('reads Retry-After as a date', async () => {
      fixture.always(429, '', new Date(fixture.now + 90_000).toUTCString());
      const disposal = await fixture.deliver();
      assert.equal(disposal.done ? undefined : disposal.hideMs, 90_000);
    });

    it('stops waiting before the invocation runs out of time', async () => {
      fixture.always(429, '', '1');
      const disposal = await fixture.deliver();
      assert.equal(disposal.done, false);
      const waited = timers.pauses.reduce((total, ms) => total + ms, 0);
      assert.ok(waited > 0 && waited + 10_000 + 3000 <= FUNCTION_MS, `${waited}`);
    });

    it('never makes a dead letter, however often it comes', async () => {
      fixture.always(429, '', '3600');
      for (let i = 0; i < 20; i++) {
        await fixture.deliver();
        fixture.now += 3_600_000;
      }
      assert.deepEqual([fixture.buried.length, fixture.ledger.only.attempts], [0, 0]);
    });
  });

  describe('408, 5xx and no answer', () => {
    for (const outcome of [
      { status: 408, retryAfter: undefined, body: '' },
      { status: 503, retryAfter: undefined, body: '' },
      { networkError: 'timeout' },
    ]) {
      it(`counts, backs off and buries after MaxAttempts: ${JSON.stringify(outcome)}`, async () => {
        fixture.ittybit.answer = () => outcome;
        const hidden: (number | undefined)[] = [];
        for (let i = 0; i < 3; i++) {
          const disposal = await fixture.deliver();
          hidden.push(disposal.done ? undefined : disposal.hideMs);
          fixture.now += 60_000;
        }
        assert.deepEqual(hidden, [2500, 5000, undefined]);
        assert.equal(fixture.ledger.only.status, 'dead');
        const [letter] = fixture.buried;
        assert.equal(letter!.body, encodeQueueMessage(FILE));
        assert.equal(letter!.group, 'b1');
        assert.equal(letter!.attributes['failure_class'], 'attempts-exhausted');
        assert.equal(letter!.attributes['attempts'], '3');
      });
    }

    it('sends the same key and the same bytes each time, also after a redrive', async () => {
      fixture.always(500);
      for (let i = 0; i < 5; i++) {
        await fixture.deliver();
        fixture.now += 60_000;
      }
      assert.equal(fixture.ittybit.posts.length, 5);
      assert.equal(new Set(fixture.ittybit.posts.map(({ reference }) => reference)).size, 1);
      assert.equal(new Set(fixture.ittybit.posts.map(({ body }) => body)).size, 1);
    });
  });

  describe('401, 402, 403 and redirects', () => {
    for (const status of [302, 401, 402, 403]) {
      it(`pauses on ${status}, hides 15 minutes and counts nothing`, async () => {
        fixture.always(status, '{"kind":"refused","message":"no"}');
        const note = `dispatch paused: refused: no (HTTP ${status})`;
        assert.deepEqual(await fixture.deliver(), { done: false, hideMs: MINUTES_15, note });
        assert.deepEqual(fixture.pauses, [`refused: no (HTTP ${status})`]);
        assert.deepEqual(fixture.keyReads, { cached: 1, fresh: 1 });
        const item = fixture.ledger.only;
        assert.deepEqual([item.status, item.attempts, fixture.ittybit.posts.length], ['retrying', 0, 1]);
      });
    }

    it('continues with a key that was stored in the meantime', async () => {
      fixture.keys.fresh = 'key-2';
      fixture.ittybit.answer = (post) =>
        post === 1 ? { status: 401, retryAfter: undefined, body: '' } : undefined;
      assert.deepEqual(await fixture.deliver(), { done: true, note: 'submitted' });
      assert.deepEqual(
        fixture.ittybit.posts.map(({ apiKey }) => apiKey),
        ['key-1', 'key-2'],
      );
      assert.deepEqual(fixture.pauses, []);
    });

    it('reads the key again only once', async () => {
      fixture.keys.fresh = 'key-2';
      fixture.always(401);
      await fixture.deliver();
      assert.deepEqual([fixture.keyReads.fresh, fixture.ittybit.posts.length], [1, 2]);
    });

    it('pauses without a call where no key is stored', async () => {
      fixture.keys = { cached: '', fresh: '' };
      const disposal = await fixture.deliver();
      assert.deepEqual([disposal.done, fixture.ittybit.posts.length, fixture.pauses.length], [false, 0, 1]);
      assert.match(disposal.note, /Set Ittybit API Key/);
    });
  });

  it('counts no attempt when a secret cannot be read', async () => {
    const denied = async () => Promise.reject(new Error('AccessDenied'));
    for (const change of [{ apiKey: denied }, { signingKey: denied }]) {
      for (let i = 0; i < 5; i++)
        await assert.rejects(fixture.deliver(encodeQueueMessage(FILE), change), /AccessDenied/);
    }
    assert.deepEqual([fixture.ledger.items.size, fixture.buried.length], [0, 0]);
    assert.deepEqual(await fixture.deliver(), { done: true, note: 'submitted' });
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
    const { status, error } = fixture.ledger.only;
    assert.deepEqual([status, error], ['dead', 'format_unsupported: no such codec (HTTP 422)']);
  });

  it('buries what it cannot read, and never drops it', async () => {
    for (const body of ['not json', '{"bucket":"media"}', '{"v":9}', '\uFFFE', '']) {
      assert.equal((await fixture.deliver(body)).done, true);
      const letter = fixture.buried.pop();
      assert.deepEqual([letter?.body, letter?.attributes['failure_class']], [body, 'unreadable']);
    }
    fixture.job = undefined;
    await fixture.deliver();
    assert.match(String(fixture.buried[0]?.attributes['failure_reason']), /has no batch "b1"/);
    assert.equal(fixture.ledger.items.size, 0);
  });

  it('keeps the message when the options of its batch cannot be read', async () => {
    const jobOptions = async () => Promise.reject(new Error('throttled'));
    await assert.rejects(fixture.deliver(encodeQueueMessage(FILE), { jobOptions }), /throttled/);
    assert.equal(fixture.buried.length, 0);
  });

  it('gives a call no more time than the invocation has', async () => {
    fixture.ittybit.answer = (post) => (post < 5 ? { status: 429, retryAfter: '1', body: '' } : undefined);
    await fixture.deliver();
    for (const { timeoutMs } of fixture.ittybit.posts) assert.ok(timeoutMs > 0 && timeoutMs <= 10_000);
  });
});
