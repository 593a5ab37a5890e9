import assert from 'node:assert/strict';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { enqueuePrefix } from '../../src/app/batch/enqueue-prefix.ts';
import { storeApiKey } from '../../src/app/stack/api-key.ts';
import { planKeyRotation } from '../../src/app/stack/signing-key.ts';
import type { Credentials } from '../../src/aws/connection.ts';
import { createServices } from '../../src/aws/services.ts';
import { DEFAULT_JOB_OPTIONS } from '../../src/core/ittybit/job-options.ts';
import type { CloudServices } from '../../src/core/stack/cloud-services.ts';
import { deployLocally } from '../../src/local/cloud/deploy-locally.ts';
import { LOCAL_API_KEY } from '../../src/local/cloud/local-cloud.ts';
import { assumeRole } from '../../src/local/cloud/restricted-caller.ts';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import { DeployedPipeline, PipelineCloud, postTo } from '../helpers/deployed-pipeline.ts';
import { readData, readPlaces } from '../helpers/secret-places.ts';
import { findSecrets } from '../helpers/secret-search.ts';
import { eventually } from '../helpers/wait-for.ts';

const BUCKET = 'film-archive';
const STACK = 'media-batch';
const WEBHOOK_SECRET = 'whsec_of+the/stand=in&only?';
const ENDS = { 'good.mp4': 'succeeded', 'corrupt.mp4': 'failed', 'locked.mp4': 'dead' } as const;

/** The places that the search must have read. */
const EXPECTED = [
  ...['Consumer', 'Webhook', 'Reconciler'].map((name) => new RegExp(`^the environment of ${name}$`)),
  ...['Consumer', 'Webhook', 'Reconciler'].map((name) => new RegExp(`^the log group .*${name}Logs`)),
  ...[/^the outputs/, /^the parameters/, /^the events/, /^the template/, /^the progress/, /^the answers/],
  ...[/^the results table/, /^the work queue/, /^the dead-letter queue/, /^the jobs/, /^the callbacks/],
  /^the log of all handlers/,
];

