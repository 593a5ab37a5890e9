import assert from 'node:assert/strict';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { storeApiKey } from '../../src/app/stack/api-key.ts';
import { tuneThroughput } from '../../src/app/stack/dispatch.ts';
import { enqueuePrefix, resumeEnqueue, type EnqueueRequest } from '../../src/app/batch/enqueue-prefix.ts';
import { findPipeline } from '../../src/app/stack/pipeline.ts';
import { redriveAll } from '../../src/app/batch/redrive.ts';
import { MediaBatchError, type ErrorCode } from '../../src/core/errors.ts';
import { DEFAULT_JOB_OPTIONS, parseJobOptions } from '../../src/core/ittybit/job-options.ts';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import { deployLocally } from '../../src/local/cloud/deploy-locally.ts';
import { PipelineCloud, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';

/** Asserts that a call fails with one sentence of ours: no stack trace, no text of the SDK, no secret. */
async function says(work: () => Promise<unknown>, code: ErrorCode, words: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof MediaBatchError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    assert.doesNotMatch(error.message, /\n|undefined|\[object| at /);
    assert.match(error.message, /[.)]$/);
    return true;
  });
}

describe('bad input to the deployed pipeline', function () {
  this.timeout(60_000);
  let cloud: PipelineCloud;
  let pipeline: DeployedPipeline;

  const enqueue = (request: Partial<EnqueueRequest>) =>
    enqueuePrefix(
      { bucket: 'holiday', prefix: '', job: DEFAULT_JOB_OPTIONS, ...request },
      pipeline.outputs,
      cloud.cloud.services,
    );

  before(async () => {
    cloud = await PipelineCloud.start('bad-input-test');
    pipeline = await cloud.deploy();
    const owner = createBucketOwner(cloud.cloud.root);
    await owner.seed('nothing-here', [], () => undefined);
    await owner.seed(
      'holiday',
      [
        { key: 'papers/a.pdf', kind: 'document' },
        { key: 'papers/', kind: 'folder-marker' },
        { key: 'papers/b.mp4', kind: 'empty' },
        { key: 'films/a.mp4', kind: 'media' },
      ],
      () => undefined,
    );
    owner.dispose();
  });
  after(() => cloud.stop());

  it('names a bucket that does not exist, or cannot', async () => {
    await says(() => enqueue({ bucket: 'no-such-bucket-here' }), 'no-such-bucket', /"no-such-bucket-here"/);
    for (const bucket of ['', 'a', 'a b', 's3://holiday', '../etc']) {
      await says(() => enqueue({ bucket }), 'invalid-input', /is not a bucket name/);
    }
  });

  it('says that a prefix holds nothing, or nothing for this job', async () => {
    await says(() => enqueue({ bucket: 'nothing-here' }), 'nothing-to-enqueue', /s3:\/\/nothing-here\//);
    await says(() => enqueue({ prefix: 'Films/' }), 'nothing-to-enqueue', /case-sensitive/);
    await says(
      () => enqueue({ prefix: 'papers/' }),
      'nothing-to-enqueue',
      /None of the 3 objects.*1 not-media/,
    );
    await says(() => enqueue({ prefix: 'films/', extensions: ['wav'] }), 'nothing-to-enqueue', /1 not-media/);
  });

  it('refuses options that would be paid for in vain', async () => {
    const wrong: [unknown, RegExp][] = [
      [null, /JSON object/],
      [{ kind: 'film' }, /"kind" is one of video/],
      [{ kind: 'video', options: { widht: 1920 } }, /no option "widht"/],
      [{ kind: 'video', options: { width: 'wide' } }, /width/],
      [{ kind: 'video', output: 's3://out/one-file.mp4' }, /\{key\} or \{stem\}/],
      [{ kind: 'video', quality: 'high' }, /no field "quality"/],
    ];
    for (const [job, words] of wrong) await says(async () => parseJobOptions(job), 'invalid-input', words);
    const output = 's3://holiday/films/{stem}.mp4';
    await says(
      () => enqueue({ prefix: 'films/', job: { ...DEFAULT_JOB_OPTIONS, output } }),
      'invalid-input',
      /which this batch reads/,
    );
    await says(() => enqueue({ extensions: [] }), 'invalid-input', /not a file extension/);
    await says(() => enqueue({ extensions: ['*.mp4'] }), 'invalid-input', /"\*\.mp4"/);
  });

  it('names a stack, a batch, a number or a key that cannot be', async () => {
    const { services, ittybit } = cloud.cloud;
    const { outputs } = pipeline;
    await says(
      () => findPipeline('media-batch-elsewhere', services.stacks),
      'not-deployed',
      /"media-batch-elsewhere"/,
    );
    await says(() => resumeEnqueue('no-batch', outputs, services), 'not-found', /"no-batch"/);
    for (const perSecond of [0, 501, 1.5, NaN]) {
      await says(() => redriveAll(outputs, services.queues, { perSecond }), 'invalid-input', /from 1 to 500/);
    }
    const { dispatch } = services;
    await says(() => tuneThroughput(outputs, { batchSize: 11 }, dispatch), 'invalid-input', /1 to 10/);
    await says(() => tuneThroughput(outputs, { maximumConcurrency: 1 }, dispatch), 'invalid-input', /2 to/);
    for (const key of ['', ' ', 'two words here', 'short', 'ключ-ittybit-live']) {
      await says(() => storeApiKey(outputs, key, services.secrets), 'invalid-input', /one word such as/);
    }
    await says(
      () =>
        deployLocally(services, 'http://example.com', {
          stackName: 'media-batch-plain-http',
          template: cloud.template,
        }),
      'aws',
      /IttybitApiUrl|https address/,
    );
    assert.equal(await services.stacks.describe('media-batch-plain-http'), undefined);
    assert.equal(ittybit.book.posts, 0);
  });

  it('and leaves no batch and no message behind', async () => {
    const { Items } = await cloud.dynamo.send(
      new QueryCommand({
        TableName: pipeline.outputs.resultsTable,
        IndexName: 'gsi1',
        KeyConditionExpression: 'gsi1pk = :batches',
        ExpressionAttributeValues: { ':batches': 'batches' },
      }),
    );
    assert.deepEqual(Items, []);
    assert.deepEqual(await pipeline.held(), { work: 0, hidden: 0, dead: 0 });
    assert.equal(cloud.cloud.ittybit.book.posts, 0);
  });
});
