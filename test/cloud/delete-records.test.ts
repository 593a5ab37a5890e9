import assert from 'node:assert/strict';
import { deleteRecords } from '../../src/app/batch/delete-records.ts';
import { enqueuePrefix } from '../../src/app/batch/enqueue-prefix.ts';
import { DEFAULT_JOB_OPTIONS } from '../../src/core/ittybit/job-options.ts';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import { PipelineCloud, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { eventually } from '../helpers/wait-for.ts';

const BUCKET = 'film-archive';

describe('the records of a batch that is over', function () {
  this.timeout(150_000);
  let cloud: PipelineCloud;
  let pipeline: DeployedPipeline;

  const enqueue = async (): Promise<string> => {
    const request = { bucket: BUCKET, prefix: '', job: DEFAULT_JOB_OPTIONS };
    return (await enqueuePrefix(request, pipeline.outputs, cloud.cloud.services)).batch;
  };
  const settled = (batch: string): Promise<unknown> =>
    eventually('the batch is over', async () => {
      const progress = await pipeline.progress(batch);
      return progress.settled ? progress : undefined;
    });
  const erase = (batch: string, signal?: AbortSignal, onProgress?: () => void) => {
    const { batches, eraser, ledgers, queues } = cloud.cloud.services;
    const ledger = ledgers.of(pipeline.outputs.resultsTable);
    const time = { now: () => Date.now(), pause: async () => Promise.resolve() };
    const services = { batches, eraser, ledger, queues, ...time };
    return deleteRecords(batch, pipeline.outputs, services, { signal, ...(onProgress && { onProgress }) });
  };
  const jobsOf = (key: string): number =>
    (cloud.cloud.ittybit.book.jobsByInput().get(`s3://${BUCKET}/${key}`) ?? []).length;

  before(async () => {
    cloud = await PipelineCloud.start('delete-records-test');
    pipeline = await cloud.deploy();
    const owner = createBucketOwner(cloud.cloud.root);
    const keys = ['good.mp4', 'failing 1.mp4', 'failing 2.mp4', 'refused.mp4'];
    await owner.seed(
      BUCKET,
      keys.map((key) => ({ key, kind: 'media' as const })),
      () => undefined,
    );
    owner.dispose();
    const { faults } = cloud.cloud.ittybit;
    faults.add({ match: 'failing', effect: { type: 'job_fails' } });
    faults.add({ match: 'refused', effect: { type: 'status', status: 422, kind: 'invalid_input' } });
  });
  after(() => cloud.stop());

  it('are deleted by the rights of an operator, and nothing is paid a second time because of that', async () => {
    const first = await enqueue();
    await settled(first);
    const control = new AbortController();
    const stopped = erase(first, control.signal, () => {
      control.abort();
    });
    await assert.rejects(stopped, { name: 'AbortError' });
    const { meta } = await cloud.cloud.services.batches.read(pipeline.outputs.resultsTable, first);
    assert.ok(meta?.deleting, 'it is listed as long as it is not done');
    const done = await erase(first);
    assert.equal(done.kept, 2, 'the one that succeeded, and the dead one as cancelled');

    const { items } = await cloud.cloud.services.batches.list(pipeline.outputs.resultsTable, { limit: 10 });
    assert.deepEqual(items, []);
    const file = (key: string) => pipeline.item({ bucket: BUCKET, key }, first);
    assert.equal((await file('good.mp4'))?.status, 'succeeded');
    assert.equal(await file('failing 1.mp4'), undefined);
    assert.equal((await file('refused.mp4'))?.status, 'cancelled');
    await eventually('the letter of the dead file is gone', async () => {
      await pipeline.reconcile();
      return (await pipeline.held()).dead === 0 || undefined;
    });

    cloud.cloud.ittybit.faults.clear();
    const second = await enqueue();
    await settled(second);
    const covered = await pipeline.item({ bucket: BUCKET, key: 'good.mp4' }, second);
    assert.deepEqual([covered?.status, covered?.covered_by], ['covered', first]);
    assert.deepEqual(['good.mp4', 'failing 1.mp4', 'failing 2.mp4', 'refused.mp4'].map(jobsOf), [1, 2, 2, 1]);
  });

  it('make a stray message of the batch a dead letter, and no job', async () => {
    const batch = await enqueue();
    await settled(batch);
    await erase(batch);
    const stray = { v: 1, batch, bucket: BUCKET, key: 'failing 1.mp4', etag: 'another', size: 1 };
    await pipeline.send(JSON.stringify(stray));
    await eventually('it is a dead letter', async () => (await pipeline.held()).dead === 1 || undefined);
    assert.equal(jobsOf('failing 1.mp4'), 2);
  });
});
