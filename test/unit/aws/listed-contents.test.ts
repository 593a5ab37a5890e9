import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { cutContents } from '../../../src/aws/listed-contents.ts';
import { listObjects } from '../../../src/aws/list-objects.ts';
import { readEarly } from '../../../src/aws/listing-answer.ts';

const ENCODED = '<EncodingType>url</EncodingType>';
const OBJECT =
  '<Contents><Key>a%26b+c</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e1&quot;</ETag><Size>7</Size><StorageClass>STANDARD</StorageClass></Contents>';

function pageOf(inner: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>media</Name><Prefix>a/</Prefix>${inner}</ListBucketResult>`;
}

/** Reads a body as a client does that gets it in pieces. @returns the page, and the token that came early */
async function read(body: string, isEarly: boolean, piece = 50) {
  const bytes = Buffer.from(body);
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, i) =>
    bytes.subarray(i * piece, (i + 1) * piece),
  );
  const s3 = new S3Client({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: {
      handle: async () => ({
        response: { statusCode: 200, headers: {}, body: Readable.from(pieces, { objectMode: false }) },
      }),
    },
  });
  const tokens: string[] = [];
  const page = await listObjects(s3, { bucket: 'media', prefix: 'a/' }, undefined, {
    onToken: (token) => tokens.push(token),
    ...(isEarly && { readEarly }),
  });
  return { page, tokens };
}

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((text) => text.isWellFormed());
const encoded = key.map((text) => encodeURIComponent(text).replaceAll('%20', '+').replaceAll('%2F', '/'));
const date = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((each) => each.toISOString());
const hex = fc.stringMatching(/^[0-9a-f]{0,9}$/);
const element = fc.oneof(
  encoded.map((text) => `<Key>${text}</Key>`),
  date.map((text) => `<LastModified>${text}</LastModified>`),
  hex.map((text) => `<ETag>&quot;${text}&quot;</ETag>`),
  fc.nat().map((size) => `<Size>${size}</Size>`),
  fc.constantFrom('STANDARD', 'GLACIER').map((text) => `<StorageClass>${text}</StorageClass>`),
);
const wild = fc.constantFrom(
  '<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumAlgorithm>SHA1</ChecksumAlgorithm>',
  '<Owner><ID>1</ID><DisplayName>a &amp; b</DisplayName></Owner>',
  '<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>',
  '<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2026-01-02T03:04:05.000Z</RestoreExpiryDate></RestoreStatus>',
  '<RestoreStatus/>',
  '<!-- <Contents><Key>no</Key></Contents> -->',
  '<Key><![CDATA[a<b]]></Key>',
  '<Key>a&amp;b&#13;</Key>',
  '<Key kind="x">y</Key>',
  '<Size></Size>',
  '<Size/>',
  '\n  ',
);
const object = fc
  .array(fc.oneof({ arbitrary: element, weight: 6 }, { arbitrary: wild, weight: 1 }), { maxLength: 8 })
  .map((parts) => `<Contents>${parts.join('')}</Contents>`);
const plain = fc
  .tuple(encoded, date, hex, fc.nat())
  .map(
    ([name, at, etag, size]) =>
      `<Contents><Key>${name}</Key><LastModified>${at}</LastModified><ETag>&quot;${etag}&quot;</ETag><Size>${size}</Size></Contents>`,
  );

describe('the objects of a listing, cut out before the parser', () => {
  it('are those that the SDK reads, whatever the page is like', async () => {
    const page = fc.record({
      head: fc.constantFrom(ENCODED, '', `${ENCODED}<!-- x -->`),
      objects: fc.array(fc.oneof({ arbitrary: plain, weight: 4 }, { arbitrary: object, weight: 1 }), {
        maxLength: 5,
      }),
      token: fc.option(key.map(xml)),
      prefix: fc.option(encoded),
    });
    let cut = 0;
    await fc.assert(
      fc.asyncProperty(page, async ({ head, objects, token, prefix }) => {
        const more = token === null ? '' : `<NextContinuationToken>${token}</NextContinuationToken>`;
        const levels = prefix === null ? '' : `<CommonPrefixes><Prefix>${prefix}</Prefix></CommonPrefixes>`;
        const isCut = `<IsTruncated>${token !== null}</IsTruncated>`;
        const body = pageOf(`${head}${isCut}${more}${objects.join('')}${levels}`);
        if (objects.length > 0 && cutContents(body)) cut += 1;
        const both = await Promise.allSettled([read(body, true), read(body, false)]);
        const [ours, theirs] = both.map((each) =>
          each.status === 'fulfilled' ? each.value.page : 'refused',
        );
        assert.deepEqual(ours, theirs);
      }),
      { numRuns: 400 },
    );
    assert.ok(cut > 50, `${cut} pages were cut`);
  });

  it('are read as S3 writes them, with the token as soon as it has come', async () => {
    const token = '<IsTruncated>true</IsTruncated><NextContinuationToken>t+/=</NextContinuationToken>';
    const { page, tokens } = await read(pageOf(`${ENCODED}${token}${OBJECT}${OBJECT}`), true, 7);
    assert.deepEqual(tokens, ['t+/=']);
    assert.equal(page.next, 't+/=');
    assert.equal(page.objects.length, 2);
    assert.deepEqual(page.objects[0], {
      ...{ key: 'a&b c', size: 7, etag: 'e1', storageClass: 'STANDARD', restoring: false },
      ...{ lastModified: new Date('2026-01-02T03:04:05.000Z'), restoredUntil: undefined },
    });
  });

  it('leave a page to the parser that is written in any other way', () => {
    const fine = pageOf(`${ENCODED}${OBJECT}`);
    assert.equal(cutContents(fine)?.contents.length, 1);
    assert.equal(cutContents(fine)?.rest, pageOf(ENCODED));
    for (const [part, other] of [
      [ENCODED, ''],
      ['<Contents>', '<Contents >'],
      ['</Contents>', ''],
      ['a%26b', 'a&amp;b'],
      ['&quot;e1', '&apos;e1'],
      ['<Size>7<', '<Size>-7<'],
      ['2026-01-02T03:04:05.000Z', 'Fri, 02 Jan 2026 03:04:05 GMT'],
      ['2026-01-02T', '2026-13-02T'],
      ['<Size>', '<Size>1</Size><Size>'],
      ['<Size>', '<Size/><Size>'],
      ['<Size>', 'text<Size>'],
      ['<Size>', '<!-- --><Size>'],
    ] as const) {
      assert.equal(cutContents(fine.replace(part, other)), undefined, `${part} → ${other}`);
    }
  });
});
