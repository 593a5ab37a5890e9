import assert from 'node:assert/strict';
import { findJob } from '../../../../src/app/batch/find-job.ts';
import type { JobAnswer } from '../../../../src/core/batch/job-answer.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { FakeBatches, PIPELINE } from '../../../helpers/fakes.ts';
import { FakeReconciler } from '../../../helpers/fake-control.ts';
import { stored } from '../../../helpers/stored-items.ts';

const FILE = { bucket: 'film', key: 'a.mov' };
const metadata = { batch: 'b2', source_bucket: FILE.bucket, source_key: FILE.key };

function bench(answer: JobAnswer | undefined, items: readonly Partial<ResultItem>[] = []) {
  const reconciler = new FakeReconciler();
  reconciler.jobAnswer = answer;
  const batches = new FakeBatches();
  batches.items = items.map((change) => stored('succeeded', { ...FILE, ...change }));
  const find = (pipeline = PIPELINE) => findJob('job_9', pipeline, { batches, reconciler });
  return { find, reconciler };
}

describe('findJob', () => {
  it('finds the file in the batch of the job, by one question to the stack and one query', async () => {
    const { find, reconciler } = bench({ says: 'job', job: { metadata } }, [
      { batch: 'b1', job_id: 'job_1' },
      { batch: 'b2' },
    ]);
    assert.equal((await find()).batch, 'b2');
    assert.deepEqual(reconciler.jobsAsked, ['value-of-reconcilerFunction job_9']);
  });

  it('prefers the file that has this very job, where only the input is known too', async () => {
    const job = { input: 's3://film/a.mov' };
    const { find } = bench({ says: 'job', job }, [{ batch: 'b1' }, { batch: 'b3', job_id: 'job_9' }]);
    assert.equal((await find()).batch, 'b3');
    const again = bench({ says: 'job', job: { metadata } }, [
      { batch: 'b2' },
      { batch: 'b3', job_id: 'job_9' },
    ]);
    assert.equal((await again.find()).batch, 'b3');
  });

  it('says in a sentence what is not there', async () => {
    const missing = { says: 'unknown' } as const;
    for (const [answer, code, sentence] of [
      [missing, 'not-found', /^Ittybit knows no job job_9 under the API key of this stack/],
      [{ says: 'job', job: {} }, 'not-found', /^Job job_9 has no input in S3/],
      [
        { says: 'job', job: { metadata } },
        'not-found',
        /^Job job_9 is of s3:\/\/film\/a\.mov, which no batch/,
      ],
      [
        { says: 'nothing', reason: 'bad\u202e (HTTP 401)' },
        'reconcile-failed',
        /: bad\\u\{202e\} \(HTTP 401\)$/,
      ],
      [undefined, 'unsupported', /run "Media Batch: Deploy Pipeline" to update it/],
    ] as const) {
      await assert.rejects(bench(answer).find(), (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, sentence);
        return true;
      });
    }
  });

  it('asks nothing of a stack without a reconciler', async () => {
    const { find, reconciler } = bench({ says: 'unknown' });
    const { reconcilerFunction: _, ...older } = PIPELINE;
    await assert.rejects(find(older), { code: 'unsupported' });
    assert.deepEqual(reconciler.jobsAsked, []);
  });
});
