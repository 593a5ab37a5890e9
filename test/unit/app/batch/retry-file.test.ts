import assert from 'node:assert/strict';
import { retryFile } from '../../../../src/app/batch/retry-file.ts';
import { changeItem } from '../../../../src/app/batch/change-item.ts';
import { reported } from '../../../../src/core/batch/transitions.ts';
import { STATUSES } from '../../../../src/core/batch/result-item.ts';
import { DispatchFixture, FILE, MINUTE } from '../../../helpers/dispatch-fixture.ts';
import { ReconcileFixture } from '../../../helpers/reconcile-fixture.ts';

const HOUR = 60 * MINUTE;

describe('retryFile', () => {
  let fixture: DispatchFixture;
  let reconciler: ReconcileFixture;

  beforeEach(() => {
    fixture = new DispatchFixture();
    reconciler = new ReconcileFixture(fixture);
  });

  const retry = (payAgain = false) => retryFile(FILE, { payAgain }, reconciler.services);
  const report = (status: 'failed' | 'succeeded', run: number, reference?: string) =>
    changeItem(fixture.ledger, FILE, (item) => {
      const said = {
        about: 'job' as const,
        status,
        rawStatus: status,
        jobId: `job_${run}`,
        ...(reference !== undefined && { reference }),
      };
      return reported(item, FILE, run, said, fixture.now);
    });
  const state = () => [fixture.ledger.only.status, fixture.ledger.only.run];

  /** A file whose job has failed. */
  async function failed(): Promise<string> {
    await fixture.deliver();
    await report('failed', 1);
    return fixture.ledger.only.reference!;
  }

  it('pays for another run of a failed file, at an address and with a reference of its own', async () => {
    const before = await failed();
    assert.equal(await retry(), true);
    assert.deepEqual(state(), ['retrying', 2]);
    await reconciler.deliverSent();
    assert.deepEqual([state(), fixture.ittybit.jobs.length], [['submitted', 2], 2]);
    const [, second] = fixture.ittybit.posts;
    assert.notEqual(second!.reference, before);
    assert.match((JSON.parse(second!.body) as { webhook_url: string }).webhook_url, /\/b1~2\/[^/]+\/[^/]+$/);
  });

  it('lets no late report of the run before touch the new one, in any of its states', async () => {
    const before = await failed();
    await retry();
    for (const step of [
      async () => undefined,
      () => reconciler.deliverSent(),
      () => report('succeeded', 2),
    ]) {
      await step();
      const [item] = [fixture.ledger.only];
      for (const reference of [before, undefined]) {
        await report('succeeded', 1, reference);
        await report('failed', 1, reference);
      }
      assert.equal(fixture.ledger.only, item);
    }
    assert.deepEqual(state(), ['succeeded', 2]);
  });

  it('is healed where the message is lost after the item was written', async () => {
    await failed();
    reconciler.beforeSend = () => {
      throw new Error('SQS is away');
    };
    await assert.rejects(retry(), /SQS is away/);
    reconciler.beforeSend = () => undefined;
    assert.deepEqual(state(), ['retrying', 2]);
    assert.equal(await retry(), false, 'it is on its way');
    fixture.now += 16 * MINUTE;
    await reconciler.run();
    await reconciler.deliverSent();
    assert.deepEqual([state(), fixture.ittybit.jobs.length], [['submitted', 2], 2]);
  });

  it('pays one run for two clicks at once', async () => {
    await failed();
    const both = await Promise.all([retry(), retry()]);
    assert.deepEqual(both.toSorted(), [false, true]);
    await reconciler.deliverSent();
    assert.deepEqual([state(), fixture.ittybit.jobs.length], [['submitted', 2], 2]);
  });

  it('pays nothing for a failed file whose work another batch has done meanwhile', async () => {
    await failed();
    await fixture.deliver(JSON.stringify({ v: 1, ...FILE, batch: 'b2' }));
    fixture.ittybit.jobs[1]!.status = 'succeeded';
    fixture.now += HOUR;
    await reconciler.run();
    await retry();
    await reconciler.deliverSent();
    const statuses = [...fixture.ledger.items.values()].map(({ status }) => status);
    assert.deepEqual([statuses, fixture.ittybit.jobs.length], [['covered', 'succeeded'], 2]);
  });

  it('sends a dead file again in the same run, and its letter does not send it twice', async () => {
    fixture.always(400);
    await fixture.deliver();
    fixture.ittybit.answer = () => undefined;
    await retry();
    await reconciler.deliverSent();
    assert.deepEqual(state(), ['submitted', 1]);
    await reconciler.redrive();
    assert.equal(fixture.ittybit.jobs.length, 1);
  });

  it('looks for the job of a dead, unclear file first, and pays again only where the user says so', async () => {
    fixture.ittybit.answer = () => ({ after: { networkError: 'lost' } });
    for (let i = 0; i < 3; i++) await fixture.deliver();
    assert.deepEqual([state(), fixture.ledger.only.unclear], [['dead', 1], true]);
    fixture.ittybit.answer = () => undefined;
    await retry();
    await reconciler.deliverSent();
    assert.deepEqual([state(), fixture.ittybit.posts.length], [['retrying', 1], 3]);
    fixture.now += HOUR;
    await reconciler.run();
    assert.deepEqual([state(), fixture.ittybit.jobs.length], [['submitted', 1], 1]);
  });

  it('pays again for a dead file whose job nobody can tell, as the user says', async () => {
    fixture.ittybit.answer = () => ({ after: { networkError: 'lost' } });
    for (let i = 0; i < 3; i++) await fixture.deliver();
    fixture.ittybit.answer = () => undefined;
    assert.equal(await retry(true), true);
    await reconciler.deliverSent();
    assert.deepEqual([state(), fixture.ittybit.jobs.length], [['submitted', 2], 2]);
  });

  it('refuses every other state, and a file that nobody knows', async () => {
    assert.equal(await retry(true), false);
    await fixture.deliver();
    const item = fixture.ledger.only;
    for (const status of STATUSES.filter((one) => !['failed', 'cancelled', 'dead'].includes(one))) {
      fixture.ledger.items.set('b1 s3://media/dir/a b.mp4', { ...item, status });
      assert.equal(await retry(true), false, status);
    }
    assert.equal(reconciler.sent.length, 0);
  });
});
