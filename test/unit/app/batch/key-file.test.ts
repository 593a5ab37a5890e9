import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { enqueuePrefix, restOf, resumeEnqueue } from '../../../../src/app/batch/enqueue-prefix.ts';
import { readKeyFile, type KeyFile } from '../../../../src/app/batch/key-file.ts';
import { planEnqueue } from '../../../../src/app/batch/plan-enqueue.ts';
import { sourceOf } from '../../../../src/app/batch/key-source.ts';
import { decodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { stringify } from 'csv-stringify/sync';
import { FakeBatches, FakeBuckets, FakeQueues, PIPELINE, s3Object } from '../../../helpers/fakes.ts';

const JOB = { kind: 'video' as const, options: {} };
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

/** @returns a file that is read in pieces of a few bytes, so that lines and letters are cut */
function file(name: string, text: string, piece = 7): KeyFile {
  const bytes = Buffer.from(text);
  return {
    name,
    async *read() {
      for (let i = 0; i < bytes.length; i += piece) yield bytes.subarray(i, i + piece);
    },
  };
}

async function read(name: string, text: string, bucket: string | undefined = 'film') {
  const { entries, buckets, bare } = await readKeyFile(file(name, text), bucket);
  return {
    keys: entries.filter(({ flaw }) => flaw === undefined).map(({ key }) => key),
    flaws: entries.filter(({ flaw }) => flaw).map(({ key, flaw }) => [flaw, key]),
    buckets: [...buckets],
    bare,
  };
}

describe('a file with keys', () => {
  it('has a key or an address a line, with every byte of the key', async () => {
    const text =
      '\uFEFFa/é 1.mp4\r\n\ns3://film/b c.mov \nhttps://film.s3.amazonaws.com/d%20e.mp4\n{odd}.mp4\n  x.mp4';
    assert.deepEqual(await read('list.txt', text), {
      keys: ['  x.mp4', 'a/é 1.mp4', 'b c.mov ', 'd e.mp4', '{odd}.mp4'],
      flaws: [],
      buckets: [['film', 2]],
      bare: 3,
    });
  });

  it('has JSON Lines with bucket and key, or a text', async () => {
    const lines = [
      '{"bucket":"film","key":"a.mp4","status":"failed"}',
      '{"key":"b.mp4"}',
      '"c\\u00e9.mp4"',
      '{"key":7}',
      '{"bucket":"../x","key":"d.mp4"}',
      'e.mp4',
      '[]',
    ];
    const { keys, flaws } = await read('list.JSONL', lines.join('\n'));
    assert.deepEqual(keys, ['a.mp4', 'b.mp4', 'cé.mp4']);
    assert.deepEqual(
      flaws,
      lines.slice(3).map((line) => ['bad-line', line]),
    );
  });

  it('has CSV with named columns, or a bucket and a key, or a key', async () => {
    assert.deepEqual(
      (await read('x.csv', '\uFEFFstatus,Key,Bucket\r\n1,"a, ""b"".mp4",film\r\n2,c.mp4,\r\n')).keys,
      ['a, "b".mp4', 'c.mp4'],
    );
    assert.deepEqual((await read('x.csv', 'film;a.mp4\nfilm;b.mp4;9\n')).keys, ['a.mp4', 'b.mp4']);
    assert.deepEqual((await read('x.csv', 'bucket,key\nfilm,a;b\tc.mp4\n')).keys, ['a;b\tc.mp4']);
    assert.deepEqual((await read('x.csv', '"film";a, b.mp4\n')).keys, ['a, b.mp4']);
    assert.deepEqual((await read('x.tsv', 'film\ta, b;c.mp4\n')).keys, ['a, b;c.mp4']);
    assert.deepEqual((await read('x.csv', 's3://film/a.mp4\nb.mp4\n\n')).keys, ['a.mp4', 'b.mp4']);
    const { keys, flaws } = await read('x.csv', 'key\na.mp4\nb"c.mp4\nd.mp4\n');
    assert.deepEqual(keys, ['a.mp4', 'd.mp4']);
    assert.deepEqual(
      flaws.map(([flaw]) => flaw),
      ['bad-line'],
    );
  });

  it('counts lines of other buckets, repeats and what is too long, and drops none silently', async () => {
    const text = [
      's3://tape/a.mp4',
      'b.mp4',
      'b.mp4',
      'x'.repeat(1025),
      'y'.repeat(20_000),
      's3://',
      'c.mp4',
    ];
    const { keys, flaws, buckets } = await read('list.txt', text.join('\n'));
    assert.deepEqual(keys, ['b.mp4', 'c.mp4']);
    assert.deepEqual(
      flaws.map(([flaw]) => flaw),
      ['other-bucket', 'bad-line', 'bad-line', 'bad-line', 'repeated'],
    );
    assert.deepEqual(buckets, [['tape', 1]]);
  });

  it('gives back any keys that were written to it, in either format', async () => {
    const key = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => !/[\n\r\0]/.test(text));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { minLength: 1, maxLength: 20 }), async (keys) => {
        const sorted = keys.toSorted((a, b) => (a < b ? -1 : 1));
        const objects = keys.map((one) => JSON.stringify({ bucket: 'film', key: one }));
        assert.deepEqual((await read('x.ndjson', objects.join('\n'))).keys, sorted);
        const csv = stringify(
          keys.map((one) => ['film', one]),
          { header: true, columns: ['bucket', 'key'] },
        );
        assert.deepEqual((await read('x.csv', csv)).keys, sorted);
      }),
      { numRuns: 50 },
    );
  });
});

