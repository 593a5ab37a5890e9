import assert from 'node:assert/strict';
import { findDoneBefore, type EarlierResults } from '../../../../src/app/batch/done-before.ts';
import type { BatchMeta } from '../../../../src/core/batch/batch.ts';
import { isAbort } from '../../../../src/core/errors.ts';
import { DEFAULT_JOB_OPTIONS, type JobOptions } from '../../../../src/core/ittybit/job-options.ts';
import { STATUSES, type ResultItem, type Status } from '../../../../src/core/batch/result-item.ts';
import { workOf } from '../../../../src/core/batch/work.ts';
import { PIPELINE } from '../../../helpers/fakes.ts';
import { HUGE_TABLE } from '../../../helpers/huge-table.ts';

const JOB: JobOptions = { kind: 'video', options: { width: 640, format: 'mp4' } };
const FILE = { bucket: 'media', key: 'a.mp4', etag: '"1"' };
const WORK = workOf(FILE, { job: JOB, connectionId: '' });
const OPEN_OR_DONE: readonly Status[] = STATUSES.filter(
  (status) => !['dead', 'failed', 'cancelled'].includes(status),
);

const meta = (batch: string, job: JobOptions = JOB): BatchMeta => ({
  batch,
  bucket: 'media',
  prefix: '',
  job,
  extensions: ['mp4'],
  created_at: '2026-01-01T00:00:00.000Z',
});

/** What the table holds of the file: `work` is absent in results of older stacks. */
interface Held {
  readonly results: Readonly<Record<string, Status>>;
  readonly work?: string;
  readonly owners?: Readonly<Record<string, string>>;
}

/** The table's two reads: a batch a page, and one result for each batch. */
function earlier(metas: readonly BatchMeta[], { results, work, owners = {} }: Held) {
  const asked: string[] = [];
  const store: EarlierResults = {
    ...HUGE_TABLE,
    async list(_table, { next = '0' }) {
      const at = Number(next);
      return {
        items: metas.slice(at, at + 1),
        next: at + 1 < metas.length ? String(at + 1) : undefined,
      };
    },
    async source(_table, { key }) {
      asked.push(key);
      const items = Object.entries(results).map(
        ([batch, status]) => ({ batch, status, ...(work !== undefined && { work }) }) as ResultItem,
      );
      return { items, owners: new Map(Object.entries(owners)) };
    },
  };
  return { store, asked };
}

interface Asked {
  readonly job?: JobOptions;
  readonly except?: string;
  readonly etag?: string;
  readonly connectionId?: string;
}

const isDone = async (
  store: EarlierResults,
  { job = JOB, except, connectionId = '', etag = FILE.etag }: Asked = {},
) => {
  const areDone = await findDoneBefore(job, except, { ...PIPELINE, connectionId }, store);
  const [done] = await areDone([{ ...FILE, etag }]);
  return done;
};