describe('a whole run', function () {
  this.timeout(120_000);
  let cloud: PipelineCloud;
  let pipeline: DeployedPipeline;
  let services: CloudServices;
  let secrets: Map<string, string>;
  let progress = '';
  /** what the stack answered to callbacks that nobody signed */
  let answers = '';

  before(async () => {
    cloud = await PipelineCloud.start('secrets-test', {
      webhooks: { shape: 'rotate', secret: WEBHOOK_SECRET },
    });
    const { root, restrictedRole, ittybit } = cloud.cloud;
    const session = await assumeRole(root, restrictedRole);
    services = createServices({ ...root, credentials: session });
    pipeline = new DeployedPipeline(cloud, await deployAndStore());
    const firstKey = await pipeline.pathKey();
    await pipeline.setWebhookSecret(WEBHOOK_SECRET);
    const error = { kind: 'unsupported_codec', message: 'no decoder for this stream' };
    ittybit.faults.add({ match: 'corrupt', effect: { type: 'job_fails', error } });
    const refusal = { status: 400, kind: 'invalid_input', message: 'access denied' };
    ittybit.faults.add({ match: 'locked', effect: { type: 'status', ...refusal } });
    const batch = await runBatch();
    await (await planKeyRotation(pipeline.outputs, services.secrets)).store();
    await forgeCallbacks(batch);
    await pipeline.reconcile();
    await refuseKey();
    secrets = secretsOf(session, firstKey, await pipeline.pathKey());
  });
  after(async () => {
    services.dispose();
    await cloud.stop();
  });

  async function deployAndStore() {
    const outputs = await deployLocally(services, cloud.cloud.ittybit.url, {
      stackName: STACK,
      template: cloud.template,
      onEvent: (event) => (progress += JSON.stringify(event)),
    });
    await storeApiKey(outputs, LOCAL_API_KEY, services.secrets);
    return outputs;
  }

  /** @returns the batch, of which one file has each end */
  async function runBatch(): Promise<string> {
    const owner = createBucketOwner(cloud.cloud.root);
    const files = Object.keys(ENDS).map((key) => ({ key, kind: 'media' as const }));
    await owner.seed(BUCKET, files, () => undefined);
    owner.dispose();
    const request = { bucket: BUCKET, prefix: '', job: DEFAULT_JOB_OPTIONS };
    const { batch } = await enqueuePrefix(request, pipeline.outputs, services);
    for (const [key, status] of Object.entries(ENDS)) {
      await pipeline.until(status, { bucket: BUCKET, key }, batch);
    }
    return batch;
  }

  /** Callbacks that are refused, since what refuses may tell too much. */
  async function forgeCallbacks(batch: string): Promise<void> {
    const genuine = cloud.cloud.ittybit.book.webhooks.find(({ url }) => url.includes(batch))!;
    const forged = genuine.url.replace(/[^/]+$/, 'A'.repeat(43));
    for (const url of [genuine.url, forged]) {
      const { status, text } = await postTo(url, genuine.body);
      assert.equal(status, 401);
      answers += text;
    }
  }

  /** A key that Ittybit refuses pauses dispatch, with a reason; one more file waits behind it. */
  async function refuseKey(): Promise<void> {
    cloud.cloud.ittybit.keys.revoke(LOCAL_API_KEY);
    await pipeline.send(JSON.stringify({ bucket: BUCKET, key: 'refused.mp4' }));
    await eventually('dispatch is paused', async () => {
      const { state } = await services.dispatch.readState(pipeline.outputs);
      return (state === 'paused' && (await pipeline.mapping()).state === 'Disabled') || undefined;
    });
    await pipeline.send(JSON.stringify({ bucket: BUCKET, key: 'waits.mp4' }));
    await eventually('a file waits', async () => {
      const { work, hidden } = await pipeline.held();
      return work > hidden || undefined;
    });
  }

  function secretsOf(session: Credentials, firstKey: string, presentKey: string): Map<string, string> {
    assert.notEqual(firstKey, presentKey);
    return new Map([
      ['API key', LOCAL_API_KEY],
      ['present signing key', presentKey],
      ['previous signing key', firstKey],
      ['webhook secret', WEBHOOK_SECRET],
      ['secret access key', session.secretAccessKey],
      ['session token', session.sessionToken ?? ''],
    ]);
  }

  it('leaves no secret where those can read who may read none', async () => {
    const places = new Map([
      ...(await readPlaces(cloud, STACK, pipeline.outputs)),
      ['the progress of the deploy', progress],
      ['the answers to forged callbacks', answers],
    ]);
    for (const name of EXPECTED) {
      const matching = [...places].filter(([place]) => name.test(place));
      assert.ok(matching.length > 0, `${name.source} is read: ${[...places.keys()].join(', ')}`);
      // Braces alone would be a place that was empty when it was read.
      for (const [place, text] of matching) assert.ok(text.length > 40, place);
    }
    assert.deepEqual(findSecrets(secrets, places), []);
  });

  it('would not hide one: what is planted is found', async () => {
    const { resultsTable, workQueueUrl, deadLetterQueueUrl } = pipeline.outputs;
    const item = { pk: 'planted', sk: 'planted', error: `401 for Bearer ${LOCAL_API_KEY}` };
    await cloud.dynamo.send(new PutCommand({ TableName: resultsTable, Item: item }));
    const encoded = Buffer.from(`authorization: ${secrets.get('present signing key')}`).toString('base64');
    const { queues } = services;
    await queues.send(workQueueUrl, [{ body: `?secret=${encodeURIComponent(WEBHOOK_SECRET)}` }]);
    await queues.send(deadLetterQueueUrl, [{ body: encoded }]);
    const found = await eventually('what is planted is read', async () => {
      const finds = findSecrets(secrets, await readData(cloud, pipeline.outputs));
      return finds.length >= 3 ? finds : undefined;
    });
    assert.deepEqual([...found].sort(), [
      'API key in the results table, as it is',
      'present signing key in the dead-letter queue, in base64',
      'webhook secret in the work queue, in a URI',
    ]);
  });
});
