import assert from 'node:assert/strict';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { S3BucketStore } from '../../src/aws/bucket-store.ts';
import { isAbort } from '../../src/core/errors.ts';
import type { S3Object } from '../../src/core/files/bucket-store.ts';
import { all, fails, REGION, startGatewayCloud, type GatewayCloud } from '../helpers/gateway-cloud.ts';

describe('bucket gateway on the emulator', function () {
  this.timeout(120_000);
  let cloud: GatewayCloud;
  const ODD_KEYS = [
    'plain.mp4',
    'with space.mp4',
    'double  space .mp4',
    'plus+percent%20hash#amp&question?.mp4',
    `quotes'"<>.mp4`,
    'emoji 🎬.mp4',
    'composed é.mp4',
    'combining e\u0301.mp4',
    'control \u0001.mp4',
    'back\\slash.mp4',
    'folder/',
    '../up.mp4',
    `long-${'x'.repeat(1_016)}`,
  ];
  const LEVEL_KEYS = [
    'top.mp4',
    '/leading.mp4',
    'a b+c%20é/1+1 %.mp4',
    'a b+c%20é/🎬 &?#/x.mp4',
    'f/',
    'f/x',
    'f/.',
    'f//x',
    'f///x',
    'name',
    'name of more',
  ];
  let s3: S3Client;

  before(async () => {
    cloud = await startGatewayCloud();
    s3 = new S3Client({ ...cloud.access, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'odd' }));
    await s3.send(new CreateBucketCommand({ Bucket: 'many' }));
    await s3.send(new CreateBucketCommand({ Bucket: 'levels' }));
    const far = new S3Client({ ...cloud.access, forcePathStyle: true, region: 'us-west-2' });
    const there = { LocationConstraint: 'us-west-2' } as const;
    await far.send(new CreateBucketCommand({ Bucket: 'far', CreateBucketConfiguration: there }));
    await far.send(new PutObjectCommand({ Bucket: 'far', Key: 'a.mp4', Body: 'x' }));
    far.destroy();
    await pMap(LEVEL_KEYS, (key) => put('levels', key), { concurrency: 4 });
    await pMap(ODD_KEYS, (key) => put('odd', `in/${key}`), { concurrency: 4 });
    const many = Array.from({ length: 1_005 }, (_, n) => `k/${String(n).padStart(4, '0')}`);
    await pMap(many, (key) => put('many', key), { concurrency: 16 });
  });

  after(async () => {
    s3.destroy();
    await cloud.stop();
  });

  async function put(bucket: string, key: string): Promise<void> {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
  }

  it('lists every key exactly as it is', async () => {
    const pages = await all(new S3BucketStore(cloud.root).pages({ bucket: 'odd', prefix: 'in/' }));
    const keys = pages.flat().map(({ key }) => key);
    assert.deepEqual(keys.toSorted(), ODD_KEYS.map((key) => `in/${key}`).toSorted());
    assert.deepEqual({ ...pages[0]![0], lastModified: undefined, key: '' }, {
      key: '',
      size: 1,
      etag: '9dd4e461268c8034f5c8564e155c67a6',
      lastModified: undefined,
      storageClass: 'STANDARD',
      restoring: false,
      restoredUntil: undefined,
    } satisfies S3Object);
  });

  it('resumes behind any key', async () => {
    const store = new S3BucketStore(cloud.root);
    const list = async (startAfter?: string) =>
      (await all(store.pages({ bucket: 'odd', prefix: 'in/', startAfter }))).flat().map(({ key }) => key);
    const keys = await list();
    for (const [index, key] of keys.entries()) assert.deepEqual(await list(key), keys.slice(index + 1));
  });

  it('pages beyond 1,000 objects', async () => {
    const store = new S3BucketStore(cloud.root);
    const pages = await all(store.pages({ bucket: 'many', prefix: 'k/' }));
    assert.deepEqual(
      pages.map((page) => page.length),
      [1_000, 5],
    );
    const rest = await all(store.pages({ bucket: 'many', prefix: 'k/', startAfter: 'k/1002' }));
    assert.deepEqual(
      rest.flat().map(({ key }) => key),
      ['k/1003', 'k/1004'],
    );
  });

  it('knows the region, and names an unknown bucket', async () => {
    const store = new S3BucketStore(cloud.root);
    assert.equal(await store.region('odd'), REGION);
    assert.equal(await store.region('far'), 'us-west-2');
    assert.equal((await all(store.pages({ bucket: 'far', prefix: '' }))).flat().length, 1);
    await fails(store.region('no-such'), 'no-such-bucket', /"no-such"/);
    await fails(all(store.pages({ bucket: 'no-such', prefix: '' })), 'no-such-bucket', /"no-such"/);
  });

  it('lists all buckets with their regions, page by page', async () => {
    const page = await new S3BucketStore(cloud.root).buckets();
    assert.deepEqual(page, {
      items: [
        { name: 'far', region: 'us-west-2' },
        { name: 'levels', region: REGION },
        { name: 'many', region: REGION },
        { name: 'odd', region: REGION },
      ],
      next: undefined,
    });
    const more = Array.from({ length: 1_000 }, (_, n) => `page-${String(n).padStart(4, '0')}`);
    await pMap(more, (Bucket) => s3.send(new CreateBucketCommand({ Bucket })), { concurrency: 16 });
    const store = new S3BucketStore(cloud.root);
    const first = await store.buckets();
    const second = await store.buckets(first.next);
    assert.deepEqual([first.items.length, second.items.length, second.next], [1_000, 4, undefined]);
    const names = [...first.items, ...second.items].map(({ name }) => name);
    assert.deepEqual(names, ['far', 'levels', 'many', 'odd', ...more]);
  });

  it('cuts keys of any characters into levels', async () => {
    const store = new S3BucketStore(cloud.root);
    const level = async (prefix: string) => {
      const { prefixes, objects, next } = await store.level({ bucket: 'levels', prefix, max: 1_000 });
      assert.equal(next, undefined);
      return [prefixes, objects.map(({ key }) => key)];
    };
    assert.deepEqual(await level(''), [
      ['/', 'a b+c%20é/', 'f/'],
      ['name', 'name of more', 'top.mp4'],
    ]);
    assert.deepEqual(await level('/'), [[], ['/leading.mp4']]);
    assert.deepEqual(await level('a b+c%20é/'), [['a b+c%20é/🎬 &?#/'], ['a b+c%20é/1+1 %.mp4']]);
    assert.deepEqual(await level('a b+c%20é/🎬 &?#/'), [[], ['a b+c%20é/🎬 &?#/x.mp4']]);
    assert.deepEqual(await level('f/'), [['f//'], ['f/.', 'f/x']], 'the marker f/ itself is left out');
    assert.deepEqual(await level('f//'), [['f///'], ['f//x']]);
    assert.deepEqual(await level('a b'), [['a b+c%20é/'], []], 'what begins so');
    assert.deepEqual(await level('name'), [[], ['name', 'name of more']], 'a file of that very name, too');
    assert.deepEqual(await level('none/'), [[], []]);
  });

  it('walks one level alone, with the keys that the walk over all of it gives', async () => {
    const store = new S3BucketStore(cloud.root);
    const walk = async (bucket: string, prefix: string, level: boolean) =>
      (await all(store.pages({ bucket, prefix, level }))).flat().map(({ key }) => key);
    for (const [bucket, prefix] of [
      ['levels', ''],
      ['levels', 'f/'],
      ['levels', 'a b+c%20é/'],
      ['many', ''],
      ['many', 'k/'],
    ] as const) {
      const flat = (await walk(bucket, prefix, false)).filter(
        (key) => !key.slice(prefix.length).includes('/'),
      );
      assert.deepEqual(await walk(bucket, prefix, true), flat, prefix);
    }
  });

  it('pages a level, prefixes and objects together', async () => {
    const store = new S3BucketStore(cloud.root);
    const all = ['/', 'a b+c%20é/', 'f/', 'name', 'name of more', 'top.mp4'];
    for (const max of [1, 2, 4]) {
      const pages: string[][] = [];
      let next: string | undefined;
      do {
        const page = await store.level({ bucket: 'levels', prefix: '', max, next });
        pages.push([...page.prefixes, ...page.objects.map(({ key }) => key)].toSorted());
        next = page.next;
      } while (next !== undefined);
      const cut = Array.from({ length: Math.ceil(all.length / max) }, (_, n) =>
        all.slice(n * max, n * max + max),
      );
      assert.deepEqual(pages, cut);
    }
    const far = await store.level({ bucket: 'far', prefix: '', max: 10 });
    assert.deepEqual(
      far.objects.map(({ key }) => key),
      ['a.mp4'],
    );
    const gone = store.level({ bucket: 'no-such', prefix: '', max: 10 });
    await fails(gone, 'no-such-bucket', /"no-such"/);
  });

  it('stops at an abort', async () => {
    const stopped = all(
      new S3BucketStore(cloud.root).pages({ bucket: 'odd', prefix: '' }, AbortSignal.abort()),
    );
    await assert.rejects(stopped, isAbort);
  });
});
