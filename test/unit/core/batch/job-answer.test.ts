import assert from 'node:assert/strict';
import { placeOfJob, readJobAnswer } from '../../../../src/core/batch/job-answer.ts';
import { webhookPath } from '../../../../src/core/ittybit/signed-address.ts';

const FILE = { bucket: 'film', key: '1999/é 1.mov' };
const address = (run: number): string =>
  `https://hook.example/webhook/${webhookPath('k'.repeat(40), { ...FILE, batch: 'b1' }, run)}`;

describe('what Ittybit says about a job', () => {
  it('is a job, or that there is none, or why it says nothing', () => {
    assert.deepEqual(readJobAnswer({ found: {}, job: { id: 'job_1' } }), {
      says: 'job',
      job: { id: 'job_1' },
    });
    const failure = (value: object) => readJobAnswer({ failure: value });
    assert.deepEqual(failure({ status: 404, body: '{"kind":"job_not_found"}' }), { says: 'unknown' });
    assert.deepEqual(failure({ status: 401, body: '{"message":"bad key"}' }), {
      says: 'nothing',
      reason: 'bad key (HTTP 401)',
    });
    assert.deepEqual(failure({ networkError: 'no route' }), {
      says: 'nothing',
      reason: 'no answer from Ittybit: no route',
    });
  });

  it('is nothing where the function answers another question, or anything', () => {
    for (const value of [
      { busy: false, did: {} },
      { errorMessage: 'x' },
      null,
      'job',
      { failure: 'x' },
      [],
    ]) {
      assert.equal(readJobAnswer(value), undefined, JSON.stringify(value));
    }
  });
});

describe('the file of a job', () => {
  it('is told by our metadata, in either form of the answer', () => {
    const metadata = { batch: 'b1', source_bucket: FILE.bucket, source_key: FILE.key };
    for (const job of [{ metadata }, { data: { metadata } }, { metadata, input: 's3://other/x' }]) {
      assert.deepEqual(placeOfJob(job), { file: FILE, batch: 'b1' });
    }
    assert.deepEqual(placeOfJob({ metadata: { ...metadata, batch: 7 } }), { file: FILE, batch: undefined });
  });

  it('is told by the webhook address of any run where the metadata is missing', () => {
    for (const run of [1, 2]) {
      assert.deepEqual(placeOfJob({ webhook_url: address(run) }), { file: FILE, batch: 'b1' });
    }
  });

  it('is told by the input alone at last, without a batch', () => {
    const job = { metadata: {}, webhook_url: 'https://x.example/', input: 's3://film/1999/é 1.mov' };
    assert.deepEqual(placeOfJob(job), { file: FILE, batch: undefined });
  });

  it('is unknown where nothing names an object of S3', () => {
    for (const job of [
      {},
      { input: 'https://x/y.mp4' },
      { input: 's3://film' },
      { input: 7, webhook_url: {} },
    ]) {
      assert.equal(placeOfJob(job), undefined, JSON.stringify(job));
    }
  });
});
