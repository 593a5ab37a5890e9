import assert from 'node:assert/strict';
import pMap from 'p-map';
import type { DispatchServices } from '../../../../src/app/batch/dispatch-services.ts';
import { BRAKE_AFTER } from '../../../../src/core/batch/brake.ts';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { reported } from '../../../../src/core/batch/transitions.ts';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { parseJobReport } from '../../../../src/core/ittybit/webhook-payload.ts';
import { stopped } from '../../../../src/core/stack/dispatch-rules.ts';
import { DispatchFixture, MINUTE } from '../../../helpers/dispatch-fixture.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';
import { ReconcileFixture } from '../../../helpers/reconcile-fixture.ts';

const FILES = 600;
/** Batch size x concurrency of the template. */
const IN_FLIGHT = 5 * 2;

describe('600 files with something that is wrong from the start', () => {
  let fixture: DispatchFixture;
  let timers: FastTimers;

  beforeEach(() => {
    fixture = new DispatchFixture();
    timers = fastTimers(0, (ms) => (fixture.now += ms));
  });
  afterEach(() => {
    timers.restore();
  });

  /** A stop holds everybody who reads the dispatch item after it, as on the real stack. */
  const stop = async (reason: string, waitMs?: number) => {
    fixture.state = stopped(fixture.state, { reason, waitMs }, 'consumer', fixture.now) ?? fixture.state;
  };
  const drain = (change: Partial<DispatchServices> = {}, from = 0, to = FILES) => {
    const numbers = Array.from({ length: to - from }, (_, i) => from + i);
    const body = (n: number) => encodeQueueMessage({ batch: 'b1', bucket: 'media', key: `${n}.mp4` });
    return pMap(numbers, (n) => fixture.deliver(body(n), { stop, ...change }), { concurrency: IN_FLIGHT });
  };
  const refuse = (status: number, message: string) => {
    fixture.always(status, JSON.stringify({ error: { message } }));
  };
  const touched = () => fixture.ledger.items.size;

  const MISTAKES: {
    readonly name: string;
    readonly wrong: () => Partial<DispatchServices>;
    readonly says: RegExp;
    /** files that end before somebody may say that all of them do */
    readonly before: number;
  }[] = [
    {
      name: 'a connection that does not exist',
      wrong: () => (refuse(422, 'The connection conn_1 does not exist'), {}),
      ...{ says: /connection conn_1 does not exist/, before: BRAKE_AFTER },
    },
    {
      name: 'an option that Ittybit refuses',
      wrong: () => (refuse(400, 'width must be at most 4096'), {}),
      ...{ says: /width must be at most 4096/, before: BRAKE_AFTER },
    },
    {
      name: 'a wrong API key',
      wrong: () => (refuse(401, 'invalid key'), {}),
      ...{ says: /401|API key/, before: 0 },
    },
    {
      name: 'an unpaid account',
      wrong: () => (refuse(402, 'payment required'), {}),
      ...{ says: /402|payment/i, before: 0 },
    },
    {
      name: 'a wrong API URL',
      wrong: () => {
        refuse(404, 'nothing here');
        fixture.ittybit.witnessAnswer = { status: 404, retryAfter: undefined, body: '' };
        return {};
      },
      ...{ says: /404/, before: 0 },
    },
    {
      name: 'a secret that is gone',
      wrong: () => ({
        apiKey: () =>
          Promise.reject(new MediaBatchError('unusable-stack', 'The API key secret was deleted.')),
      }),
      ...{ says: /secret was deleted/, before: 0 },
    },
    {
      name: 'no API key',
      wrong: () => {
        fixture.keys = { cached: '', fresh: '' };
        return {};
      },
      ...{ says: /no usable Ittybit API key/, before: 0 },
    },
  ];

  for (const { name, wrong, says, before } of MISTAKES) {
    it(`stop after a handful, and say so: ${name}`, async () => {
      const disposals = await drain(wrong());
      const posts = fixture.ittybit.posts.length;
      assert.ok(touched() <= before + IN_FLIGHT, `${touched()} files touched`);
      assert.ok(posts <= before + 2 * IN_FLIGHT, `${posts} requests`);
      assert.equal(fixture.ittybit.jobs.length, 0);
      const { hold } = fixture.brakes.of('b1');
      assert.match(hold?.reason ?? fixture.state.reason ?? '', says);
      assert.equal(hold === undefined, fixture.state.state === 'paused');
      // All others wait in the queue, untouched, and go on once the mistake is mended.
      assert.ok(disposals.filter(({ done }) => !done).length >= FILES - before - IN_FLIGHT);
      assert.ok(fixture.buried.length <= before + IN_FLIGHT);
    });
  }

  describe('an output that Ittybit may not write to, which shows only when jobs end', () => {
    const A_MINUTE = 60;
    /** Jobs of the last minute end; then the reconciler has its minute. */
    const endJobs = async (failsAt: (n: number) => boolean) => {
      const reconciler = new ReconcileFixture(fixture);
      for (let from = 0; from < FILES && !fixture.brakes.of('b1').hold; from += A_MINUTE) {
        await drain({}, from, from + A_MINUTE);
        for (const item of [...fixture.ledger.items.values()]) {
          if (item.status !== 'submitted') continue;
          const status = failsAt(Number.parseInt(item.key, 10)) ? 'failed' : 'succeeded';
          const report = parseJobReport({
            ...{ id: item.job_id, object: 'job', kind: 'video', status },
            error: status === 'failed' ? { message: 'AccessDenied on s3://results' } : null,
          });
          fixture.now += 1;
          const next = reported(item, item, 1, report, fixture.now);
          if (next) await fixture.ledger.write({ before: item, next });
        }
        fixture.now += MINUTE;
        await reconciler.run();
      }
      await drain({}, touched(), FILES);
      return fixture.brakes.of('b1').hold?.reason;
    };

    it('holds the batch at the reconciler’s next run where all fail', async () => {
      assert.match((await endJobs(() => true)) ?? '', /^60 of the last 60 jobs failed.*AccessDenied/);
      assert.equal(touched(), A_MINUTE);
    });

    it('holds it where a fifth of the last 100 fail, and not where fewer do', async () => {
      assert.match((await endJobs((n) => n % 5 === 0)) ?? '', /^2\d of the last 100 jobs failed/);
      assert.equal(touched(), 2 * A_MINUTE);
    });

    it('goes on where less than a fifth fail', async () => {
      assert.equal(await endJobs((n) => n % 6 === 0), undefined);
      assert.equal(touched(), FILES);
    });
  });
});
