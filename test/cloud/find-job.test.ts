import assert from 'node:assert/strict';
import { findJob } from '../../src/app/batch/find-job.ts';
import { PipelineCloud, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';

const FILE = { bucket: 'film-archive', key: '1999/é reel 7.mp4' };

describe('the file of a job id', function () {
  this.timeout(120_000);
  let cloud: PipelineCloud;
  let pipeline: DeployedPipeline;
  const find = (id: string) => findJob(id, pipeline.outputs, cloud.cloud.services);

  before(async () => {
    cloud = await PipelineCloud.start('find-job-test');
    pipeline = await cloud.deploy();
  });
  after(() => cloud.stop());

  it('is found by the stack, which asks Ittybit with its own key', async () => {
    await pipeline.send(JSON.stringify(FILE));
    const { job_id = '' } = await pipeline.until('succeeded', FILE);
    const found = await find(job_id);
    assert.deepEqual([found.key, found.batch, found.job_id], [FILE.key, 'default', job_id]);
  });

  it('is told to be unknown where Ittybit knows no such job', async () => {
    await assert.rejects(find('job_that_never_was'), { code: 'not-found', message: /knows no job/ });
  });

  it('is not guessed where Ittybit does not answer', async () => {
    const path = (subject: { path: string }): boolean => subject.path.startsWith('/jobs/job_');
    cloud.cloud.ittybit.faults.add({ match: path, effect: { type: 'status', status: 503 } });
    await assert.rejects(find('job_any'), { code: 'reconcile-failed', message: /HTTP 503/ });
    cloud.cloud.ittybit.faults.clear();
  });
});
