import assert from 'node:assert/strict';
import { DEFAULT_BATCH } from '../../../../src/core/batch/queue-message.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import { newestResults } from '../../../../src/ui/buckets/object-status.ts';
import { FakeBatches, s3Object } from '../../../helpers/fakes.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';

const signal = new AbortController().signal;
const keyAt = (i: number): string => `in/${String(i).padStart(4, '0')}.mp4`;
const objects = (count: number) => Array.from({ length: count }, (_, i) => s3Object(keyAt(i)));

/** Batches of one prefix, the first one the oldest, with the statuses of their files. */
function store(...batches: readonly (readonly (Status | undefined)[])[]): FakeBatches {
  const made = new FakeBatches();
  const items: ResultItem[] = [];
  batches.forEach((statuses, at) => {
    const batch = `b${at}`;
    made.metas.set(batch, {
      ...metaOf(batch),
      bucket: 'film',
      prefix: 'in/',
      created_at: `2026-01-0${at + 1}`,
    });
    statuses.forEach((status, i) => {
      const file = { bucket: 'film', key: keyAt(i), batch, created_at: `2026-01-0${at + 1}` };
      if (status) items.push({ ...file, status } as ResultItem);
    });
  });
  made.items = items;
  return made;
}

describe('the newest results of many objects', () => {
  it('come from the batches that cover them, newest first, in at most ten requests', async () => {
    const old = Array.from({ length: 200 }, () => 'failed' as const);
    const batches = store(old, ['succeeded', undefined, 'dead']);
    const found = await newestResults('table', 'film', objects(200), batches, signal);
    assert.equal(found.size, 200);
    assert.deepEqual(found.get(keyAt(0)), { status: 'succeeded', batch: 'b1' });
    assert.deepEqual(found.get(keyAt(1)), { status: 'failed', batch: 'b0' });
    assert.deepEqual(found.get(keyAt(2)), { status: 'dead', batch: 'b1' });
    assert.ok(batches.queries <= 9, `${batches.queries}, and one list`);
  });

  it('are those created last, whichever batch is the newer one, of few objects and of many', async () => {
    const batches = store(['failed'], ['succeeded', 'succeeded']);
    // A file of the older batch was claimed later, and a bare message came last.
    batches.items = batches.items.map((item) =>
      item.batch === 'b0' ? { ...item, created_at: '2026-01-03' } : item,
    );
    const bare = { bucket: 'film', key: keyAt(1), batch: DEFAULT_BATCH, status: 'dead' };
    batches.items = [...batches.items, { ...bare, created_at: '2026-01-04' } as ResultItem];
    for (const count of [2, 10, 11, 200]) {
      batches.queries = 0;
      const found = await newestResults('table', 'film', objects(count), batches, signal);
      assert.deepEqual(
        [...found],
        [
          [keyAt(0), { status: 'failed', batch: 'b0' }],
          [keyAt(1), { status: 'dead', batch: DEFAULT_BATCH }],
        ],
        `${count} objects`,
      );
      assert.ok(batches.queries <= 10, `${batches.queries} queries`);
    }
  });

  it('leave out batches of other buckets and prefixes, and know those of bare messages', async () => {
    const batches = store(['succeeded']);
    batches.metas.set('elsewhere', { ...metaOf('elsewhere'), bucket: 'film', prefix: 'out/' });
    batches.metas.set('other', { ...metaOf('other'), bucket: 'other', prefix: '' });
    const bare = { bucket: 'film', key: keyAt(5), batch: DEFAULT_BATCH, status: 'dead', created_at: '' };
    batches.items = [...batches.items, bare as ResultItem];
    const found = await newestResults('table', 'film', objects(50), batches, signal);
    assert.deepEqual(
      [...found],
      [
        [keyAt(0), { status: 'succeeded', batch: 'b0' }],
        [keyAt(5), { status: 'dead', batch: DEFAULT_BATCH }],
      ],
    );
    assert.equal(batches.queries, 2);
  });

  it('are asked for one by one where more batches cover them than there are objects', async () => {
    const batches = store(...Array.from({ length: 9 }, (_, i) => (i === 0 ? ['succeeded' as const] : [])));
    for (let i = 0; i < 30; i++)
      batches.metas.set(`more${i}`, { ...metaOf(`more${i}`), bucket: 'film', prefix: 'in/' });
    const found = await newestResults('table', 'film', objects(12), batches, signal);
    assert.deepEqual([...found.keys()], [keyAt(0)]);
    assert.equal(batches.queries, 12);
  });
});
