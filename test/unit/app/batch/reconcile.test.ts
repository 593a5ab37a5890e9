import assert from 'node:assert/strict';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { OPEN_STATUSES } from '../../../../src/core/batch/open-files.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import { ReconcileFixture } from '../../../helpers/reconcile-fixture.ts';
import { at, HOUR, MINUTE, NOW, stored } from '../../../helpers/stored-items.ts';

const NOTHING = {
  looked: 0,
  asked: 0,
  ended: 0,
  sentAgain: 0,
  lettersRemoved: 0,
  lettersExplained: 0,
  unreadable: 0,
  silent: 0,
  held: 0,
};

describe('reconcile', () => {
  let fixture: ReconcileFixture;

  beforeEach(() => {
    fixture = new ReconcileFixture();
    fixture.dispatch.now = NOW + HOUR;
  });

  const put = (status: Status, key: string, change: Partial<ResultItem> = {}) => {
    const item = stored(status, { key, unclear: false, next_look_at: at(0), ...change });
    fixture.dispatch.ledger.items.set(`${item.batch} s3://${item.bucket}/${key}`, item);
  };
  const submitted = (key: string, change: Partial<ResultItem> = {}) => {
    const id = `job_${key}_${change.batch ?? ''}`;
    put('submitted', key, { job_id: id, reference: id, ...change });
    fixture.dispatch.ittybit.jobs.push({ id, reference: id, at: NOW, status: 'succeeded' });
  };
  const left = () =>
    [...fixture.dispatch.ledger.items.values()].filter(({ status }) => status !== 'succeeded').length;
  /** Each request to Ittybit takes this long. */
  const slow = (ms: number) => {
    const get = fixture.dispatch.ittybit.get.bind(fixture.dispatch.ittybit);
    fixture.dispatch.ittybit.get = async (...args) => {
      fixture.dispatch.now += ms;
      return get(...args);
    };
  };

  it('does nothing where nothing is open or due', async () => {
    assert.deepEqual(await fixture.run(), NOTHING);
    for (const status of ['succeeded', 'failed', 'cancelled', 'covered', 'dead'] as const)
      put(status, `${status}.mp4`);
    put('waiting', 'later.mp4', { next_look_at: at(2 * HOUR) });
    assert.deepEqual(await fixture.run(), NOTHING);
    assert.deepEqual(await fixture.run({ everything: true }), { ...NOTHING, looked: 1, sentAgain: 1 });
  });

  it('looks at every due file of every batch, and says what it did', async () => {
    for (const batch of ['b1', 'b2', 'b3']) for (let i = 0; i < 5; i++) submitted(`${i}.mp4`, { batch });
    put('retrying', 'gone.mp4', { due_at: at(0) });
    const said = await fixture.run();
    assert.deepEqual(said, { ...NOTHING, looked: 16, asked: 15, ended: 15, sentAgain: 1 });
  });

  it('looks at one batch only where it is asked for one', async () => {
    for (const batch of ['b1', 'b2']) submitted('a.mp4', { batch });
    await fixture.run({ batch: 'b2' });
    assert.equal(fixture.dispatch.ledger.items.get('b2 s3://media/a.mp4')?.status, 'succeeded');
    assert.equal(left(), 1);
  });

  it('begins nothing after its deadline, and the next run goes on', async () => {
    for (let i = 0; i < 20; i++) submitted(`${i}.mp4`);
    slow(10_000);
    const { looked } = await fixture.run();
    assert.equal(looked, 6);
    for (let runs = 0; left() > 0; runs++) {
      assert.ok(runs < 3);
      await fixture.run();
    }
  });

  it('gives each batch its turn, whatever the size of the others', async () => {
    for (let i = 0; i < 50; i++) submitted(`${i}.mp4`, { batch: 'b1' });
    submitted('a.mp4', { batch: 'b2' });
    slow(10_000);
    await fixture.run();
    assert.equal(fixture.dispatch.ledger.items.get('b2 s3://media/a.mp4')?.status, 'succeeded');
  });

  it('gives each status its turn, although those at Ittybit alone could fill each run', async () => {
    const first = new Set<string>();
    for (let run = 0; run < 60; run++) {
      fixture = new ReconcileFixture();
      fixture.dispatch.now = NOW + HOUR;
      fixture.random = run / 60;
      for (const status of OPEN_STATUSES) put(status, `${status}.mp4`, { unclear: true });
      const read = fixture.dispatch.ledger.read.bind(fixture.dispatch.ledger);
      fixture.dispatch.ledger.read = async (file) => {
        first.add((await read(file))!.status);
        fixture.dispatch.now += HOUR;
        return read(file);
      };
      await fixture.run();
    }
    assert.deepEqual([...first].toSorted(), [...OPEN_STATUSES].toSorted());
  });

  it('begins with another batch each time, so that the last one does not starve', async () => {
    const seen = new Set<string>();
    for (const random of [0, 0.3, 0.6, 0.99]) {
      fixture = new ReconcileFixture();
      fixture.dispatch.now = NOW + HOUR;
      fixture.random = random;
      for (const batch of ['b1', 'b2', 'b3', 'b4']) submitted('a.mp4', { batch });
      slow(MINUTE);
      await fixture.run();
      for (const item of fixture.dispatch.ledger.items.values())
        if (item.status === 'succeeded') seen.add(item.batch);
    }
    assert.deepEqual([...seen].toSorted(), ['b1', 'b2', 'b3', 'b4']);
  });

  it('counts the batches that are held, unless it is asked about one', async () => {
    for (const batch of ['b1', 'b2', 'b3']) submitted('a.mp4', { batch });
    for (const batch of ['b1', 'b3']) fixture.openFiles.held.add(batch);
    assert.equal((await fixture.run()).held, 2);
    assert.equal((await fixture.run({ batch: 'b1' })).held, 0);
  });

  it('counts an item that it cannot read, and goes on with the others', async () => {
    for (const key of ['a.mp4', 'b.mp4', 'c.mp4']) submitted(key);
    const read = fixture.dispatch.ledger.read.bind(fixture.dispatch.ledger);
    fixture.dispatch.ledger.read = async (file) =>
      file.key === 'b.mp4' ? Promise.reject(new MediaBatchError('unreadable-item', 'no')) : read(file);
    assert.deepEqual(await fixture.run(), { ...NOTHING, looked: 2, asked: 2, ended: 2, unreadable: 1 });
  });

  it('goes on after a file that cannot be written, and ends with its failure', async () => {
    for (const key of ['a.mp4', 'b.mp4', 'c.mp4']) submitted(key);
    fixture.dispatch.ledger.beforeWrite = ({ next }) => {
      if (next.key === 'a.mp4') throw new Error('ValidationException');
    };
    await assert.rejects(fixture.run(), /ValidationException/);
    assert.equal(left(), 1);
  });

  it('ends after a few failures: then something is wrong with all files', async () => {
    for (let i = 0; i < 50; i++) submitted(`${i}.mp4`);
    let writes = 0;
    fixture.dispatch.ledger.beforeWrite = () => {
      writes += 1;
      throw new Error('ThrottlingException');
    };
    await assert.rejects(fixture.run(), /Throttling/);
    assert.equal(writes, 5);
  });

  it('raises what prevents it from finding files at all', async () => {
    fixture.services.openFiles.batches = () => Promise.reject(new Error('AccessDenied'));
    await assert.rejects(fixture.run(), /AccessDenied/);
  });
});
