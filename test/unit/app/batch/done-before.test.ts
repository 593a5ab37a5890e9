import assert from 'node:assert/strict';
import { findDoneBefore, type EarlierResults } from '../../../../src/app/batch/done-before.ts';
import type { BatchMeta } from '../../../../src/core/batch/batch.ts';
import { isAbort } from '../../../../src/core/errors.ts';
import { DEFAULT_JOB_OPTIONS, type JobOptions } from '../../../../src/core/ittybit/job-options.ts';
import { STATUSES, type ResultItem } from '../../../../src/core/batch/result-item.ts';

const JOB: JobOptions = { kind: 'video', options: { width: 640, format: 'mp4' } };
const FILE = { bucket: 'media', key: 'a.mp4' };

const meta = (batch: string, job: JobOptions = JOB): BatchMeta => ({
  batch,
  bucket: 'media',
  prefix: '',
  job,
  extensions: ['mp4'],
  created_at: '2026-01-01T00:00:00.000Z',
});

/** The table's two reads: a batch a page, and one result for each batch. */
function earlier(metas: readonly BatchMeta[], results: Record<string, string>) {
  const asked: string[] = [];
  const store: EarlierResults = {
    async list(_table, { next = '0' }) {
      const at = Number(next);
      return {
        items: metas.slice(at, at + 1),
        next: at + 1 < metas.length ? String(at + 1) : undefined,
      };
    },
    async resultsOf(_table, { key }) {
      asked.push(key);
      return Object.entries(results).map(([batch, status]) => ({ batch, status }) as ResultItem);
    },
  };
  return { store, asked };
}

const isDone = async (store: EarlierResults, job = JOB, except?: string) =>
  (await findDoneBefore(job, except, 'table', store))(FILE);

describe('findDoneBefore', () => {
  it('counts a result that succeeded or is under way, and no other', async () => {
    for (const status of STATUSES) {
      const { store } = earlier([meta('other', { kind: 'audio', options: {} }), meta('b1')], { b1: status });
      const expected = !['dead', 'failed', 'cancelled'].includes(status);
      assert.equal(await isDone(store), expected, status);
    }
  });

  it('counts only batches with exactly the same job, in any order of its fields', async () => {
    const same: JobOptions[] = [
      { options: { format: 'mp4', width: 640 }, kind: 'video' },
      JSON.parse(JSON.stringify(JOB)) as JobOptions,
    ];
    for (const job of same) {
      assert.ok(await isDone(earlier([meta('b1', job)], { b1: 'succeeded' }).store));
    }
    const others: JobOptions[] = [
      { kind: 'video', options: { width: 640 } },
      { kind: 'video', options: { width: 641, format: 'mp4' } },
      { kind: 'adaptive_video', options: { width: 640 } },
      { ...JOB, output: 's3://out/{stem}.mp4' },
      { ...JOB, connection_id: 'conn_1' },
    ];
    for (const job of others) {
      const { store, asked } = earlier([meta('b1', job)], { b1: 'succeeded' });
      assert.equal(await isDone(store), false);
      assert.deepEqual(asked, [], 'no batch can have it');
    }
  });

  it('does not count results of an unknown job, or of the batch itself', async () => {
    const { store } = earlier([meta('b1'), meta('mine')], { forgotten: 'succeeded', mine: 'succeeded' });
    assert.equal(await isDone(store, JOB, 'mine'), false);
    assert.equal(await isDone(store), true);
  });

  it('knows the job of bare messages, whose batch has no record', async () => {
    const results = { default: 'succeeded' };
    assert.equal(await isDone(earlier([], results).store, DEFAULT_JOB_OPTIONS), true);
    assert.equal(await isDone(earlier([], results).store), false);
    const changed = [meta('default', JOB)];
    assert.equal(await isDone(earlier(changed, results).store, DEFAULT_JOB_OPTIONS), false);
    assert.equal(await isDone(earlier(changed, results).store), true);
  });

  it('hands on a cancel', async () => {
    const { store } = earlier([meta('b1')], {});
    store.list = async (_table, _page, signal) => {
      signal?.throwIfAborted();
      return { items: [], next: undefined };
    };
    await assert.rejects(findDoneBefore(JOB, undefined, 'table', store, AbortSignal.abort()), isAbort);
  });
});
