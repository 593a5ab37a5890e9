import assert from 'node:assert/strict';
import fc from 'fast-check';
import { enqueueMissing } from '../../../../src/app/batch/enqueue-missing.ts';
import { enqueuePrefix, resumeEnqueue } from '../../../../src/app/batch/enqueue-prefix.ts';
import { FolderReader } from '../../../../src/app/batch/folder-reader.ts';
import { planEnqueue } from '../../../../src/app/batch/plan-enqueue.ts';
import { zeroCounts, type BatchMeta } from '../../../../src/core/batch/batch.ts';
import { isAbort } from '../../../../src/core/errors.ts';
import { decodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import type { FileFilter } from '../../../../src/core/files/file-filter.ts';
import {
  awsError,
  FakeBatches,
  FakeBuckets,
  FakeQueues,
  PIPELINE,
  s3Object,
} from '../../../helpers/fakes.ts';
import { inListingOrder } from '../../../helpers/listed-keys.ts';

const JOB = { kind: 'video' as const, options: {} };
const SIZE = 2_000_000;

const hls = (folder: string, playlist: string) => [
  ...Array.from({ length: 30 }, (_, i) => `${folder}seg_${String(i).padStart(5, '0')}.ts`),
  ...['a b.ts', 'zz 7.ts', playlist].map((name) => folder + name),
];
const KEYS = inListingOrder([
  ...hls('in/hls/', 'zzz.m3u8'),
  ...hls('in/hls/720p/', 'index.m3u8'),
  ...['in/tv/Tatort.ts', 'in/tv/rec_001.ts', 'in/tv/rec_002.ts', 'in/top.ts'],
  ...['in/below/master.m3u8', 'in/below/v0/1.ts', 'in/below/v0/note.txt'],
  ...['in/card/PRIVATE/AVCHD/BDMV/STREAM/00001.MTS', 'in/card/PRIVATE/AVCHD/BDMV/STREAM/00002.MTS'],
  ...['in/dash/init.mp4', 'in/dash/manifest.mpd', 'in/dash/v1.mp4', 'in/dash/v2.mp4', 'in/dash/v3.mp4'],
  ...['in/DCIM/._C0001.MP4', 'in/DCIM/C0001.MP4', 'in/@eaDir/x.mp4'],
]);
const SOURCES = inListingOrder(['in/web/code/deep/tool.ts', 'in/web/code/x.ts', 'in/web/package.json']);
const MASTERS = [
  ...['in/DCIM/C0001.MP4', 'in/card/PRIVATE/AVCHD/BDMV/STREAM/00001.MTS'],
  ...['in/card/PRIVATE/AVCHD/BDMV/STREAM/00002.MTS', 'in/top.ts'],
  ...['in/tv/Tatort.ts', 'in/tv/rec_001.ts', 'in/tv/rec_002.ts'],
];
const OBJECTS = inListingOrder([...KEYS, ...SOURCES]).map((key) =>
  s3Object(key, { size: SOURCES.includes(key) ? 900 : SIZE }),
);

describe('an enqueue of folders with more than masters', () => {
  let queues: FakeQueues;
  let batches: FakeBatches;

  beforeEach(() => {
    queues = new FakeQueues();
    batches = new FakeBatches();
  });

  const request = (filter?: FileFilter, prefix = 'in/') => ({ bucket: 'media', prefix, job: JOB, filter });
  const sentKeys = () => queues.bodies('work').map((body) => decodeQueueMessage(body).key);
  const total = (skipped: Readonly<Record<string, number>>) =>
    Object.values(skipped).reduce((sum, count) => sum + count, 0);

  it('takes the masters alone, with a reason for each other file, at any size of a page', async () => {
    for (const size of [1, 2, 7, 1000]) {
      const buckets = new FakeBuckets(OBJECTS, size);
      const { files, listed, skipped, notes } = await planEnqueue(request(), PIPELINE, { buckets, batches });
      // 64 in two trees of HLS, one below its playlist, four of DASH.
      assert.deepEqual(
        [files, listed, { ...skipped }],
        [MASTERS.length, OBJECTS.length, { 'not-media': 8, segment: 69, sidecar: 2 }],
        `pages of ${size}`,
      );
      assert.deepEqual(
        [...notes.extensions],
        [
          ['mp4', 1],
          ['mts', 2],
          ['ts', 4],
        ],
      );
      assert.equal(listed, files + total(skipped));
      const sent = await enqueuePrefix(request(), PIPELINE, { buckets, queues, batches });
      assert.deepEqual([sent.sent, sent.skipped], [files, skipped]);
      assert.deepEqual(sentKeys().splice(0), inListingOrder(MASTERS));
      queues = new FakeQueues();
    }
  });

  it('decides the same after each checkpoint', async () => {
    for (let pages = 1; pages < OBJECTS.length / 5; pages += 1) {
      queues = new FakeQueues();
      batches = new FakeBatches();
      const buckets = new FakeBuckets(OBJECTS, 5);
      const control = new AbortController();
      batches.beforeSave = () => {
        if (batches.saved.length === pages) control.abort();
      };
      const options = { signal: control.signal };
      const services = { buckets, queues, batches };
      await enqueuePrefix(request(), PIPELINE, services, options).catch((error: unknown) => {
        assert.ok(isAbort(error));
      });
      batches.beforeSave = () => undefined;
      const [batch = ''] = batches.metas.keys();
      const end = await resumeEnqueue(batch, PIPELINE, services);
      assert.deepEqual(
        [end.listed, end.sent, { ...end.skipped }],
        [OBJECTS.length, MASTERS.length, { 'not-media': 8, segment: 69, sidecar: 2 }],
        `after ${pages} pages`,
      );
      assert.deepEqual([...new Set(sentKeys())], inListingOrder(MASTERS));
    }
  });

  it('sends none of the others as missing files, where the queue was emptied', async () => {
    const buckets = new FakeBuckets(OBJECTS, 7);
    const services = { buckets, queues, batches };
    const { batch, skipped } = await enqueuePrefix(request(), PIPELINE, services);
    const meta = batches.metas.get(batch);
    assert.ok(meta);
    queues.queues.clear();
    const again = await enqueueMissing({ meta }, PIPELINE, services);
    assert.deepEqual([again.sent, again.skipped], [MASTERS.length, skipped]);
  });

  it('is not continued in a bucket that has no order, also where an older version began it', async () => {
    const buckets = new FakeBuckets(OBJECTS, 7);
    const services = { buckets, queues, batches };
    const { batch } = await enqueuePrefix(request(), PIPELINE, services);
    const meta: BatchMeta = { ...batches.metas.get(batch)!, bucket: 'films--use1-az4--x-s3' };
    batches.read = async () => ({ meta, checkpoints: [], counts: zeroCounts() });
    const isRefused = { code: 'invalid-input', message: /S3 Express, which lists its files in no order/ };
    await assert.rejects(resumeEnqueue(batch, PIPELINE, services), isRefused);
    await assert.rejects(enqueueMissing({ meta }, PIPELINE, services), isRefused);
  });

  it('takes the pieces too where the user says so, and never a sidecar', async () => {
    const buckets = new FakeBuckets(OBJECTS, 20);
    const { skipped, files } = await planEnqueue(request({ segments: true }), PIPELINE, { buckets, batches });
    assert.deepEqual([files, { ...skipped }], [OBJECTS.length - 8, { 'not-media': 6, sidecar: 2 }]);
    assert.deepEqual(buckets.foldersRead, []);
    const { batch } = await enqueuePrefix(request({ segments: true }), PIPELINE, {
      buckets,
      queues,
      batches,
    });
    assert.equal(batches.metas.get(batch)?.filter?.segments, true);
  });

  it('reads a folder only where it matters, and each once', async () => {
    const buckets = new FakeBuckets(OBJECTS, 3);
    await planEnqueue(request({ glob: 'tv/*' }), PIPELINE, { buckets, batches });
    assert.deepEqual(buckets.foldersRead, ['in/tv/', 'in/']);
    const masters = Array.from({ length: 300 }, (_, i) =>
      s3Object(`in/d${i % 30}/film ${i}.mov`, { size: SIZE }),
    );
    const large = Array.from({ length: 300 }, (_, i) => s3Object(`in/GX${i}.mp4`, { size: 900_000_000 }));
    const plain = new FakeBuckets([...masters, ...large], 50);
    await planEnqueue(request(), PIPELINE, { buckets: plain, batches });
    assert.deepEqual(plain.foldersRead, []);
    // A folder for each title, as many archives have it: only those that two pages share are read.
    const titles = Array.from({ length: 400 }, (_, i) => [
      `in/t${1000 + i}/b.ts`,
      `in/t${1000 + i}/clip_1.mp4`,
    ])
      .flat()
      .map((key) => s3Object(key, { size: SIZE }));
    const many = new FakeBuckets(titles, 51);
    const { files } = await planEnqueue(request(), PIPELINE, { buckets: many, batches });
    assert.equal(files, 800);
    assert.ok(many.foldersRead.length <= 2 * Math.ceil(800 / 51) + 1, String(many.foldersRead.length));
  });

  it('asks for nothing outside the chosen prefix', async () => {
    const keys = ['in/2024-a.ts', 'in/2024/b.ts', 'in/2024/c/d.ts', 'in/index.m3u8'];
    const asked: string[] = [];
    const buckets = new FakeBuckets(keys.map((key) => s3Object(key, { size: 900 })));
    const level = buckets.level.bind(buckets);
    buckets.level = (query) => {
      asked.push(query.prefix);
      if (!query.prefix.startsWith('in/2024')) throw awsError('missing-permission', 's3:ListObjectsV2');
      return level(query);
    };
    const { files } = await planEnqueue(request({}, 'in/2024'), PIPELINE, { buckets, batches });
    assert.equal(files, 3);
    assert.deepEqual([...new Set(asked)].toSorted(), [
      'in/2024',
      'in/2024/',
      'in/2024/c/',
      'in/2024/package.json',
      'in/2024/tsconfig',
    ]);
  });

  it('ends as the listing does where a folder cannot be read', async () => {
    const buckets = new FakeBuckets(OBJECTS, 5);
    buckets.level = () => Promise.reject(awsError('unreachable', 's3:ListObjectsV2'));
    await assert.rejects(planEnqueue(request(), PIPELINE, { buckets, batches }), { code: 'unreachable' });
    await assert.rejects(enqueuePrefix(request(), PIPELINE, { buckets, queues, batches }), {
      message: /unreachable/i,
    });
  });

  it('reads at most 20 pages of a folder, and a folder at any depth', async () => {
    let pages = 0;
    const reader = new FolderReader(
      { bucket: 'media', prefix: '' },
      {
        async *pages() {
          for (;;) {
            pages += 1;
            yield [s3Object(`x${pages}.mov`)];
          }
        },
        level: async () => ({ prefixes: [], objects: [], next: undefined }),
      },
    );
    const inFolder = await reader.judge([s3Object('a.ts', { size: SIZE })], () => true);
    assert.deepEqual([inFolder(s3Object('a.ts', { size: SIZE })), pages], [undefined, 20]);
    const deep = fc
      .array(fc.constantFrom('/', 'a/', 'b', '//'), { maxLength: 12 })
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(deep, async (folder) => {
        const key = `${folder}/x.ts`;
        const buckets = new FakeBuckets([s3Object(key, { size: 900 }), s3Object('tsconfig.json')]);
        const page = [s3Object(key, { size: 900 })];
        const judge = await new FolderReader({ bucket: 'b', prefix: '' }, buckets).judge(page, () => true);
        assert.equal(judge(s3Object(key, { size: 900 })), 'not-media', key);
      }),
    );
  });
});

