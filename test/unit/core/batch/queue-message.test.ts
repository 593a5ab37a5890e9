import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import {
  checkBatchId,
  decodeQueueMessage,
  encodeQueueMessage,
} from '../../../../src/core/batch/queue-message.ts';
import { MAX_KEY_BYTES } from '../../../../src/core/files/s3-location.ts';

/** What SQS takes: SQS API, SendMessage. */
const SQS_BODY = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;

describe('queue message', () => {
  const key = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 300 })
    .filter((text) => Buffer.byteLength(text) <= MAX_KEY_BYTES);

  it('keeps any key as it was, in a body that SQS accepts', () => {
    fc.assert(
      fc.property(key, fc.stringMatching(/^[!-~]{1,40}$/), fc.nat(), (key, etag, size) => {
        const message = { batch: 'b-1', bucket: 'media', key, etag, size };
        const body = encodeQueueMessage(message);
        assert.match(body, SQS_BODY);
        assert.deepEqual(decodeQueueMessage(body), message);
      }),
    );
  });

  it('keeps the characters that often break', () => {
    const wild = 'a \u0000\t\n\u007F\uFFFE\uFFFF\u2028 +%20?#&=\\"\'<>/../\u{1F3AC}e\u0301';
    for (const key of [wild, '/leading', 'trailing/', '.', '\u{10FFFF}'.repeat(256), '\u0001'.repeat(1024)]) {
      const body = encodeQueueMessage({ batch: 'b', bucket: 'media', key });
      assert.match(body, SQS_BODY);
      assert.ok(Buffer.byteLength(body) < 10_000);
      assert.equal(decodeQueueMessage(body).key, key);
    }
  });

  it("reads the guide's bare messages", () => {
    assert.deepEqual(decodeQueueMessage('{"bucket":"media","key":"a b.mp4"}'), {
      batch: 'default',
      bucket: 'media',
      key: 'a b.mp4',
    });
  });

  it('names what is wrong with a message', () => {
    const wrong: [string, string][] = [
      ['', 'body'],
      ['[]', 'body'],
      ['null', 'body'],
      ['"s3://media/a.mp4"', 'body'],
      ['{"v":2,"bucket":"media","key":"a"}', 'v'],
      ['{"v":null,"bucket":"media","key":"a"}', 'v'],
      ['{"key":"a"}', 'bucket'],
      ['{"bucket":"x/y","key":"a"}', 'bucket'],
      ['{"bucket":"media"}', 'key'],
      ['{"bucket":"media","key":""}', 'key'],
      ['{"bucket":"media","key":["a"]}', 'key'],
      ['{"bucket":"media","key":"\\ud800"}', 'key'],
      [JSON.stringify({ bucket: 'media', key: 'é'.repeat(513) }), 'key'],
      ['{"bucket":"media","key":"a","batch":"a/b"}', 'batch'],
      ['{"bucket":"media","key":"a","batch":7}', 'batch'],
      ['{"bucket":"media","key":"a","etag":"\\ud800"}', 'etag'],
      [JSON.stringify({ bucket: 'media', key: 'a', etag: 'x'.repeat(1000) }), 'etag'],
    ];
    for (const [body, field] of wrong) {
      assert.throws(
        () => decodeQueueMessage(body),
        (error) => error instanceof InvalidInputError && error.field === field,
        body,
      );
    }
  });

  it('leaves out a size that no table can hold, and an ETag that says nothing', () => {
    for (const etag of ['7', '""', 'null']) {
      const body = `{"bucket":"media","key":"a","size":1e999,"etag":${etag}}`;
      assert.deepEqual(decodeQueueMessage(body), { batch: 'default', bucket: 'media', key: 'a' });
    }
  });

  it('answers any body with a message or InvalidInputError', () => {
    const names = fc.constantFrom('v', 'bucket', 'key', 'batch', 'etag', 'size');
    const shaped = fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.constantFrom(1, 'media', 'a.mp4')));
    const deep = `{"v":${'['.repeat(60_000)}${']'.repeat(60_000)}}`;
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      shaped.map((value) => JSON.stringify(value)),
      fc.constant(deep),
    );
    fc.assert(
      fc.property(body, (body) => {
        try {
          decodeQueueMessage(body);
        } catch (error) {
          assert.ok(error instanceof InvalidInputError, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('allows as a batch id only what a URL path, a key and a group can hold', () => {
    for (const id of ['a', '20261123-140201-k3x9f2', 'A_b-9', 'x'.repeat(64)])
      assert.equal(checkBatchId(id), id);
    for (const id of [
      '',
      '-a',
      '_a',
      'a b',
      'a/b',
      'a#b',
      'é',
      'a\n',
      'x'.repeat(65),
      1,
      null,
      undefined,
      {},
    ]) {
      assert.throws(() => checkBatchId(id), InvalidInputError);
    }
  });
});