describe('findDoneBefore, by the work', () => {
  const owned = (status: Status, work = WORK, metas = [meta('b1')]) =>
    earlier(metas, { results: { b1: status }, work, owners: { [work]: 'b1' } }).store;

  it('counts an owner that succeeded, is covered, open or waiting, and no other', async () => {
    for (const status of STATUSES) {
      assert.equal(await isDone(owned(status)), OPEN_OR_DONE.includes(status), status);
    }
  });

  it('does not count a file without a job in a cancelled batch: it ends as cancelled', async () => {
    const brake = { disarmed: [], cancelled: { at: '', by: 'operator' } };
    const withoutJob = ['submitting', 'retrying', 'waiting', 'dead', 'failed', 'cancelled'];
    for (const status of STATUSES) {
      const store = owned(status, WORK, [{ ...meta('b1'), brake }, meta('b2')]);
      assert.equal(await isDone(store), !withoutJob.includes(status), status);
    }
    assert.equal(await isDone(owned('retrying', WORK, [meta('b1'), { ...meta('b2'), brake }])), true);
  });

  it('takes another version of the file for other work', async () => {
    assert.equal(await isDone(owned('succeeded'), { etag: '"2"' }), false);
    assert.equal(await isDone(owned('succeeded', WORK.replace('"1"', '"2"'))), false);
  });

  it('takes an empty ETag for none, as a message does', async () => {
    const bare = workOf({ ...FILE, etag: undefined }, { job: JOB, connectionId: '' });
    assert.equal(await isDone(owned('succeeded', bare), { etag: '' }), true);
    assert.equal(await isDone(owned('succeeded', bare)), false);
  });

  it('takes another connection, output or job for other work, and the same one whoever names it', async () => {
    assert.equal(await isDone(owned('succeeded'), { connectionId: 'conn_2' }), false);
    const named = { ...JOB, connection_id: 'conn_2' };
    const byStack = workOf(FILE, { job: JOB, connectionId: 'conn_2' });
    assert.equal(
      await isDone(owned('succeeded', byStack), { job: named }),
      true,
      'the batch has another job',
    );
    assert.equal(await isDone(owned('succeeded'), { job: { ...JOB, output: 's3://out/{key}.mp4' } }), false);
    const again = workOf(FILE, { job: JOB, connectionId: '', again: 'b1' });
    assert.equal(await isDone(owned('succeeded', again)), false, 'work of its own covers no other');
  });

  it('takes no owner for one whose item names another work, or that has no item', async () => {
    const other = { results: { b1: 'succeeded' as const }, work: `${WORK}x`, owners: { [WORK]: 'b1' } };
    assert.equal(await isDone(earlier([meta('b1')], other).store), false);
    assert.equal(await isDone(earlier([meta('b1')], { results: {}, owners: { [WORK]: 'b1' } }).store), false);
  });

  it('counts an adopted owner, whose item names no work', async () => {
    const adopted = { results: { gone: 'succeeded' as const }, owners: { [WORK]: 'gone' } };
    assert.equal(await isDone(earlier([meta('b1')], adopted).store), true);
  });

  it('asks about no file where no batch asks for such a result', async () => {
    for (const job of [
      { kind: 'video', options: { width: 641 } } as const,
      { ...JOB, kind: 'adaptive_video' } as const,
    ]) {
      const held = { results: { b1: 'succeeded' as const }, owners: { [WORK]: 'b1' } };
      const { store, asked } = earlier([meta('b1', job), meta('mine')], held);
      assert.equal(await isDone(store, { except: 'mine' }), false);
      assert.deepEqual(asked, []);
    }
  });

  it('does not count a file that the batch itself has an item of, whoever has done it', async () => {
    const held = {
      results: { b1: 'succeeded' as const, mine: 'covered' as const },
      work: WORK,
      owners: { [WORK]: 'b1' },
    };
    const { store } = earlier([meta('b1'), meta('mine')], held);
    assert.equal(await isDone(store, { except: 'mine' }), false);
    assert.equal(await isDone(store, { except: 'other' }), true);
  });
});

describe('findDoneBefore, in results of older stacks', () => {
  const old = (metas: readonly BatchMeta[], results: Held['results']) => earlier(metas, { results });

  it('counts a result that succeeded or is under way, and no other', async () => {
    for (const status of STATUSES) {
      const { store } = old([meta('other', { kind: 'audio', options: {} }), meta('b1')], { b1: status });
      assert.equal(await isDone(store), OPEN_OR_DONE.includes(status), status);
    }
  });

  it('counts only batches with exactly the same job, in any order of its fields', async () => {
    const same: JobOptions[] = [
      { options: { format: 'mp4', width: 640 }, kind: 'video' },
      JSON.parse(JSON.stringify(JOB)) as JobOptions,
    ];
    for (const job of same) {
      assert.ok(await isDone(old([meta('b1', job)], { b1: 'succeeded' }).store));
    }
    const others: JobOptions[] = [
      { kind: 'video', options: { width: 640 } },
      { ...JOB, output: 's3://out/{stem}.mp4' },
      { ...JOB, connection_id: 'conn_1' },
    ];
    for (const job of others) {
      assert.equal(await isDone(old([meta('b1', job)], { b1: 'succeeded' }).store), false);
    }
  });

  it('does not count a result that names its work: it may be of another version', async () => {
    const held = { results: { b1: 'succeeded' as const }, work: WORK };
    assert.equal(await isDone(earlier([meta('b1')], held).store, { etag: '"2"' }), false);
  });

  it('does not count results of an unknown job, or of the batch itself', async () => {
    const { store } = old([meta('b1'), meta('mine')], { forgotten: 'succeeded', mine: 'succeeded' });
    assert.equal(await isDone(store, { except: 'mine' }), false);
    assert.equal(await isDone(store), true);
  });

  it('knows the job of bare messages, whose batch has no record', async () => {
    const results = { default: 'succeeded' } as const;
    const job = DEFAULT_JOB_OPTIONS;
    assert.equal(await isDone(old([], results).store, { job }), true);
    assert.equal(await isDone(old([], results).store), false);
    const changed = [meta('default', JOB)];
    assert.equal(await isDone(old(changed, results).store, { job }), false);
    assert.equal(await isDone(old(changed, results).store), true);
  });

  it('hands on a cancel', async () => {
    const { store } = old([meta('b1')], {});
    store.list = async (_table, _page, signal) => {
      signal?.throwIfAborted();
      return { items: [], next: undefined };
    };
    const aborted = AbortSignal.abort();
    await assert.rejects(findDoneBefore(JOB, undefined, PIPELINE, store, aborted), isAbort);
  });
});