describe('keys that are no UTF-8', () => {
  it('are counted once, also where they end a page and the enqueue is resumed', async () => {
    const bad = s3Object('', { size: 0 });
    const pages = [[bad, s3Object('a.mp4'), bad], [bad, bad], [s3Object('b.mp4'), bad], [bad]];
    const buckets = new FakeBuckets([]);
    /** As a store lists them: what has no name stays behind the key before it. */
    buckets.pages = async function* ({ startAfter = '' }) {
      const all = pages.map((page) => [...page]);
      if (startAfter >= 'a.mp4') all.splice(0, 1, [bad]);
      if (startAfter >= 'b.mp4') all.splice(0, 3, [bad]);
      yield* all;
    };
    const request = { bucket: 'media', prefix: '', job: JOB };
    for (const stopAfter of [1, 2, 9]) {
      const queues = new FakeQueues();
      const batches = new FakeBatches();
      const control = new AbortController();
      batches.beforeSave = () => {
        if (batches.saved.length === stopAfter) control.abort();
      };
      const services = { buckets, queues, batches };
      await enqueuePrefix(request, PIPELINE, services, { signal: control.signal }).catch((error: unknown) => {
        assert.ok(isAbort(error));
      });
      batches.beforeSave = () => undefined;
      const [batch = ''] = batches.metas.keys();
      const end = await resumeEnqueue(batch, PIPELINE, services);
      assert.deepEqual(
        [end.listed, end.sent, { ...end.skipped }],
        [8, 2, { 'not-utf8': 6 }],
        String(stopAfter),
      );
    }
  });
});
