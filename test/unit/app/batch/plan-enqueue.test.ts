import assert from 'node:assert/strict';
import type { EarlierResults } from '../../../../src/app/batch/done-before.ts';
import {
  enqueuePrefix,
  resumeEnqueue,
  type EnqueueRequest,
} from '../../../../src/app/batch/enqueue-prefix.ts';
import { planEnqueue, type EnqueuePlan, type PlanOptions } from '../../../../src/app/batch/plan-enqueue.ts';
import type { BatchMeta } from '../../../../src/core/batch/batch.ts';
import type { FileFilter } from '../../../../src/core/files/file-filter.ts';
import { InvalidInputError, isAbort, MediaBatchError } from '../../../../src/core/errors.ts';
import { decodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { FakeBatches, FakeBuckets, FakeQueues, PIPELINE, s3Object } from '../../../helpers/fakes.ts';
import { HUGE_TABLE } from '../../../helpers/huge-table.ts';

const JOB = { kind: 'video' as const, options: {} };

/** 95 objects in pages of 20: a fifth no media, every tenth in a folder; sizes and days grow. */
const OBJECTS = Array.from({ length: 95 }, (_, i) => {
  const folder = i % 10 === 9 ? 'in/x/' : 'in/';
  return s3Object(`${folder}${String(i).padStart(3, '0')}.${i % 5 === 0 ? 'txt' : 'mp4'}`, {
    size: i + 1,
    lastModified: new Date(Date.UTC(2026, 0, 1 + i)),
  });
}).toSorted((a, b) => (a.key < b.key ? -1 : 1));

const FILTERS: [FileFilter, (object: (typeof OBJECTS)[number]) => boolean][] = [
  [{}, () => true],
  [{ glob: '0[1-3]*.mp4' }, ({ key }) => /^in\/0[1-3]/.test(key)],
  [{ glob: '**/*9.mp4' }, ({ key }) => key.endsWith('9.mp4')],
  [{ min_size: 20, max_size: 40 }, ({ size }) => size >= 20 && size <= 40],
  [
    { changed_since: '2026-02-01' },
    ({ lastModified }) => lastModified!.getTime() >= Date.parse('2026-02-01'),
  ],
  [{ glob: 'x/*', min_size: 50 }, ({ key, size }) => key.startsWith('in/x/') && size >= 50],
];

/** Every file up to this key succeeded in an earlier batch with the same job. */
function earlierUpTo(key: string): EarlierResults & { lookups: string[]; atOnce: number } {
  let underWay = 0;
  const earlier = {
    ...HUGE_TABLE,
    lookups: [] as string[],
    atOnce: 0,
    async list() {
      return { items: [{ batch: 'earlier', job: JOB } as unknown as BatchMeta], next: undefined };
    },
    async source(_table: string, file: { key: string }, signal?: AbortSignal) {
      signal?.throwIfAborted();
      earlier.lookups.push(file.key);
      earlier.atOnce = Math.max(earlier.atOnce, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      const status = file.key <= key ? 'succeeded' : 'failed';
      return {
        items: [{ batch: 'earlier', status } as unknown as ResultItem],
        owners: new Map<string, string>(),
      };
    },
  };
  return earlier;
}

const sum = (skipped: Readonly<Record<string, number>>) =>
  Object.values(skipped).reduce((total, count) => total + count, 0);

describe('planEnqueue and enqueuePrefix with a filter', () => {
  let buckets: FakeBuckets;
  let queues: FakeQueues;
  let batches: FakeBatches;
  let earlier: ReturnType<typeof earlierUpTo>;

  beforeEach(() => {
    buckets = new FakeBuckets(OBJECTS, 20);
    queues = new FakeQueues();
    earlier = earlierUpTo('in/050.mp4');
    batches = Object.assign(new FakeBatches(), { list: earlier.list, source: earlier.source });
    const read = batches.read.bind(batches);
    batches.read = async (...request) => ({
      ...(await read(...request)),
      counts: (await HUGE_TABLE.read(...request)).counts,
    });
  });

  const request = (change: Partial<EnqueueRequest> = {}) => ({
    bucket: 'media',
    prefix: 'in/',
    job: JOB,
    ...change,
  });
  const plan = (change: Partial<EnqueueRequest> = {}, options: PlanOptions = {}) =>
    planEnqueue(request(change), PIPELINE, { buckets, batches: earlier }, options);
  const enqueue = (change: Partial<EnqueueRequest> = {}, signal?: AbortSignal) =>
    enqueuePrefix(request(change), PIPELINE, { buckets, queues, batches }, { signal });
  const sentKeys = () =>
    queues
      .bodies('work')
      .map((body) => decodeQueueMessage(body).key)
      .toSorted();

  for (const [filter, fits] of FILTERS) {
    it(`plans just what it then sends: ${JSON.stringify(filter)}`, async () => {
      const wanted = OBJECTS.filter((object) => object.key.endsWith('.mp4') && fits(object));
      const planned = await plan({ filter });
      assert.deepEqual(
        {
          ...planned,
          skipped: { ...planned.skipped },
          left: undefined,
          notes: [...planned.notes.extensions],
        },
        {
          files: wanted.length,
          bytes: wanted.reduce((bytes, { size }) => bytes + size, 0),
          listed: 95,
          skipped: {
            'not-media': 19,
            ...(wanted.length < 76 && { filtered: 76 - wanted.length }),
          },
          left: undefined,
          truncated: false,
          samples: wanted.slice(0, 5).map(({ key }) => key),
          sameOutput: undefined,
          notes: [['mp4', wanted.length]],
          otherForm: undefined,
        },
      );
      const { batch, listed, sent, skipped } = await enqueue({ filter });
      assert.deepEqual([listed, sent, skipped], [planned.listed, planned.files, planned.skipped]);
      assert.deepEqual(
        sentKeys(),
        wanted.map(({ key }) => key),
      );
      assert.deepEqual(Object.keys(batches.metas.get(batch)?.filter ?? {}), Object.keys(filter));
    });
  }

  it('leaves out what is done, and asks only about files that pass the rest', async () => {
    const filter = { not_yet_done: true, max_size: 60 };
    const planned = await plan({ filter });
    const passing = OBJECTS.filter(({ key, size }) => key.endsWith('.mp4') && size <= 60);
    const left = passing.filter(({ key }) => key > 'in/050.mp4').map(({ key }) => key);
    assert.deepEqual(
      earlier.lookups.toSorted(),
      passing.map(({ key }) => key),
    );
    assert.deepEqual(
      [planned.files, planned.skipped],
      [left.length, { 'not-media': 19, filtered: 76 - passing.length, done: passing.length - left.length }],
    );
    assert.equal(planned.listed, planned.files + sum(planned.skipped));
    await enqueue({ filter });
    assert.deepEqual(sentKeys(), left);
  });

  it('looks up at most 32 files at once', async () => {
    buckets = new FakeBuckets(OBJECTS, 1000);
    await plan({ filter: { not_yet_done: true } });
    assert.equal(earlier.atOnce, 32);
  });

  it('resumes with the same filter, and sends again what its own batch has begun', async () => {
    const filter = { glob: '0*.mp4', not_yet_done: true };
    batches.list = async () => ({
      items: [...batches.metas.values(), { batch: 'earlier', job: JOB } as unknown as BatchMeta],
      next: undefined,
    });
    batches.source = async (table, file) => {
      const { items, owners } = await earlier.source(table, file);
      const begun = sentKeys().includes(file.key) ? [...batches.metas.keys()] : [];
      const own = begun.map((batch) => ({ batch, status: 'submitted' }) as ResultItem);
      return { items: [...items, ...own], owners };
    };
    const control = new AbortController();
    queues.refuse = () => {
      control.abort();
      return [];
    };
    await assert.rejects(enqueue({ filter }, control.signal), isAbort);
    queues.refuse = () => [];
    const [batch = ''] = batches.metas.keys();
    const total = await resumeEnqueue(batch, PIPELINE, { buckets, queues, batches });
    const expected = await plan({ filter });
    assert.deepEqual(
      [total.listed, total.sent, total.skipped],
      [expected.listed, expected.files, expected.skipped],
    );
  });

  it('says when everything is already done, and when the filter excludes everything', async () => {
    earlier = earlierUpTo('z');
    batches = Object.assign(new FakeBatches(), { list: earlier.list, source: earlier.source });
    const read = batches.read.bind(batches);
    batches.read = async (...request) => ({
      ...(await read(...request)),
      counts: (await HUGE_TABLE.read(...request)).counts,
    });
    const message = (pattern: RegExp) => (error: unknown) =>
      error instanceof MediaBatchError && error.code === 'nothing-to-enqueue' && pattern.test(error.message);
    await assert.rejects(
      enqueue({ filter: { not_yet_done: true } }),
      message(/already done or in progress.*76 done/),
    );
    await assert.rejects(enqueue({ filter: { glob: 'none' } }), message(/76 filtered.*and the filter/));
    assert.equal(batches.metas.size, 0);
  });

  it('pays again only where it is told to, and not for what it leaves out', async () => {
    const { batch } = await enqueue();
    assert.ok(!('again' in (batches.metas.get(batch) ?? {})));
    const paid = await enqueue({ again: true });
    assert.equal(batches.metas.get(paid.batch)?.again, true);
    assert.equal(paid.sent, 76);
    for (const run of [plan, enqueue]) {
      await assert.rejects(run({ again: true, filter: { not_yet_done: true } }), InvalidInputError);
    }
  });

  it('refuses an invalid filter, before it calls AWS', async () => {
    for (const filter of [{ glob: '[a' }, { min_size: NaN }, { min_size: 2, max_size: 1 }]) {
      await assert.rejects(plan({ filter }), InvalidInputError);
      await assert.rejects(enqueue({ filter }), InvalidInputError);
    }
    assert.equal(buckets.pagesListed, 0);
  });

  it('plans nothing for a prefix without files, and refuses what an enqueue refuses', async () => {
    buckets = new FakeBuckets([]);
    const { files, listed, samples } = await plan();
    assert.deepEqual([files, listed, samples], [0, 0, []]);
    await assert.rejects(plan({ bucket: '!' }), InvalidInputError);
    await assert.rejects(plan({ job: { ...JOB, output: 's3://media/in/{key}' } }), InvalidInputError);
  });

  it('skips what Ittybit would name otherwise, in the plan as in the enqueue', async () => {
    const names = ['a.mp4', '{date}.mp4', 'b/{Filename}/c.mp4', 'd{e.mp4', 'f}g{h.mp4', '{}.txt'];
    buckets = new FakeBuckets(
      names.map((name) => s3Object(`in/${name}`)).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    );
    const job = { kind: 'video' as const, options: {}, output: 's3://out/{stem}.mp4' };
    const { files, listed, skipped } = await plan({ job });
    assert.deepEqual([files, listed, skipped], [3, 6, { braces: 2, 'not-media': 1 }]);
    const sent = await enqueue({ job });
    assert.deepEqual([sent.sent, sent.skipped], [3, skipped]);
    buckets = new FakeBuckets(
      ['in/%7Bdate%7d.mp4', 'in/100%20%7b.mp4', 'in/{date%7D.mp4'].map((key) => s3Object(key)),
    );
    assert.deepEqual((await plan({ job })).skipped, { braces: 2 }, 'escaped braces may be read as braces');
    buckets = new FakeBuckets(
      names.map((name) => s3Object(`in/${name}`)).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    );
    // Twice in the output, the braces of one key make a pair.
    assert.equal((await plan({ job: { ...job, output: 's3://out/{stem}/{stem}.mp4' } })).skipped.braces, 3);
    assert.equal((await plan()).skipped.braces, undefined, 'without an output nothing is replaced');
  });

  it('refuses a job that breaks a rule, and a prefix that Ittybit would replace, before it asks AWS', async () => {
    const job = { kind: 'video' as const, options: {} };
    for (const wrong of [
      { job: { ...job, options: { start: 3, end: 3 } } },
      { job: { ...job, output: 's3://out/{stem}.jpg' } },
      { job: { ...job, output: 's3://out/{stem}.mp4' }, prefix: 'in/{date}/' },
      { job: { ...job, output: 's3://out/{stem}.mp4' }, prefix: 'in/../x/' },
      { job: { ...job, output: 's3://out/{key}.mp4' }, prefix: './' },
    ]) {
      await assert.rejects(plan(wrong), InvalidInputError);
      await assert.rejects(enqueue(wrong), InvalidInputError);
    }
    assert.equal(buckets.pagesListed, 0);
  });

  it('stops at the limit, and knows whether there was more', async () => {
    for (const [limit, truncated] of [
      [1, true],
      [20, true],
      [33, true],
      [94, true],
      [95, false],
      [200, false],
    ] as const) {
      const planned = await plan({}, { limit });
      assert.deepEqual([planned.listed, planned.truncated], [Math.min(limit, 95), truncated]);
      assert.equal(planned.listed, planned.files + sum(planned.skipped));
    }
    buckets = new FakeBuckets(OBJECTS, 20);
    await plan({}, { limit: 33 });
    assert.equal(buckets.pagesListed, 3, 'and one page ahead at most');
  });

  it('reports totals that only grow, and stops when it is cancelled', async () => {
    const reports: EnqueuePlan[] = [];
    const control = new AbortController();
    const onProgress = (report: EnqueuePlan) => {
      reports.push(report);
      if (reports.length === 3) control.abort();
    };
    await assert.rejects(plan({}, { signal: control.signal, onProgress }), isAbort);
    assert.deepEqual(
      reports.map(({ listed }) => listed),
      [20, 40, 60],
    );
    for (const { listed, files, skipped } of reports) assert.equal(listed, files + sum(skipped));
    const aborted = AbortSignal.abort();
    await assert.rejects(plan({ filter: { not_yet_done: true } }, { signal: aborted }), isAbort);
  });

  it('stops one of two windows that continue the same batch, and never overwrites a checkpoint with an older one', async () => {
    const control = new AbortController();
    queues.refuse = (_messages, call) => {
      if (call === 3) control.abort();
      return [];
    };
    await assert.rejects(enqueue({}, control.signal), isAbort);
    const [batch = ''] = batches.metas.keys();
    const resume = () => resumeEnqueue(batch, PIPELINE, { buckets, queues, batches });
    let other: Promise<unknown> | undefined;
    // The other window begins and ends while this one sends its second page.
    queues.refuse = () => {
      if (batches.saved.length === 2) other ??= resume();
      return [];
    };
    const send = queues.send.bind(queues);
    queues.send = async (...args) => {
      const isFirst = other === undefined;
      const failures = await send(...args);
      if (isFirst && other) await other;
      return failures;
    };
    await assert.rejects(
      resume(),
      (error) =>
        error instanceof MediaBatchError &&
        error.code === 'enqueued-elsewhere' &&
        /window/.test(error.message),
    );
    const listed = batches.saved.map((checkpoint) => checkpoint.listed);
    assert.deepEqual(
      listed,
      listed.toSorted((a, b) => a - b),
    );
    assert.deepEqual([batches.saved.at(-1)?.sent, batches.saved.at(-1)?.done], [76, true]);
  });
});
