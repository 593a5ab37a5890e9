import assert from 'node:assert/strict';
import { encodeQueueMessage, type QueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';
import type { Status } from '../../../../src/core/batch/result-item.ts';
import { DispatchFixture, MINUTE, SIGNING_KEY } from '../../../helpers/dispatch-fixture.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';
import { ReconcileFixture } from '../../../helpers/reconcile-fixture.ts';

const HOUR = 60 * MINUTE;

describe('one paid job', () => {
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

  const message = (batch: string, key: string, etag = 'e1'): QueueMessage => ({
    batch,
    bucket: 'media',
    key,
    etag,
  });
  const send = (one: QueueMessage) => fixture.deliver(encodeQueueMessage(one));
  const names = Array.from({ length: 25 }, (_, i) => `${i}.mp4`);
  const statuses = (batch: string) =>
    [...fixture.ledger.items.values()].filter((item) => item.batch === batch).map(({ status }) => status);
  const all = (status: Status) => names.map(() => status);

  /** Each file becomes a dead letter: the user resumes the batch whenever it is held. */
  async function sendAllFailing(): Promise<void> {
    for (const name of names) {
      await send(message('b1', name));
      fixture.brakes.free('b1');
    }
  }

  /** Jobs end, and the reconciler looks until nothing is open. */
  async function settle(): Promise<void> {
    for (let i = 0; i < 30; i++) {
      fixture.now += HOUR;
      for (const job of fixture.ittybit.jobs) job.status ??= 'succeeded';
      await reconciler.run();
      await reconciler.deliverSent();
    }
  }

  it('pays 25 files once that were dead, enqueued again once the cause was mended, and then redriven', async () => {
    fixture.always(400, 'the connection does not exist');
    await sendAllFailing();
    assert.deepEqual(statuses('b1'), all('dead'));
    fixture.ittybit.answer = () => undefined;
    for (const name of names) await send(message('b2', name));
    const posts = fixture.ittybit.posts.length;
    await reconciler.redrive();
    assert.deepEqual([fixture.ittybit.posts.length, fixture.ittybit.jobs.length], [posts, 25]);
    assert.deepEqual(statuses('b1'), all('waiting'));
    await settle();
    assert.deepEqual(
      [statuses('b1'), statuses('b2'), fixture.ittybit.jobs.length],
      [all('covered'), all('succeeded'), 25],
    );
    const [covered] = fixture.ledger.items.values();
    assert.deepEqual([covered?.covered_by, covered?.output_url], ['b2', 'https://store.example/job_1.mp4']);
    assert.deepEqual(fixture.ledger.counts, fixture.ledger.recount());
  });

  it('covers the letters of files whose second batch has succeeded already, without a POST', async () => {
    fixture.always(400);
    await sendAllFailing();
    fixture.ittybit.answer = () => undefined;
    for (const name of names) await send(message('b2', name));
    fixture.now += HOUR;
    for (const job of fixture.ittybit.jobs) job.status = 'succeeded';
    await reconciler.run();
    await reconciler.redrive();
    assert.deepEqual([statuses('b1'), fixture.ittybit.jobs.length], [all('covered'), 25]);
  });

  it('pays the same prefix once that is enqueued twice at the same moment, in any order of deliveries', async () => {
    const twice = names.flatMap((name) => [message('b1', name), message('b2', name)]);
    await Promise.all(twice.map(send));
    assert.equal(fixture.ittybit.jobs.length, 25);
    await settle();
    const ends = [...statuses('b1'), ...statuses('b2')];
    assert.equal(ends.filter((status) => status === 'succeeded').length, 25);
    assert.equal(ends.filter((status) => status === 'covered').length, 25);
  });

  it('pays again for another version, another job, and where the user said again', async () => {
    fixture.orders.set('other', { job: { ...DEFAULT_JOB_OPTIONS, options: {} }, again: false });
    fixture.orders.set('again', { job: DEFAULT_JOB_OPTIONS, again: true });
    await send(message('b1', 'a.mp4'));
    await send(message('b2', 'a.mp4', 'e2'));
    await send(message('other', 'a.mp4'));
    await send(message('again', 'a.mp4'));
    assert.equal(fixture.ittybit.jobs.length, 4);
    await send(message('b3', 'a.mp4'));
    await send(message('again', 'a.mp4'));
    assert.equal(fixture.ittybit.jobs.length, 4);
  });

  describe('when the answer is lost and the settings change', () => {
    const changes: [string, () => void][] = [
      ['connection', () => (fixture.sender = { ...fixture.sender, connectionId: 'conn_2' })],
      ['options', () => (fixture.job = { ...DEFAULT_JOB_OPTIONS, options: { width: 100 } })],
      ['address of the API', () => (fixture.sender = { ...fixture.sender, apiUrl: 'https://new.example' })],
      [
        'address of the webhook',
        () => (fixture.sender = { ...fixture.sender, webhookUrl: 'https://new.example' }),
      ],
      [
        'signing key, without the one before',
        () => (fixture.sender = { ...fixture.sender, signingKeys: ['n'.repeat(32)] }),
      ],
    ];
    for (const [name, change] of changes) {
      it(`posts nothing before a look-up: ${name}`, async () => {
        fixture.ittybit.answer = () => ({ after: { networkError: 'lost' } });
        await send(message('b1', 'a.mp4'));
        fixture.ittybit.answer = () => undefined;
        change();
        fixture.now += MINUTE;
        assert.equal((await send(message('b1', 'a.mp4'))).done, true);
        assert.deepEqual([fixture.ittybit.posts.length, fixture.ledger.only.status], [1, 'retrying']);
        await reconciler.run();
        assert.equal(fixture.ittybit.lookups.length, 0, 'not within 15 minutes after the POST');
        fixture.now += 16 * MINUTE;
        await reconciler.run();
        assert.deepEqual([fixture.ledger.only.status, fixture.ledger.only.job_id], ['submitted', 'job_1']);
        assert.deepEqual([fixture.ittybit.posts.length, fixture.ittybit.jobs.length], [1, 1]);
      });

      it(`posts anew once a look-up has found no job: ${name}`, async () => {
        fixture.ittybit.answer = () => ({ networkError: 'reset' });
        await send(message('b1', 'a.mp4'));
        fixture.ittybit.answer = () => undefined;
        change();
        fixture.now += MINUTE;
        await send(message('b1', 'a.mp4'));
        fixture.now += 16 * MINUTE;
        await reconciler.run();
        assert.equal(reconciler.sent.length, 1);
        await reconciler.deliverSent();
        const [first, second] = fixture.ittybit.posts;
        assert.notEqual(first!.reference, second!.reference);
        assert.deepEqual([fixture.ledger.only.status, fixture.ittybit.jobs.length], ['submitted', 1]);
      });
    }

    it('repeats the same bytes where the key before is kept after a rotation', async () => {
      fixture.ittybit.answer = () => ({ after: { networkError: 'lost' } });
      await send(message('b1', 'a.mp4'));
      fixture.ittybit.answer = () => undefined;
      fixture.sender = { ...fixture.sender, signingKeys: ['n'.repeat(32), SIGNING_KEY] };
      fixture.now += MINUTE;
      await send(message('b1', 'a.mp4'));
      const [first, second] = fixture.ittybit.posts;
      assert.deepEqual(
        [second!.body, second!.reference, fixture.ittybit.jobs.length],
        [first!.body, first!.reference, 1],
      );
    });
  });

  it('gives two sources of one output address one job, and says to the other which source has it', async () => {
    fixture.job = { ...DEFAULT_JOB_OPTIONS, output: 's3://out/{stem}.mp4' };
    await Promise.all([message('b1', 'a/clip.mov'), message('b1', 'a/clip.mxf')].map(send));
    assert.equal(fixture.ittybit.jobs.length, 1);
    assert.match(
      fixture.buried[0]?.attributes['failure_reason'] ?? '',
      /^s3:\/\/media\/a\/clip\.mov already writes to s3:\/\/out\/a\/clip\.mp4/,
    );
    fixture.job = { ...DEFAULT_JOB_OPTIONS, output: 's3://out/{key}' };
    await reconciler.redrive();
    assert.equal(fixture.ittybit.jobs.length, 2);
  });

  it('does not know a bare message and one with a version for the same file, as promise 2 says', async () => {
    await fixture.deliver('{"bucket":"media","key":"a.mp4"}');
    await send(message('b1', 'a.mp4'));
    assert.equal(fixture.ittybit.jobs.length, 2);
    await fixture.deliver('{"bucket":"media","key":"a.mp4"}');
    assert.equal(fixture.ittybit.jobs.length, 2);
  });
});
