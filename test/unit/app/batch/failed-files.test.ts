import assert from 'node:assert/strict';
import { FailedFiles, failuresIn, readCounts } from '../../../../src/app/batch/failed-files.ts';
import { zeroCounts, type BatchRecord } from '../../../../src/core/batch/batch.ts';
import type { PageRequest } from '../../../../src/core/page.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { FakeBatches, PIPELINE } from '../../../helpers/fakes.ts';
import { at, stored } from '../../../helpers/stored-items.ts';

const countsOf = (failed: number, dead: number): BatchRecord => ({
  meta: undefined,
  checkpoints: [],
  counts: { ...zeroCounts(), failed, dead },
});

/** Files of two batches whose times are mixed, newest first. */
function world(count: number) {
  const store = new FakeBatches();
  const items = Array.from({ length: count }, (_, index): ResultItem => {
    const batch = index % 3 === 0 ? 'b2' : 'b1';
    const status = index % 2 === 0 ? 'failed' : 'dead';
    return stored(status, { batch, key: `k${index}`, updated_at: at(-index * 1000) });
  });
  store.items = items;
  const many = (batch: string, status: string) =>
    items.filter((item) => item.batch === batch && item.status === status).length;
  const counts = new Map(
    ['b1', 'b2', 'b3'].map((batch) => [batch, countsOf(many(batch, 'failed'), many(batch, 'dead'))]),
  );
  const reads: (PageRequest & { batch: string; status: string })[] = [];
  const read = (list: Parameters<typeof store.results>[1], page: PageRequest) => {
    reads.push({ ...list, ...page });
    return store.results('t', list, page);
  };
  return { items, counts, read, reads };
}

describe('failed files', () => {
  it('are the newest of all batches, failed and dead, in order', async () => {
    const { items, counts, read } = world(1000);
    const files = new FailedFiles(counts);
    assert.deepEqual([files.total, files.hasMore, files.items], [1000, true, []]);
    await files.readUpTo(450, read);
    assert.deepEqual(files.items, items.slice(0, 450));
    assert.deepEqual([files.total, files.hasMore], [1000, true]);
    await files.readUpTo(5000, read);
    assert.deepEqual(files.items, items);
    assert.equal(files.hasMore, false);
  });

  it('cost no read of a batch without any, and one page where one is enough', async () => {
    const { counts, read, reads } = world(40);
    let pages = 0;
    await new FailedFiles(counts).readUpTo(10_000, read, () => (pages += 1));
    assert.deepEqual(reads.map(({ batch, status }) => `${batch} ${status}`).sort(), [
      ...['b1 dead', 'b1 failed', 'b2 dead', 'b2 failed'],
    ]);
    assert.equal(pages, 1);
  });

  it('are as many as were found where the counts are late', async () => {
    const { counts, read } = world(10);
    const files = new FailedFiles(new Map([...counts, ['b1', countsOf(500, 500)]]));
    await files.readUpTo(100, read);
    assert.equal(files.total, 10);
  });

  it('stay when a later page cannot be read, and are read on from there', async () => {
    const { items, counts, read } = world(1000);
    const files = new FailedFiles(counts);
    let calls = 0;
    await assert.rejects(
      files.readUpTo(1000, async (list, page) => {
        calls += 1;
        if (calls === 6) throw new Error('away');
        return read(list, page);
      }),
      /away/,
    );
    const before = files.items.length;
    assert.ok(before >= 100, String(before));
    await files.readUpTo(1000, read);
    assert.deepEqual(files.items, items);
  });
});

describe('the counts of all batches', () => {
  it('are read for those that are not known, bare messages among them', async () => {
    const asked: string[] = [];
    const batches = {
      list: async () => ({ items: [{ batch: 'b1' }, { batch: 'b2' }] as never, next: undefined }),
      read: async (_table: string, batch: string) => {
        asked.push(batch);
        return countsOf(1, 2);
      },
    };
    const known = new Map([['b1', countsOf(10, 20)]]);
    const counts = await readCounts(PIPELINE, batches, known, new AbortController().signal);
    assert.deepEqual(asked, ['b2', 'default']);
    assert.deepEqual(failuresIn(counts), { failed: 12, dead: 24 });
  });
});
