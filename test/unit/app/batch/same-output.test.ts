import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EarlierResults } from '../../../../src/app/batch/done-before.ts';
import { enqueueFiles } from '../../../../src/app/batch/enqueue-files.ts';
import { enqueuePrefix, type EnqueueRequest } from '../../../../src/app/batch/enqueue-prefix.ts';
import type { FileSource } from '../../../../src/app/batch/file-source.ts';
import { planEnqueue } from '../../../../src/app/batch/plan-enqueue.ts';
import type { BatchMeta } from '../../../../src/core/batch/batch.ts';
import { InvalidInputError, isAbort } from '../../../../src/core/errors.ts';
import { decodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import type { S3Object } from '../../../../src/core/files/bucket-store.ts';
import { outputFor, type JobOptions } from '../../../../src/core/ittybit/job-options.ts';
import { FakeBatches, FakeBuckets, FakeQueues, PIPELINE, s3Object } from '../../../helpers/fakes.ts';
import { HUGE_TABLE } from '../../../helpers/huge-table.ts';
import { inListingOrder, listings } from '../../../helpers/listed-keys.ts';

const video = (output?: string): JobOptions => ({ kind: 'video', options: {}, ...(output && { output }) });
const STEM = video('s3://out/{stem}.mp4');

describe('files that share an output address', () => {
  let queues: FakeQueues;
  let batches: FakeBatches;

  beforeEach(() => {
    queues = new FakeQueues();
    batches = new FakeBatches();
  });

  const requestOf = (job: JobOptions, change: Partial<EnqueueRequest> = {}) => ({
    ...{ bucket: 'media', prefix: '', job },
    ...change,
  });
  const bucketOf = (objects: readonly (string | S3Object)[], size?: number) =>
    new FakeBuckets(
      objects.map((object) => (typeof object === 'string' ? s3Object(object) : object)),
      size,
    );
  const plan = (
    objects: readonly (string | S3Object)[],
    request: EnqueueRequest,
    earlier: EarlierResults = batches,
  ) => planEnqueue(request, PIPELINE, { buckets: bucketOf(objects, 2), batches: earlier });
  const sentKeys = () => queues.bodies('work').map((body) => decodeQueueMessage(body).key);

  it('are found over pages, with one pair by name; the first keeps the address, in the plan as in the enqueue', async () => {
    const keys = inListingOrder([
      ...['a/clip-2.mov', 'a/clip.avi', 'a/clip.b.mov', 'a/clip.mov', 'a/clip.mxf', 'a/clip.txt'],
      ...['b/clip.mov', 'b/x.mov', 'b/x.mp4'],
    ]);
    const planned = await plan(keys, requestOf(STEM));
    assert.deepEqual(planned.sameOutput, {
      first: 'a/clip.avi',
      second: 'a/clip.mov',
      output: 's3://out/a/clip.mp4',
    });
    assert.deepEqual(
      [planned.files, planned.listed, planned.skipped],
      [5, 9, { 'same-output': 3, 'not-media': 1 }],
    );
    const services = { buckets: bucketOf(keys, 2), queues, batches };
    const { listed, sent, skipped } = await enqueuePrefix(requestOf(STEM), PIPELINE, services);
    assert.deepEqual([sent, listed, skipped], [planned.files, planned.listed, planned.skipped]);
    assert.deepEqual(sentKeys(), ['a/clip-2.mov', 'a/clip.avi', 'a/clip.b.mov', 'b/clip.mov', 'b/x.mov']);
  });

  it('are none, at no cost, where the output tells them apart, and without an output', async () => {
    const keys = ['a.b.mov', 'a.mov', 'a.mp4', 'a.mxf'];
    for (const output of [
      's3://out/{key}.mp4',
      's3://out/{stem}-{ext}.mp4',
      's3://out/{ext}/{stem}.mp4',
      undefined,
    ]) {
      const job = video(output);
      const { files, sameOutput, skipped } = await plan(keys, requestOf(job));
      assert.deepEqual([files, sameOutput, skipped], [4, undefined, {}]);
      await enqueuePrefix(requestOf(job), PIPELINE, { buckets: bucketOf(keys), queues, batches });
    }
    assert.ok(batches.saved.every((checkpoint) => !('stems' in checkpoint)));
  });

  it('are only files that are taken: what is skipped before holds no address', async () => {
    const objects = [
      s3Object('a.avi', { size: 0 }),
      s3Object('a.mkv', { storageClass: 'GLACIER' }),
      ...['a.mov', 'a.mp4', 'a.txt', '{d}.mov', '{d}.mp4'],
    ];
    const { files, skipped, samples } = await plan(
      objects,
      requestOf(STEM, { filter: { glob: '*.{mkv,mp4}' } }),
    );
    assert.deepEqual([files, samples], [1, ['a.mp4']]);
    assert.deepEqual(skipped, { empty: 1, archived: 1, filtered: 2, 'not-media': 1, braces: 1 });
  });

  it('leave the address to a file that is done, because its result is there', async () => {
    const earlier: EarlierResults = {
      ...HUGE_TABLE,
      list: async () => ({ items: [{ batch: 'earlier', job: STEM } as BatchMeta], next: undefined }),
      source: async (_table, { key }) => ({
        items: key === 'a.mov' ? [{ batch: 'earlier', status: 'succeeded' } as ResultItem] : [],
        owners: new Map(),
      }),
    };
    const request = requestOf(STEM, { filter: { not_yet_done: true } });
    const { files, skipped } = await plan(['a.mov', 'a.mxf', 'b.mov'], request, earlier);
    assert.deepEqual([files, skipped], [1, { done: 1, 'same-output': 1 }]);
  });

  it('are no two deliveries of one key by a source that repeats itself', async () => {
    const source = listOf(['a.mov', 'a.mov', 'a.mp4'], 2);
    const run = { meta: metaOf(STEM), source, from: undefined, created: false };
    const { sent, skipped } = await enqueueFiles(run, PIPELINE, { queues, batches }, {});
    assert.deepEqual([sent, skipped], [2, { 'same-output': 1 }]);
  });

  it('are the same after any number of stops and resumes', async () => {
    const keys = listings(['.mov', '.mp4', '.mxf', '.txt']).filter((listed) => listed.length > 0);
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.nat(9)),
        async (listed, size, stops) => {
          const fresh = { queues: new FakeQueues(), batches: new FakeBatches() };
          for (const stop of [...stops, Infinity]) {
            const control = new AbortController();
            let calls = 0;
            fresh.batches.beforeSave = () => {
              if (calls++ === stop) control.abort();
              control.signal.throwIfAborted();
            };
            const from = fresh.batches.saved.at(-1);
            if (from?.done) break;
            const created = fresh.batches.metas.size > 0;
            const run = { meta: metaOf(STEM), source: listOf(listed, size), from, created };
            try {
              await enqueueFiles(run, PIPELINE, fresh, { signal: control.signal });
            } catch (error) {
              assert.ok(isAbort(error), String(error));
            }
          }
          const owners = new Map<string, string>();
          const media = listed.filter((key) => !key.endsWith('.txt') && !/(^|\/)\.\.?\//.test(key));
          for (const key of media) {
            const address = outputFor(STEM, { bucket: 'media', key }) ?? '';
            if (!owners.has(address)) owners.set(address, key);
          }
          const sent = fresh.queues.bodies('work').map((body) => decodeQueueMessage(body).key);
          assert.deepEqual([...new Set(sent)], [...owners.values()]);
          const last = fresh.batches.saved.at(-1);
          assert.equal(last?.skipped['same-output'] ?? 0, owners.size === 0 ? 0 : media.length - owners.size);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('outputs that cannot be used', () => {
  it('are counted by their reason, and their files are not sent', async () => {
    const keys = inListingOrder(['a/../b.mov', 'c.mov', `${'k'.repeat(1_020)}.mov`, '{date}.mov']);
    const services = {
      buckets: new FakeBuckets(keys.map((key) => s3Object(key))),
      batches: new FakeBatches(),
    };
    const request = { bucket: 'media', prefix: '', job: video('s3://out/x/{key}.mp4') };
    const { files, samples, skipped } = await planEnqueue(request, PIPELINE, services);
    assert.deepEqual([files, samples], [1, ['c.mov']]);
    assert.deepEqual(skipped, { 'output-folder': 1, 'output-length': 1, braces: 1 });
  });

  it('are refused where the extension can be the folder that the batch reads', async () => {
    const services = { buckets: new FakeBuckets([]), batches: new FakeBatches() };
    const planned = (prefix: string, output: string) =>
      planEnqueue({ bucket: 'media', prefix, job: video(output) }, PIPELINE, services);
    for (const [prefix, output] of [
      ['mov/', 's3://media/{ext}/{stem}.mp4'],
      ['MxF/', 's3://media/{ext}/{stem}.mp4'],
      ['x/mo', 's3://media/x/{ext}/{key}.mp4'],
      ['media/mkv/', 's3://media/{bucket}/{ext}/{key}.mp4'],
      ['media/', 's3://media/{bucket}/{key}.mp4'],
    ] as const) {
      await assert.rejects(planned(prefix, output), /written under s3:\/\/media/, `${prefix} ${output}`);
      await assert.rejects(planned(prefix, output), InvalidInputError);
    }
    for (const [prefix, output] of [
      ['film/', 's3://media/{ext}/{stem}.mp4'],
      ['mov/x/', 's3://media/{ext}/{stem}.mp4'],
      ['mov/', 's3://media/out/{ext}/{stem}.mp4'],
      ['mov/', 's3://other/{ext}/{stem}.mp4'],
    ] as const) {
      assert.equal((await planned(prefix, output)).files, 0, `${prefix} ${output}`);
    }
  });
});

function metaOf(job: JobOptions): BatchMeta {
  const extensions = ['mov', 'mp4', 'mxf'];
  return {
    batch: 'b1',
    bucket: 'media',
    prefix: '',
    job,
    extensions,
    created_at: '2026-11-26T12:00:00.000Z',
  };
}

/** A source whose position is how many keys it has handed out. */
function listOf(keys: readonly string[], size: number): FileSource {
  return {
    async *pages(after) {
      for (let i = Number(after); i < keys.length; i += size) {
        const files = keys.slice(i, i + size).map((key) => s3Object(key));
        yield { files, position: String(i + files.length) };
      }
    },
  };
}
