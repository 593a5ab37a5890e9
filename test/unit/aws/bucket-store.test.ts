import assert from 'node:assert/strict';
import { S3BucketStore } from '../../../src/aws/bucket-store.ts';
import type { S3Object } from '../../../src/core/files/bucket-store.ts';
import { scriptedClients, type SdkRequest } from '../../helpers/scripted-clients.ts';

/** HeadBucket as S3 answers it with an error. */
const refused = (status: number, region?: string) =>
  Object.assign(new Error('UnknownError'), {
    name: status === 404 ? 'NotFound' : 'Forbidden',
    $metadata: { httpStatusCode: status },
    $response: { headers: { 'x-amz-bucket-region': region } },
  });

describe('the bucket store', () => {
  const storeWith = (head: unknown, ...pages: object[]) => {
    const { clients, requests } = scriptedClients(({ operation }: SdkRequest) => {
      if (operation === 'ListObjectsV2') return pages.shift() ?? {};
      if (head instanceof Error) throw head;
      return head;
    });
    return { store: new S3BucketStore(clients), requests };
  };
  const place = { bucket: 'b', prefix: '' };
  const listed = async (store: S3BucketStore): Promise<S3Object[]> => {
    const objects: S3Object[] = [];
    for await (const page of store.pages(place)) objects.push(...page);
    return objects;
  };

  it('lists in the region that S3 names, even with a refusal, and asks for it once', async () => {
    const cases = [
      [{ BucketRegion: 'ap-south-1' }, 'ap-south-1'],
      [{}, 'eu-west-1'],
      [refused(301, 'us-west-2'), 'us-west-2'],
      [refused(403, 'us-west-2'), 'us-west-2'],
      [refused(403), 'eu-west-1'],
    ] as const;
    for (const [head, region] of cases) {
      const { store, requests } = storeWith(head);
      await listed(store);
      await listed(store);
      assert.deepEqual(
        requests.map((request) => [request.operation, request.region]),
        [['HeadBucket', 'eu-west-1'], ...[0, 1].map(() => ['ListObjectsV2', region])],
      );
    }
  });

  it('does not guess a region for who only asks for that, or for a bucket that is not there', async () => {
    await assert.rejects(storeWith(refused(403)).store.region('b'), { code: 'missing-permission' });
    const { store, requests } = storeWith(refused(404, 'us-west-2'));
    await assert.rejects(listed(store), { code: 'no-such-bucket', message: /There is no bucket "b"/ });
    await assert.rejects(listed(store), { code: 'no-such-bucket' });
    assert.equal(requests.length, 2);
  });

  it('gives each key exactly, with all characters that the listing encodes', async () => {
    const keys = ['a b.mp4', 'a+b.mp4', 'a%20b.mp4', '\u0001\uFFFF.mp4', '../ä/\u{1F3AC}.mp4', '%.mp4'];
    const encode = (key: string) => encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
    const Contents = keys.map((key) => ({ Key: encode(key) }));
    const objects = await listed(storeWith({}, { Contents, EncodingType: 'url' }).store);
    assert.deepEqual(
      objects.map(({ key }) => key),
      keys,
    );
  });

  it('changes no key of a store that does not encode, and leaves out what its XML could not hold', async () => {
    const keys = ['100%.mp4', 'a+b.mp4', '%20.mp4', '%zz.mp4', 'caf\u00e9.mp4'];
    const Contents = [...keys, 'caf\uFFFD.mp4'].map((Key) => ({ Key }));
    const CommonPrefixes = [{ Prefix: 'a+%41/' }, { Prefix: '\uFFFD/' }];
    const objects = await listed(storeWith({}, { Contents }).store);
    assert.deepEqual(
      objects.map(({ key }) => key),
      [...keys, ''],
    );
    const level = await storeWith({}, { Contents, CommonPrefixes }).store.level({ ...place, max: 9 });
    assert.deepEqual([level.objects.map(({ key }) => key), level.prefixes], [keys, ['a+%41/']]);
  });

  it('lists on after keys that are no UTF-8, and gives them no name', async () => {
    const wrong = ['%FF.mp4', 'a%C3.mp4', '%ED%A0%80.mp4', '%C0%AF.mp4', '%.mp4', 'x%2'];
    const Contents = ['a.mp4', ...wrong, 'z.mp4'].map((Key) => ({ Key, Size: 5 }));
    const objects = await listed(storeWith({}, { Contents, EncodingType: 'url' }).store);
    assert.deepEqual(
      objects.map(({ key, size }) => [key, size]),
      [['a.mp4', 5], ...wrong.map(() => ['', 0]), ['z.mp4', 5]],
    );
  });

  it('leaves out what a store lists again although it shall begin later', async () => {
    const Contents = ['a', 'b', '%FF', 'c\u00e9', '\uFFEE', '\u{1F3AC}'].map((key) => ({
      Key: key.startsWith('%') ? key : encodeURIComponent(key),
    }));
    const { store } = storeWith({}, { Contents, EncodingType: 'url' });
    const keys: string[] = [];
    for await (const page of store.pages({ ...place, startAfter: 'b' }))
      keys.push(...page.map(({ key }) => key));
    assert.deepEqual(keys, ['', 'c\u00e9', '\uFFEE', '\u{1F3AC}']);
  });

  it('lists one level of a prefix where it is asked for that', async () => {
    const { store, requests } = storeWith(
      {},
      { Contents: [{ Key: 'a' }], CommonPrefixes: [{ Prefix: 'b/' }] },
    );
    for await (const page of store.pages({ ...place, level: true })) assert.deepEqual(page[0]?.key, 'a');
    assert.equal(requests.at(-1)?.input['Delimiter'], '/');
  });

  it('ends a listing that does not go on, with a sentence', async () => {
    const page = (keys: string[], token: string) => ({
      Contents: keys.map((Key) => ({ Key })),
      IsTruncated: true,
      NextContinuationToken: token,
    });
    const endless = (awsCode: string) => ({
      code: 'aws',
      awsCode,
      message: /listing was stopped: try again/,
    });
    const rounds = Array.from({ length: 50 }, (_, i) => page([], 'xyz'[i % 3] ?? ''));
    for (const [awsCode, pages] of [
      ['RepeatedToken', [page(['a'], 't'), page(['b'], 't')]],
      ['RepeatedToken', [page([], 't'), page([], 't')]],
      ['RepeatedToken', rounds],
      // A store that ignores the token gives its first page for ever, each time with a new one.
      ['OutOfOrder', [page(['a', 'b'], 't'), page(['a', 'b'], 'u')]],
      ['OutOfOrder', [page(['c'], 't'), page([], 'u'), page(['b'], 'v')]],
      ['OutOfOrder', [page(['a', 'c', 'b'], 't'), page(['d'], 'u')]],
      ['RepeatedPage', [page(['a'], 't'), page(['a'], 'u')]],
    ] as const) {
      await assert.rejects(listed(storeWith({}, ...pages).store), endless(awsCode), awsCode);
    }
    // Pages that share a key do go on, and so does a last one with nothing new.
    const overlapping = [page(['a', 'b'], 't'), page(['b', 'c'], 'u'), { Contents: [{ Key: 'c' }] }];
    assert.equal((await listed(storeWith({}, ...overlapping).store)).length, 5);
    const level = storeWith({}, page(['a'], 't')).store.level({ ...place, max: 5, next: 't' });
    await assert.rejects(level, endless('RepeatedToken'));
  });

  it('follows each page, and does not end a listing early that names no next one', async () => {
    const first = { Contents: [{ Key: 'a' }], IsTruncated: true, NextContinuationToken: 't' };
    const { store, requests } = storeWith({}, first, {
      Contents: [{ Key: 'b' }],
      NextContinuationToken: 'u',
    });
    assert.deepEqual(
      (await listed(store)).map(({ key }) => key),
      ['a', 'b'],
    );
    assert.deepEqual(
      requests.slice(1).map(({ input }) => input['ContinuationToken']),
      [undefined, 't'],
    );
    const cut = storeWith({}, { Contents: [{ Key: 'a' }], IsTruncated: true }).store;
    await assert.rejects(listed(cut), { code: 'aws', awsCode: 'NoContinuationToken' });
  });

  it('knows until when the copy of an archived object can be read', async () => {
    const RestoreExpiryDate = new Date(7);
    const Contents = [
      { Key: 'a', ETag: '"e"', Size: 7, RestoreStatus: { IsRestoreInProgress: false, RestoreExpiryDate } },
      { Key: 'b', RestoreStatus: { IsRestoreInProgress: true, RestoreExpiryDate } },
      { Key: 'c', RestoreStatus: { IsRestoreInProgress: false } },
    ];
    const objects = await listed(storeWith({}, { Contents }).store);
    assert.deepEqual(
      objects.map(({ key, etag, size, restoring, restoredUntil }) => [
        key,
        etag,
        size,
        restoring,
        restoredUntil,
      ]),
      [
        ['a', 'e', 7, false, RestoreExpiryDate],
        ['b', '', 0, true, undefined],
        ['c', '', 0, false, undefined],
      ],
    );
  });

  it('leaves the folder itself out of its level, and no file of the same name', async () => {
    const page = {
      Contents: [{ Key: 'x/' }, { Key: 'x/y' }],
      CommonPrefixes: [{ Prefix: 'x/a+b/' }],
      EncodingType: 'url',
    };
    const level = await storeWith({}, page).store.level({ bucket: 'b', prefix: 'x/', max: 5 });
    assert.deepEqual([level.objects.map(({ key }) => key), level.prefixes], [['x/y'], ['x/a b/']]);
    const file = await storeWith({}, { Contents: [{ Key: 'x' }] }).store.level({
      ...place,
      prefix: 'x',
      max: 5,
    });
    assert.equal(file.objects.length, 1);
  });
});
