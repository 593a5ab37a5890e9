import assert from 'node:assert/strict';
import fc from 'fast-check';
import { newBatchId } from '../../../../src/core/batch/batch.ts';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { checkBatchId } from '../../../../src/core/batch/queue-message.ts';
import {
  checkBucket,
  checkListable,
  parseS3Prefix,
  prefixUri,
} from '../../../../src/core/files/s3-location.ts';

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
      assert.equal(checkListable(checkBucket(bucket)), bucket);
  });

  it('refuses the buckets that are not listed in order, or hold no files, with the reason', () => {
    const refused = (bucket: string, reason: RegExp) => {
      const isRefused = (error: unknown) => error instanceof InvalidInputError && reason.test(error.message);
      assert.throws(() => checkListable(bucket), isRefused, bucket);
      assert.throws(() => parseS3Prefix(`s3://${bucket}/films/`), isRefused, bucket);
      assert.equal(checkBucket(bucket), bucket, 'a message from before still names it');
    };
    for (const name of ['films--use1-az4--x-s3', 'films--usw2-az1--xa-s3', 'FILMS--x-S3'])
      refused(name, /S3 Express, which lists its files in no order.*: copy them to/);
    refused('63a8e430-6e0b-46f5-k833abtwr6s8tmtsycedn8s4yc3xhuse1b--table-s3', /table bucket.*: choose/);
    for (const name of ['films--x-s3-copy', 'x-s3', 'films-x-s3', 'my-ap-abc123-s3alias', 'a--ol-s3'])
      assert.equal(checkListable(name), name);
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
