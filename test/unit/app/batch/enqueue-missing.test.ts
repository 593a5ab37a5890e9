import assert from 'node:assert/strict';
import {
  enqueueMissing,
  findMissing,
  type MissingProgress,
} from '../../../../src/app/batch/enqueue-missing.ts';
import { zeroCounts, type BatchMeta, type Checkpoint } from '../../../../src/core/batch/batch.ts';
import { decodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import { InvalidInputError, isAbort } from '../../../../src/core/errors.ts';
import {
  FakeBatches,
  FakeBuckets,
  FakeQueues,
  PIPELINE,
  awsError,
  s3Object,
} from '../../../helpers/fakes.ts';
import { fastTimers } from '../../../helpers/fast-timers.ts';

const JOB = { kind: 'video' as const, options: {} };
const META: BatchMeta = {
  batch: 'b1',
  bucket: 'media',
  prefix: 'in/',
  job: JOB,
  extensions: ['mp4'],
  filter: { max_size: 100 },
  created_at: '2026-11-23T14:00:00.000Z',
};
const KEYS = Array.from({ length: 50 }, (_, i) => `in/${String(i).padStart(2, '0')}.mp4`);
const HOSTILE = [
  'in/ é//🎬+%20.mp4',
  'in/"{}\n\u202E.mp4',
  'in/../\uFFFE.mp4',
  'in/__proto__.mp4',
  `in/${'x'.repeat(1000)}.mp4`,
];

describe('the missing files of a batch', () => {
  let buckets: FakeBuckets;
  let queues: FakeQueues;
  let batches: FakeBatches;
  let checkpoint: Checkpoint;
  let counts: Partial<Record<Status, number>>;

  const has = (keys: readonly string[], batch = 'b1'): ResultItem[] =>
    keys.map((key) => ({ batch, bucket: 'media', key, status: 'submitted' }) as ResultItem);
  const listed = (keys: readonly string[], pageSize = 20): FakeBuckets =>
    new FakeBuckets(
      keys.map((key) => s3Object(key)).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      pageSize,
    );
  const find = () => findMissing('b1', PIPELINE, { queues, batches });
  const run = (options: Parameters<typeof enqueueMissing>[3] = {}, meta = META) =>
    enqueueMissing({ meta }, PIPELINE, { buckets, queues, batches }, options);
  const sent = () => queues.bodies('work').map((body) => decodeQueueMessage(body));
  const sentKeys = () => sent().map(({ key }) => key);

  beforeEach(() => {
    buckets = listed(KEYS);
    queues = new FakeQueues();
    batches = new FakeBatches();
    checkpoint = { shard: 0, lastKey: 'z', listed: 60, sent: 50, skipped: { 'not-media': 10 }, done: true };
    counts = { succeeded: 30, covered: 5, dead: 3 };
    batches.metas.set('b1', META);
    batches.read = async (_table, batch) => ({
      meta: batches.metas.get(batch),
      checkpoints: [checkpoint],
      counts: { ...zeroCounts(), ...counts },
    });
  });

  it('are those that were sent and have no item, once nothing is in the queue', async () => {
    assert.deepEqual(await find(), { meta: META, missing: 12 });
    counts = { ...counts, waiting: 12 };
    await assert.rejects(find(), { code: 'nothing-to-enqueue' });
  });

  it('are not looked for while a message may still be claimed, or the enqueue has not finished', async () => {
    queues.add('work', { body: '{}' });
    await assert.rejects(find(), { code: 'queue-not-empty', message: /About 1 messages/ });
    for (const part of ['waiting', 'inFlight', 'delayed'] as const) {
      queues.depth = async () => ({ waiting: 0, inFlight: 0, delayed: 0, [part]: 2 });
      await assert.rejects(find(), { code: 'queue-not-empty', message: /About 2 messages/ });
    }
    checkpoint = { ...checkpoint, done: false };
    await assert.rejects(find(), { code: 'enqueue-incomplete', message: /resume it/ });
    batches.metas.clear();
    await assert.rejects(find(), { code: 'not-found', message: /"b1"/ });
  });

  it('are sent once with the batch’s id, and nothing of the batch is written', async () => {
    batches.items = has(KEYS.filter((_, i) => i % 10 !== 7));
    const reports: MissingProgress[] = [];
    const total = await run({ onProgress: (now) => reports.push(now) });
    assert.deepEqual(
      sentKeys(),
      KEYS.filter((_, i) => i % 10 === 7),
    );
    assert.ok(
      sent().every(
        ({ batch, bucket, etag, size }) =>
          batch === 'b1' && bucket === 'media' && etag === '"e"' && size === 10,
      ),
    );
    assert.deepEqual(
      reports.map(({ listed: count, sent: n }) => [count, n]),
      [
        [20, 2],
        [40, 4],
        [50, 5],
      ],
    );
    assert.deepEqual(total, { listed: 50, sent: 5, skipped: {} });
    assert.deepEqual([batches.saved, batches.metas.size], [[], 1]);
  });

  it('are found by the batch’s own filter and job, whatever other batches have', async () => {
    buckets = new FakeBuckets([
      s3Object('in/a.mp4'),
      s3Object('in/b.txt'),
      s3Object('in/c.mp4', { size: 101 }),
      s3Object('in/d.mp4'),
    ]);
    batches.items = [...has(['in/a.mp4'], 'b2'), ...has(['in/d.mp4'])];
    assert.deepEqual(await run(), { listed: 4, sent: 1, skipped: { 'not-media': 1, filtered: 1 } });
    assert.deepEqual(sentKeys(), ['in/a.mp4']);
    const done = { ...META, filter: { not_yet_done: true } };
    batches.metas.set('b2', { ...META, batch: 'b2' });
    assert.deepEqual((await run({}, done)).skipped, { 'not-media': 1, done: 1 });
    const stems = { ...META, job: { ...JOB, output: 's3://out/{stem}.mp4' }, extensions: ['mp4', 'mov'] };
    buckets = listed(['in/x.mov', 'in/x.mp4'], 1);
    assert.deepEqual((await run({}, stems)).skipped, { 'same-output': 1 });
  });

  it('are found whatever their keys hold', async () => {
    buckets = listed([...HOSTILE, ...KEYS]);
    batches.items = has(KEYS);
    await run();
    assert.deepEqual(sentKeys(), HOSTILE.toSorted());
  });

  it('are looked up at most 32 at once', async () => {
    buckets = listed(KEYS, 1000);
    let [now, most] = [0, 0];
    batches.result = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return undefined;
    };
    await run();
    assert.equal(most, 32);
  });

  it('are sent by another run after a cancel, each once where the first ones are claimed by then', async () => {
    const control = new AbortController();
    await assert.rejects(
      run({
        signal: control.signal,
        onProgress: () => {
          control.abort();
        },
      }),
      isAbort,
    );
    assert.deepEqual(sentKeys(), KEYS.slice(0, 20));
    batches.items = has(sentKeys());
    assert.equal((await run()).sent, 30);
    assert.deepEqual(sentKeys(), KEYS);
  });

  it('are not sent where a consumer claims them meanwhile', async () => {
    queues.refuse = () => {
      batches.items = has(KEYS.filter((key) => key > 'in/30'));
      return [];
    };
    await run();
    assert.deepEqual(
      sentKeys(),
      KEYS.filter((key) => key <= 'in/30'),
    );
  });

  it('fail with AWS’s error, and are all sent by the next run', async () => {
    queues.failures.send = awsError('unreachable');
    await assert.rejects(run(), { code: 'unreachable' });
    queues.failures = {};
    batches.result = () => Promise.reject(awsError('missing-permission'));
    await assert.rejects(run(), { code: 'missing-permission' });
    assert.deepEqual(sentKeys(), []);
  });

  it('are all sent where AWS throttles the listing, or what the filter reads', async () => {
    const timers = fastTimers();
    try {
      buckets.beforePage = () =>
        timers.pauses.length === 0 ? Promise.reject(awsError('throttled')) : undefined;
      const list = batches.list.bind(batches);
      let lists = 0;
      batches.list = async (...request) => {
        lists += 1;
        if (lists === 1) throw awsError('throttled');
        return list(...request);
      };
      await run({}, { ...META, filter: { not_yet_done: true } });
    } finally {
      timers.restore();
    }
    assert.deepEqual(sentKeys(), KEYS);
  });

  it('are not looked for in a batch that is cancelled, nor sent once it is', async () => {
    const mark = { at: '2026-11-26T00:00:00.000Z', by: 'operator' };
    const cancel = () => batches.cancel('table', 'b1', mark);
    const onProgress = () => void cancel();
    await assert.rejects(run({ onProgress }), { code: 'batch-cancelled', message: /20 files were sent/ });
    assert.deepEqual(sentKeys(), KEYS.slice(0, 20));
    await assert.rejects(find(), { code: 'batch-cancelled', message: /50 files were sent/ });
  });

  it('are not sent for a job that breaks a present rule', async () => {
    const job = { kind: 'video' as const, options: { start: 3, end: 3 } };
    await assert.rejects(run({}, { ...META, job }), InvalidInputError);
    assert.equal(buckets.pagesListed, 0);
  });
});
