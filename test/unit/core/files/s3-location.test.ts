import assert from 'node:assert/strict';
import fc from 'fast-check';
import { newBatchId } from '../../../../src/core/batch/batch.ts';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { checkBatchId } from '../../../../src/core/batch/queue-message.ts';
import { checkBucket, parseS3Prefix, prefixUri } from '../../../../src/core/files/s3-location.ts';

describe('S3 location', () => {
  it('reads what people type, and leaves the prefix as it is', () => {
    assert.deepEqual(parseS3Prefix('media'), { bucket: 'media', prefix: '' });
    assert.deepEqual(parseS3Prefix('S3://media/'), { bucket: 'media', prefix: '' });
    assert.deepEqual(parseS3Prefix('media//a b/../%2F?#é '), { bucket: 'media', prefix: '/a b/../%2F?#é ' });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (prefix) => {
        assert.deepEqual(parseS3Prefix(prefixUri({ bucket: 'media', prefix })), { bucket: 'media', prefix });
      }),
    );
  });

  it('refuses what is not a bucket', () => {
    for (const text of [
      '',
      's3://',
      '/a',
      'ab',
      'a b/c',
      '-ab',
      'ab-',
      'https://host/x',
      'bücket',
      'a'.repeat(256),
      'abc\n',
    ]) {
      assert.throws(() => parseS3Prefix(text), InvalidInputError, text);
    }
    for (const bucket of ['abc', 'my.bucket-1', 'Old_Bucket', '123'])
      assert.equal(checkBucket(bucket), bucket);
  });
});

describe('newBatchId', () => {
  it('makes an id that sorts by time and fits wherever a batch id goes', () => {
    assert.equal(newBatchId(Date.parse('2026-11-23T14:02:01.999Z'), 0), '20261123-140201-000000');
    fc.assert(
      fc.property(
        fc.nat(4e12),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (now, random) => {
          const id = newBatchId(now, random);
          assert.equal(checkBatchId(id), id);
          assert.ok(id < newBatchId(now + 1000, random));
        },
      ),
    );
  });
});
