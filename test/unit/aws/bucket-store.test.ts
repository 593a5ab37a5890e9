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
    const objects = await listed(storeWith({}, { Contents }).store);
    assert.deepEqual(
      objects.map(({ key }) => key),
      keys,
    );
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

  it('counts an archived object as restored only when its copy can be read', async () => {
    const RestoreExpiryDate = new Date(0);
    const Contents = [
      { Key: 'a', ETag: '"e"', Size: 7, RestoreStatus: { IsRestoreInProgress: false, RestoreExpiryDate } },
      { Key: 'b', RestoreStatus: { IsRestoreInProgress: true, RestoreExpiryDate } },
      { Key: 'c', RestoreStatus: { IsRestoreInProgress: false } },
      {},
    ];
    const objects = await listed(storeWith({}, { Contents }).store);
    assert.deepEqual(
      objects.map(({ key, etag, size, restored }) => [key, etag, size, restored]),
      [['a', 'e', 7, true], ...['b', 'c', ''].map((key) => [key, '', 0, false])],
    );
  });

  it('leaves the folder itself out of its level, and no file of the same name', async () => {
    const page = { Contents: [{ Key: 'x/' }, { Key: 'x/y' }], CommonPrefixes: [{ Prefix: 'x/a+b/' }] };
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
