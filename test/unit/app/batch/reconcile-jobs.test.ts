import assert from 'node:assert/strict';
import type { PostOutcome } from '../../../../src/core/ittybit/dispatch-rules.ts';
import type { JobSearch } from '../../../../src/core/ittybit/jobs-api.ts';
import { isUnclear, type ResultItem, type Status } from '../../../../src/core/batch/result-item.ts';
import { CANNOT_TELL } from '../../../../src/core/batch/look-up.ts';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { ReconcileFixture } from '../../../helpers/reconcile-fixture.ts';
import { at, FILE, HOUR, MINUTE, NOW, ofOldStack, stored } from '../../../helpers/stored-items.ts';

const answer = (status: number, body = ''): PostOutcome => ({ status, retryAfter: undefined, body });

describe('reconcile, of what Ittybit knows', () => {
  let fixture: ReconcileFixture;
  let ittybit: ReconcileFixture['dispatch']['ittybit'];

  beforeEach(() => {
    fixture = new ReconcileFixture();
    ({ ittybit } = fixture.dispatch);
    fixture.dispatch.now = NOW + HOUR;
  });

  const put = (item: ResultItem) => {
    fixture.dispatch.ledger.items.set(`${item.batch} s3://${item.bucket}/${item.key}`, item);
  };
  const only = () => fixture.dispatch.ledger.only;
  const job = (status: string, id = 'job_9') =>
    ittybit.jobs.push({ id, reference: 'ref-1', at: NOW, status });
  /** how long until the next look */
  const pause = () => Date.parse(only().next_look_at!) - fixture.dispatch.now;

  describe('a submitted file whose callback never came', () => {
    const submitted = (change: Partial<ResultItem> = {}) =>
      stored('submitted', { job_id: 'job_9', unclear: false, next_look_at: at(0), ...change });

    it('ends as its job did, by the same transition as a callback', async () => {
      for (const status of ['succeeded', 'failed', 'cancelled'] as const) {
        ittybit.jobs.length = 0;
        job(status);
        put(submitted());
        assert.equal((await fixture.run()).ended, 1);
        assert.deepEqual([only().status, only().next_look_at], [status, undefined]);
      }
      assert.deepEqual(ittybit.lookups, []);
    });

    it('is found by its id also where the job says nothing of its reference', async () => {
      put(submitted());
      ittybit.get = async () => ({
        job: {},
        found: {
          about: 'job',
          jobId: 'job_9',
          status: 'succeeded',
          rawStatus: 'succeeded',
          reference: 'other',
        },
      });
      await fixture.run();
      assert.equal(only().status, 'succeeded');
    });

    it('is an old item too, which says neither when to look nor whether it is unclear', async () => {
      for (const status of ['submitted', 'processing'] as const) {
        put(ofOldStack(status, { job_id: 'job_9' }));
        job('succeeded');
        await fixture.run();
        assert.equal(only().status, 'succeeded', status);
      }
    });

    it('is silent after 8 times the wait for its callback, until it ends, whoever answers', async () => {
      const patience = fixture.services.patience.reconcileAfterMs;
      for (const [after, status, silent] of [
        [8 * patience, 'processing', 0],
        [8 * patience + 1, 'processing', 1],
        [8 * patience + 1, undefined, 1],
        [8 * patience + 1, 'succeeded', 0],
      ] as const) {
        ittybit.jobs.length = 0;
        if (status) job(status);
        put(submitted({ updated_at: at(0) }));
        fixture.dispatch.now = NOW + after;
        assert.equal((await fixture.run()).silent, silent, `${status} after ${after} ms`);
      }
    });

    it('is silent also where Ittybit cannot be asked', async () => {
      put(submitted());
      fixture.dispatch.now = NOW + 24 * HOUR;
      assert.equal((await fixture.run({}, { apiKey: async () => '' })).silent, 1);
    });

    it('is asked again later and later, up to 6 h, while the job runs or nobody knows it', async () => {
      put(submitted());
      const pauses: number[] = [];
      for (let i = 0; i < 8; i++) {
        if (i === 4) job('processing');
        await fixture.run();
        pauses.push(pause() / MINUTE);
        fixture.dispatch.now += pause() + 1;
      }
      assert.deepEqual(pauses, [30, 60, 120, 240, 360, 360, 360, 360]);
      assert.deepEqual([only().status, only().updated_at, ittybit.gets.length], ['submitted', at(0), 8]);
    });

    it('is not looked at before it is due, but at once where everything is asked for', async () => {
      put(submitted({ next_look_at: at(2 * HOUR) }));
      job('succeeded');
      await fixture.run();
      assert.equal(ittybit.gets.length, 0);
      await fixture.run({ everything: true });
      assert.equal(only().status, 'succeeded');
    });

    it('changes nothing where a callback has ended it in the meantime', async () => {
      put(submitted());
      job('processing');
      ittybit.get = async () => {
        put({ ...submitted(), status: 'succeeded', rev: 9 });
        const found = { about: 'job', jobId: 'job_9', status: 'failed', rawStatus: 'failed' } as const;
        return { found, job: {} };
      };
      await fixture.run();
      assert.deepEqual([only().status, only().rev], ['succeeded', 9]);
    });
  });

  describe('an unclear file', () => {
    const states: [string, () => ResultItem][] = [
      [
        'retrying, with what was sent being another now',
        () => stored('retrying', { unclear: true, sent: 'x', first_post_at: at(0) }),
      ],
      ['retrying, without what was sent', () => stored('retrying', { unclear: true })],
      ['submitting, after a crash', () => stored('submitting', { lease_until_ms: NOW, last_post_at: at(0) })],
      ['dead', () => stored('dead', { unclear: true, error: '503' })],
      ...(['submitting', 'retrying', 'dead', 'submitted', 'processing'] as Status[]).map(
        (status): [string, () => ResultItem] => [
          `${status}, of an older stack and without a job id`,
          () => ofOldStack(status, { error: '503' }),
        ],
      ),
    ];
    for (const [name, item] of states) {
      it(`takes over its job by input and reference: ${name}`, async () => {
        put({ ...item(), next_look_at: at(0) });
        job('succeeded');
        await fixture.run();
        assert.deepEqual(
          [only().status, only().job_id, only().output_url],
          ['succeeded', 'job_9', 'https://store.example/job_9.mp4'],
        );
        assert.deepEqual(ittybit.lookups, ['s3://media/a.mp4']);
      });

      it(`is freed by a look-up that finds none: ${name}`, async () => {
        put({ ...item(), next_look_at: at(0) });
        await fixture.run();
        assert.equal(isUnclear(only()), false);
        const isDead = item().status === 'dead';
        assert.deepEqual([only().status, fixture.sent.length], isDead ? ['dead', 0] : ['retrying', 1]);
        assert.equal(fixture.dispatch.ledger.items.size, 1);
      });
    }

    it('is not looked up within 15 minutes after the last moment at which a POST may have left', async () => {
      put(stored('dead', { unclear: true, last_post_at: at(HOUR - 14 * MINUTE), next_look_at: at(0) }));
      await fixture.run({ everything: true });
      assert.deepEqual([ittybit.lookups.length, pause()], [0, MINUTE]);
      fixture.dispatch.now += MINUTE + 1;
      await fixture.run();
      assert.equal(ittybit.lookups.length, 1);
    });

    it('is not looked up while an invocation holds it', async () => {
      put(
        stored('submitting', {
          lease_until_ms: NOW + HOUR + MINUTE,
          last_post_at: at(0),
          next_look_at: at(0),
        }),
      );
      await fixture.run({ everything: true });
      assert.deepEqual([ittybit.lookups.length, only().status], [0, 'submitting']);
    });

    it('becomes dead after three that cannot tell, and ends whenever one can', async () => {
      put(stored('retrying', { unclear: true, next_look_at: at(0) }));
      ittybit.isSilent = true;
      for (let i = 0; i < 3; i++) {
        assert.equal(only().status, 'retrying');
        await fixture.run();
        fixture.dispatch.now += pause() + 1;
      }
      fixture.dispatch.now += 6 * HOUR;
      assert.deepEqual(
        [only().status, only().error, only().cannot_tell, isUnclear(only())],
        ['dead', CANNOT_TELL, true, true],
      );
      await fixture.run();
      assert.equal(pause(), 6 * HOUR);
      ittybit.isSilent = false;
      job('succeeded');
      fixture.dispatch.now += 6 * HOUR + 1;
      await fixture.run();
      assert.equal(only().status, 'succeeded');
    });

    it('cannot be told where it has no reference to look for', async () => {
      const { reference: _, ...item } = stored('dead', { unclear: true, next_look_at: at(0) });
      put(item);
      job('succeeded');
      await fixture.run();
      assert.deepEqual([only().status, only().looks, ittybit.lookups.length], ['dead', 1, 0]);
    });
  });

  describe('when Ittybit does not answer', () => {
    const both = () => {
      put(stored('submitted', { key: 'b.mp4', job_id: 'job_9', unclear: false, next_look_at: at(0) }));
      put(stored('dead', { unclear: true, next_look_at: at(1) }));
    };
    const asked = () => ittybit.gets.length + ittybit.lookups.length;

    it('asks nobody else in that run after a wrong key, a limit, or where the witness is not heard either', async () => {
      const failures: [PostOutcome, PostOutcome, number][] = [
        [answer(401), answer(200, '[]'), 0],
        [answer(402), answer(200, '[]'), 0],
        [answer(429), answer(200, '[]'), 0],
        [{ networkError: 'reset' }, { networkError: 'reset' }, 1],
        [answer(503), answer(503), 1],
        [answer(404), answer(200, '<html>'), 1],
      ];
      for (const [failure, witness, witnesses] of failures) {
        fixture = new ReconcileFixture();
        fixture.dispatch.now = NOW + HOUR;
        ({ ittybit } = fixture.dispatch);
        put(stored('dead', { unclear: true, next_look_at: at(0) }));
        put(stored('dead', { key: 'b.mp4', unclear: true, next_look_at: at(1) }));
        ittybit.lookupFailure = () => failure;
        ittybit.witnessAnswer = witness;
        await fixture.run();
        assert.deepEqual([asked(), ittybit.witnesses], [1, witnesses], JSON.stringify(failure));
        assert.ok(
          [...fixture.dispatch.ledger.items.values()].every(({ looks }) => looks === undefined),
          'no look counts',
        );
      }
    });

    it('takes a failure for one of this file alone where others are answered: nobody can tell', async () => {
      for (const failure of [
        answer(414),
        answer(403),
        answer(500),
        answer(204),
        { networkError: 'the job list is not readable' },
      ]) {
        put(stored('dead', { unclear: true, next_look_at: at(0) }));
        put(stored('dead', { key: 'b.mp4', unclear: true, next_look_at: at(1) }));
        const find = ittybit.find.bind(ittybit);
        ittybit.find = async (key, reference, input) =>
          input.endsWith('a.mp4') ? ({ failure } satisfies JobSearch) : find(key, reference, input);
        await fixture.run();
        const [a, b] = [...fixture.dispatch.ledger.items.values()];
        assert.deepEqual([a?.looks, isUnclear(a!), isUnclear(b!)], [1, true, false], JSON.stringify(failure));
      }
    });

    it('takes a job that is not there for no sign that Ittybit is away', async () => {
      both();
      await fixture.run();
      assert.deepEqual([ittybit.gets.length, ittybit.lookups.length, ittybit.witnesses], [1, 1, 0]);
    });

    it('asks nobody without a usable key, and brings on what needs none', async () => {
      const refused = new MediaBatchError('unusable-stack', 'no key');
      for (const apiKey of [async () => '', async () => Promise.reject(refused)]) {
        both();
        put(
          stored('retrying', { ...FILE, key: 'c.mp4', unclear: false, due_at: at(0), next_look_at: at(0) }),
        );
        fixture.sent.length = 0;
        const run = fixture.run({}, { apiKey });
        // A key that cannot be read is what the run's record must say.
        if ((await apiKey().catch(() => refused)) === refused) await assert.rejects(run, refused);
        else await run;
        assert.deepEqual([asked(), fixture.sent.length], [0, 1]);
      }
    });
  });
});