describe('an enqueue from a file with keys', () => {
  const TEXT = 'b.mp4\nmissing.mp4\na.mp4\nb.mp4\ns3://tape/x.mp4\nnotes.txt\n';
  const source = { file: 'list.txt', sha256: sha(TEXT) };
  const request = { bucket: 'film', prefix: '', job: JOB, source, keyFile: file('list.txt', TEXT) };
  const objects = ['a.mp4', 'b.mp4', 'b.mp4.bak', 'notes.txt', 'other.mp4'].map((key) =>
    s3Object(key, { etag: key }),
  );
  let services: { buckets: FakeBuckets; queues: FakeQueues; batches: FakeBatches };

  beforeEach(() => {
    services = { buckets: new FakeBuckets(objects), queues: new FakeQueues(), batches: new FakeBatches() };
  });
  const sent = () => services.queues.bodies('work').map((body) => decodeQueueMessage(body));

  it('plans and sends its keys only, with their ETags, and counts every line', async () => {
    const plan = await planEnqueue(request, PIPELINE, services);
    const skipped = { 'other-bucket': 1, repeated: 1, missing: 1, 'not-media': 1 };
    assert.deepEqual([plan.files, plan.listed, plan.skipped], [2, 6, skipped]);
    assert.deepEqual(plan.left, {
      'other-bucket': ['s3://tape/x.mp4'],
      repeated: ['b.mp4'],
      missing: ['missing.mp4'],
      'not-media': ['notes.txt'],
    });
    const done = await enqueuePrefix(request, PIPELINE, services);
    assert.deepEqual([done.sent, done.skipped], [2, skipped]);
    assert.deepEqual(
      sent().map(({ key, etag }) => [key, etag]),
      [
        ['a.mp4', 'a.mp4'],
        ['b.mp4', 'b.mp4'],
      ],
    );
    const [meta] = services.batches.metas.values();
    assert.deepEqual(meta?.source, source);
    assert.deepEqual(restOf(meta).source, source);
  });

  it('may write to its own bucket, as nothing else there is enqueued', async () => {
    const job = { ...JOB, output: 's3://film/out/{key}.mp4' };
    const { files } = await planEnqueue({ ...request, job }, PIPELINE, services);
    assert.equal(files, 2);
    await assert.rejects(
      planEnqueue({ bucket: 'film', prefix: '', job }, PIPELINE, services),
      /another output prefix/,
    );
  });

  it('goes on only with the same file, and never with the whole bucket', async () => {
    services.batches.beforeSave = () => {
      throw new Error('the network is gone');
    };
    await assert.rejects(enqueuePrefix(request, PIPELINE, services), { code: 'enqueue-incomplete' });
    services.batches.beforeSave = () => undefined;
    const [batch = ''] = services.batches.metas.keys();
    const resume = (keyFile?: KeyFile) => resumeEnqueue(batch, PIPELINE, services, { keyFile });
    await assert.rejects(resume(), { code: 'key-file-needed', message: /choose that file/ });
    await assert.rejects(resume(file('list.txt', 'other.mp4\n')), {
      code: 'enqueue-incomplete',
      message: /has other bytes/,
    });
    const before = sent().length;
    const { sent: all } = await resume(file('renamed.txt', TEXT));
    assert.deepEqual([all, sent().length - before], [2, 2]);
    assert.ok(!sent().some(({ key }) => key === 'other.mp4'));
  });

  it('goes on behind the position of its checkpoint', async () => {
    const keys = Array.from({ length: 2_500 }, (_, i) => `${String(i).padStart(5, '0')}.mp4`);
    const place = { bucket: 'film', prefix: '', source: { keys } };
    const buckets = new FakeBuckets(keys.map((key) => s3Object(key)));
    const pages = [];
    for await (const { files, position } of sourceOf(place, buckets).pages('1000'))
      pages.push([files[0]?.key, files.length, position]);
    assert.deepEqual(pages, [
      ['01000.mp4', 1000, '2000'],
      ['02000.mp4', 500, '2500'],
    ]);
  }).timeout(60_000);
});
