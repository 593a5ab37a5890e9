import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findDoneBefore } from '../../../../src/app/batch/done-before.ts';
import { DEFAULT_BATCH } from '../../../../src/core/batch/queue-message.ts';
import { STATUSES, type ResultItem } from '../../../../src/core/batch/result-item.ts';
import { workOf } from '../../../../src/core/batch/work.ts';
import { DEFAULT_JOB_OPTIONS, type JobOptions } from '../../../../src/core/ittybit/job-options.ts';
import { FakeBatches, PIPELINE } from '../../../helpers/fakes.ts';
import { HUGE_TABLE } from '../../../helpers/huge-table.ts';

const JOB: JobOptions = { kind: 'video', options: { width: 640 } };
const place = (i: number) => ({ bucket: 'media', key: `in/${i}.mp4`, etag: `e${i}` });
const work = (i: number, job = JOB) => workOf(place(i), { job, connectionId: PIPELINE.connectionId });
const brake = { disarmed: [], cancelled: { at: '', by: 'operator' } };

function store(items: readonly Partial<ResultItem>[], cancelled: readonly string[] = []): FakeBatches {
  const batches = new FakeBatches();
  batches.items = items as readonly ResultItem[];
  for (const batch of ['b1', 'b2', 'mine']) {
    const meta = { batch, bucket: 'media', prefix: '', job: JOB, extensions: ['mp4'], created_at: batch };
    batches.metas.set(batch, { ...meta, ...(cancelled.includes(batch) && { brake }) });
  }
  for (const { key = '', batch = '', work: owned } of items) {
    if (owned !== undefined) batches.owners.set(key, new Map([[owned, batch]]));
  }
  return batches;
}

/** A file has one owner of its work at most, as the ledger keeps it. */
const held = fc.record({
  owner: fc.option(fc.constantFrom('b1', 'b2')),
  // One that waits owns nothing.
  status: fc.constantFrom(...STATUSES.filter((status) => status !== 'waiting')),
  isOld: fc.boolean(),
  isMine: fc.boolean(),
  isOtherWork: fc.boolean(),
});

describe('the index of the batches with the same work', () => {
  it('says of each file what a look-up says, and asks far less', async () => {
    const files = fc.array(held, { minLength: 40, maxLength: 60 });
    const cancelled = fc.subarray(['b1', 'b2']);
    await fc.assert(
      fc.asyncProperty(files, cancelled, fc.constantFrom(undefined, 'mine'), async (all, stopped, except) => {
        const items = all.flatMap(({ owner, status, isOld, isMine, isOtherWork }, i) => {
          const named = isOtherWork ? `${work(i)}x` : work(i);
          const waits = owner !== null && !isOld;
          const own = {
            ...place(i),
            batch: 'mine',
            status: waits ? 'waiting' : 'submitted',
            work: named,
          } as const;
          if (owner === null) return isMine ? [own] : [];
          const item = { ...place(i), batch: owner, status, ...(!isOld && { work: named }) };
          return [...(isMine ? [own] : []), item];
        });
        const [byIndex, byFile] = [store(items, stopped), store(items, stopped)];
        byFile.works = HUGE_TABLE.works;
        const page = all.map((_, i) => place(i));
        const bulk = await findDoneBefore(JOB, except, PIPELINE, byIndex);
        const single = await findDoneBefore(JOB, except, PIPELINE, byFile);
        const one = async (file: (typeof page)[number]) => (await single([file]))[0];
        const wanted: (boolean | undefined)[] = [];
        byFile.read = HUGE_TABLE.read;
        for (const file of page) wanted.push(await one(file));
        // Without `except`, what another batch called `mine` has done counts as well.
        assert.deepEqual(await bulk(page), wanted);
        assert.ok(byIndex.queries <= 40, `${byIndex.queries} queries`);
      }),
      { numRuns: 200 },
    );
  });

  it('reads long lists from both ends, each item about once', async () => {
    const items = Array.from({ length: 5_000 }, (_, i) => ({
      ...place(i),
      ...{ batch: 'b1', status: 'succeeded' as const, work: work(i) },
    }));
    const batches = store(items);
    const areDone = await findDoneBefore(JOB, undefined, PIPELINE, batches);
    const page = Array.from({ length: 1_000 }, (_, i) => place(4_500 + i));
    const done = await areDone(page);
    assert.deepEqual([done.indexOf(false), done.lastIndexOf(true)], [500, 499]);
    assert.ok(batches.queries <= 15, `${batches.queries} queries`);
  });

  it('reads all of the batch of bare messages, which may have the same key in several buckets', async () => {
    const items = Array.from({ length: 5_000 }, (_, i) => ({
      ...place(i),
      ...{ batch: DEFAULT_BATCH, status: 'succeeded' as const, work: work(i, DEFAULT_JOB_OPTIONS) },
    }));
    const [newest, oldest] = [
      { ...items[0], key: 'x.mp4' },
      { ...items[4_999], key: 'x.mp4', bucket: 'other' },
    ];
    const batches = store([newest, ...items.slice(1, -1), oldest]);
    const areDone = await findDoneBefore(DEFAULT_JOB_OPTIONS, undefined, PIPELINE, batches);
    const page = Array.from({ length: 1_000 }, (_, i) => place(2_000 + i));
    assert.deepEqual(new Set(await areDone(page)), new Set([true]));
  });

  it('looks up each file of a small page', async () => {
    const batches = store([{ ...place(1), batch: 'b1', status: 'succeeded', work: work(1) }]);
    batches.works = HUGE_TABLE.works;
    const areDone = await findDoneBefore(JOB, undefined, PIPELINE, batches);
    assert.deepEqual(await areDone([place(1), place(2)]), [true, false]);
  });
});
