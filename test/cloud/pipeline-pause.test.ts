import assert from 'node:assert/strict';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { DeleteSecretCommand, RestoreSecretCommand } from '@aws-sdk/client-secrets-manager';
import { storeApiKey } from '../../src/app/stack/api-key.ts';
import { deployPipeline } from '../../src/app/stack/deploy-pipeline.ts';
import { pauseDispatch, resumeDispatch } from '../../src/app/stack/dispatch.ts';
import { findPipeline } from '../../src/app/stack/pipeline.ts';
import { deployLocally } from '../../src/local/cloud/deploy-locally.ts';
import { LOCAL_API_KEY } from '../../src/local/cloud/local-cloud.ts';
import { s3Uri } from '../../src/core/files/s3-location.ts';
import { PipelineCloud, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { eventually } from '../helpers/wait-for.ts';

describe('the deployed pipeline and its key', function () {
  this.timeout(60_000);
  let cloud: PipelineCloud;

  const film = (name: string) => ({ bucket: 'film-archive', key: `keys/${name}.mp4` });
  const jobs = (name: string) => (cloud.cloud.ittybit.book.jobsByInput().get(s3Uri(film(name))) ?? []).length;
  const refusals = () => cloud.cloud.ittybit.book.answers().get(401) ?? 0;
  const state = (pipeline: DeployedPipeline) => cloud.cloud.services.dispatch.readState(pipeline.outputs);
  const submit = async (pipeline: DeployedPipeline, name: string) => {
    await pipeline.send(JSON.stringify(film(name)));
    return pipeline.until('succeeded', film(name));
  };

  before(async () => {
    cloud = await PipelineCloud.start('pipeline-pause-test');
    cloud.cloud.ittybit.keys.accept('ittybit_live_unpaid', 'unpaid');
    cloud.cloud.ittybit.keys.accept('ittybit_live_no_project', 'no_project');
  });
  after(() => cloud.stop());

  const REFUSALS = [
    { status: 401, apiKey: 'ittybit_live_wrong', says: /token_invalid/ },
    { status: 402, apiKey: 'ittybit_live_unpaid', says: /payment_required/ },
    { status: 403, apiKey: 'ittybit_live_no_project', says: /project_required/ },
  ];
  for (const { status, apiKey, says } of REFUSALS) {
    it(`pauses on ${status}: nothing is spent, nothing is lost, and a stored key and a resume bring it back`, async () => {
      const name = `refused-${status}`;
      const pipeline = await cloud.deploy(`media-batch-${status}`, { apiKey });
      await pipeline.send(JSON.stringify(film(name)));
      await eventually('the mapping is off', async () => {
        const { state: now, lastResult } = await pipeline.mapping();
        return (now === 'Disabled' && lastResult?.includes('1 partial failures')) || undefined;
      });
      const paused = await state(pipeline);
      assert.equal(paused.state, 'paused');
      assert.match(paused.reason ?? '', says);
      assert.match(paused.reason ?? '', new RegExp(`HTTP ${status}`));
      assert.ok(Date.parse(paused.at ?? '') <= Date.now());
      const held = await pipeline.item(film(name));
      assert.deepEqual([held?.status, held?.attempts], ['retrying', 0]);
      assert.deepEqual(await pipeline.held(), { work: 1, hidden: 1, dead: 0 });
      assert.equal(jobs(name), 0);

      await storeApiKey(pipeline.outputs, LOCAL_API_KEY, cloud.cloud.services.secrets);
      await resumeDispatch(pipeline.outputs, cloud.cloud.services.dispatch);
      assert.equal((await pipeline.mapping()).state, 'Enabled');
      assert.equal((await state(pipeline)).state, 'running');
      // The same message again stands for the hidden one, which comes back within 15 minutes.
      const item = await submit(pipeline, name);
      assert.deepEqual([item.attempts, jobs(name)], [1, 1]);
      // The refusal might be remembered under the first one.
      assert.notEqual(item.reference, held?.reference);
    });
  }

  it('pauses without asking Ittybit while no key is stored', async () => {
    const { services, ittybit } = cloud.cloud;
    const outputs = await deployLocally(services, ittybit.url, {
      stackName: 'media-batch-no-key',
      template: cloud.template,
    });
    const before = ittybit.book.posts;
    const failures = await services.queues.send(outputs.workQueueUrl, [
      { body: JSON.stringify(film('early')) },
    ]);
    assert.deepEqual(failures, []);
    const { reason } = await eventually('dispatch is paused', async () => {
      const now = await services.dispatch.readState(outputs);
      return now.state === 'paused' ? now : undefined;
    });
    assert.match(reason ?? '', /no usable Ittybit API key.*Set Ittybit API Key/);
    assert.equal(ittybit.book.posts, before);
  });

  for (const [secret, says] of [
    ['apiKeyArn', /The Ittybit API key cannot be used: .*deletion/],
    ['signingSecretArn', /The signing secret cannot be used: .*deletion/],
  ] as const) {
    it(`pauses without asking Ittybit while ${secret} names a deleted secret, and goes on once it is back`, async () => {
      const { services, ittybit } = cloud.cloud;
      const pipeline = await cloud.deploy(`media-batch-${secret === 'apiKeyArn' ? 'key' : 'sign'}`);
      const SecretId = pipeline.outputs[secret];
      await cloud.secrets.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
      const posts = ittybit.book.posts;
      await pipeline.send(JSON.stringify(film(secret)));
      const paused = await eventually('dispatch is paused', async () => {
        const now = await state(pipeline);
        return now.state === 'paused' ? now : undefined;
      });
      assert.match(paused.reason ?? '', says);
      await eventually(
        'the mapping is off',
        async () => (await pipeline.mapping()).state === 'Disabled' || undefined,
      );
      assert.equal(ittybit.book.posts, posts);
      assert.equal((await pipeline.held()).dead, 0);
      assert.equal(await pipeline.item(film(secret)), undefined, 'nothing was claimed');
      await cloud.secrets.send(new RestoreSecretCommand({ SecretId }));
      await resumeDispatch(pipeline.outputs, services.dispatch);
      assert.equal((await submit(pipeline, secret)).attempts, 1);
      assert.equal(jobs(secret), 1);
    });
  }

  it('pauses where Ittybit answers 404 to everything, and takes no file for the cause', async () => {
    const pipeline = await cloud.deploy('media-batch-404');
    const wrong = cloud.cloud.ittybit.faults.add({ effect: { type: 'status', status: 404 } });
    const names = ['nowhere-a', 'nowhere-b', 'nowhere-c'];
    await pipeline.send(...names.map((name) => JSON.stringify(film(name))));
    const paused = await eventually('dispatch is paused', async () => {
      const now = await state(pipeline);
      return now.state === 'paused' ? now : undefined;
    });
    // A file whose witness is asked only after the cause has gone would be taken for it.
    await eventually('no file is at Ittybit', async () => {
      const items = await Promise.all(names.map((name) => pipeline.item(film(name))));
      return items.every((item) => item?.status !== 'submitting') || undefined;
    });
    wrong.remove();
    assert.match(paused.reason ?? '', /HTTP 404/);
    assert.deepEqual(await pipeline.held(), { work: 3, hidden: 3, dead: 0 });
    await resumeDispatch(pipeline.outputs, cloud.cloud.services.dispatch);
    for (const name of names) {
      assert.equal((await submit(pipeline, name)).attempts, 1);
      assert.equal(jobs(name), 1);
    }
  });

  it('takes a 403 for one file for that file’s: a dead letter, and the others go on', async () => {
    const pipeline = await cloud.deploy('media-batch-one');
    const message = 'blocked by a rule';
    const effect = { type: 'status', status: 403, kind: 'forbidden', message } as const;
    cloud.cloud.ittybit.faults.add({ match: film('blocked').key, effect });
    await pipeline.send(JSON.stringify(film('blocked')), JSON.stringify(film('beside')));
    const item = await pipeline.until('dead', film('blocked'));
    assert.deepEqual([item.attempts, item.unclear], [1, false]);
    assert.match(item.error ?? '', /forbidden: blocked by a rule \(HTTP 403\)/);
    await pipeline.until('succeeded', film('beside'));
    assert.equal((await state(pipeline)).state, 'running');
    assert.equal((await pipeline.mapping()).state, 'Enabled');
    await eventually('it is a dead letter', async () => (await pipeline.held()).dead === 1 || undefined);
  });

  describe('of a stack that runs', () => {
    let pipeline: DeployedPipeline;

    before(async () => {
      cloud.cloud.ittybit.keys.accept('ittybit_live_first');
      pipeline = await cloud.deploy('media-batch', { apiKey: 'ittybit_live_first' });
    });

    it('reads a rotated key again, once, and does not pause', async () => {
      await submit(pipeline, 'before the rotation');
      cloud.cloud.ittybit.keys.rotate('ittybit_live_first', 'ittybit_live_second');
      await storeApiKey(pipeline.outputs, ' ittybit_live_second\n', cloud.cloud.services.secrets);
      const refused = refusals();
      const item = await submit(pipeline, 'after the rotation');
      assert.equal(item.attempts, 1);
      assert.equal(refusals() - refused, 1);
      assert.equal((await state(pipeline)).state, 'running');
      assert.equal((await pipeline.mapping()).state, 'Enabled');
      await submit(pipeline, 'long after the rotation');
      assert.equal(refusals() - refused, 1);
    });

    it('stops by hand, keeps new files, and continues', async () => {
      const { dispatch } = cloud.cloud.services;
      await pauseDispatch(pipeline.outputs, 'lunch', dispatch);
      const { state: now, reason, by, epoch } = await state(pipeline);
      assert.deepEqual([now, reason, by, epoch], ['paused', 'lunch', 'operator', 1]);
      await pipeline.send(JSON.stringify(film('at noon')));
      assert.deepEqual(await pipeline.held(), { work: 1, hidden: 0, dead: 0 });
      await resumeDispatch(pipeline.outputs, dispatch);
      await pipeline.until('succeeded', film('at noon'));
    });

    it('is unchanged by a deploy without a change', async () => {
      const { services } = cloud.cloud;
      const request = { stackName: 'media-batch', templateBody: cloud.template, parameters: {} };
      const result = await deployPipeline(request, services, { everyMs: 50 });
      assert.deepEqual(result, { outcome: 'unchanged', outputs: pipeline.outputs });
      assert.deepEqual(await findPipeline('media-batch', services.stacks), pipeline.outputs);
    });

    it('keeps the stored key and what it knows through an update', async () => {
      const { services, ittybit } = cloud.cloud;
      const pathKey = await pipeline.pathKey();
      const parameters = { MaxAttempts: '2' };
      await deployLocally(services, ittybit.url, { template: cloud.template, parameters });
      assert.equal(await pipeline.secret(pipeline.outputs.apiKeyArn), 'ittybit_live_second');
      assert.equal(await pipeline.pathKey(), pathKey);
      const { Environment } = await cloud.lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName: pipeline.outputs.consumerFunction }),
      );
      assert.equal(Environment?.Variables?.['MAX_ATTEMPTS'], '2');
      await submit(pipeline, 'after the update');
      assert.equal(jobs('after the rotation'), 1);
    });
  });
});
