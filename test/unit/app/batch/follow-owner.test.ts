import assert from 'node:assert/strict';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { ReconcileFixture } from '../../../helpers/reconcile-fixture.ts';
import { at, FILE, HOUR, MINUTE, NOW, ofOldStack, stored } from '../../../helpers/stored-items.ts';

const WORK = 'work#1#-';

describe('reconcile, of a file that waits for another batch', () => {
  let fixture: ReconcileFixture;

  beforeEach(() => {
    fixture = new ReconcileFixture();
    fixture.dispatch.now = NOW + MINUTE;
    put(stored('waiting', { covered_by: 'b0', unclear: false, next_look_at: at(0) }));
    fixture.dispatch.ledger.works.set(`s3://media/a.mp4 ${WORK}`, 'b0');
  });

  function put(item: ResultItem): void {
    fixture.dispatch.ledger.items.set(`${item.batch} s3://media/a.mp4`, item);
  }
  /** An owner that the reconciler itself need not look at now. */
  const owner = (item: ResultItem) => {
    put({ ...item, batch: 'b0', next_look_at: at(9 * HOUR) });
  };
  const own = () => fixture.dispatch.ledger.items.get('b1 s3://media/a.mp4')!;

  it('ends with the output of an owner that succeeded', async () => {
    owner(stored('succeeded', { output_url: 's3://out', duration_ms: 7 }));
    await fixture.run();
    assert.deepEqual(
      [own().status, own().covered_by, own().output_url, own().duration_ms],
      ['covered', 'b0', 's3://out', 7],
    );
  });

  it('waits for an owner that is under way, or may have a job, and asks again within an hour', async () => {
    for (const item of [
      ...(['submitting', 'retrying', 'submitted', 'processing'] as const).map((status) => stored(status)),
      stored('dead', { unclear: true }),
      ofOldStack('dead'),
    ]) {
      owner(item);
      const { looks = 0 } = own();
      await fixture.run({ batch: 'b1', everything: true });
      assert.deepEqual([own().status, own().looks], ['waiting', looks + 1], item.status);
      assert.ok(Date.parse(own().next_look_at!) <= fixture.dispatch.now + HOUR);
    }
    assert.equal(fixture.sent.length, 0);
  });

  it('fails as its owner did, with that cause, unpaid', async () => {
    owner(stored('failed', { error: 'codec' }));
    await fixture.run();
    assert.deepEqual(
      [own().status, own().error, fixture.sent.length],
      ['failed', 'As in batch b0: codec', 0],
    );
  });

  it('becomes dead where nobody can tell of its owner, and stays clear', async () => {
    owner(stored('dead', { unclear: true, cannot_tell: true, error: 'cannot tell' }));
    await fixture.run();
    assert.deepEqual([own().status, own().error, own().unclear], ['dead', 'Batch b0: cannot tell', false]);
  });

  it('is sent again where its owner will not do the work: dead and clear, cancelled, or no owner', async () => {
    const lost = { ...stored('submitted'), work: 'work#2#-' };
    for (const item of [stored('dead', { unclear: false }), stored('cancelled'), lost, undefined]) {
      fixture.dispatch.ledger.items.clear();
      put(stored('waiting', { covered_by: 'b0', unclear: false, next_look_at: at(0), attempts: 3 }));
      if (item) owner(item);
      fixture.sent.length = 0;
      assert.equal((await fixture.run({ batch: 'b1' })).sentAgain, 1);
      assert.deepEqual(
        [own().status, own().attempts, own().covered_by, fixture.sent.length],
        ['retrying', 0, undefined, 1],
      );
    }
  });

  it('then takes over the work, and pays once', async () => {
    owner(stored('dead', { unclear: false }));
    await fixture.run();
    await fixture.deliverSent();
    assert.deepEqual([own().status, fixture.dispatch.ittybit.jobs.length], ['submitted', 1]);
  });

  it('moves by condition first: a crash before the message is healed like any lost message', async () => {
    owner(stored('cancelled'));
    fixture.beforeSend = () => {
      throw new Error('crash');
    };
    await assert.rejects(fixture.run(), /crash/);
    assert.equal(own().status, 'retrying');
    fixture.beforeSend = () => undefined;
    fixture.dispatch.now += HOUR + MINUTE;
    await fixture.run();
    assert.deepEqual(
      fixture.sent.map(({ batch, key }) => [batch, key]),
      [[FILE.batch, FILE.key]],
    );
  });

  it('does nothing where another run has moved it on meanwhile', async () => {
    owner(stored('cancelled'));
    fixture.dispatch.ledger.beforeWrite = () => {
      put({ ...own(), rev: 99 });
    };
    assert.equal((await fixture.run()).sentAgain, 0);
    assert.deepEqual([own().status, fixture.sent.length], ['waiting', 0]);
  });
});
