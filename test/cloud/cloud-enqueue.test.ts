import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  cancelEnqueue,
  pauseCloudEnqueue,
  readCloudEnqueue,
  resumeCloudEnqueue,
  setCloudPace,
  startCloudEnqueue,
  type CloudEnqueue,
} from '../../src/app/batch/cloud-enqueue.ts';
import { splitPrefix } from '../../src/app/batch/cloud-parts.ts';
import { resumeEnqueue } from '../../src/app/batch/enqueue-prefix.ts';
import { planEnqueue } from '../../src/app/batch/plan-enqueue.ts';
import { sum } from '../../src/app/batch/batch-progress.ts';
import {
  checkCloudPlace,
  checkRemovable,
  deployEnumerator,
  findEnumerator,
  isOutdated,
  listEnumerators,
  removeEnumerator,
} from '../../src/app/stack/cloud-enqueue-stack.ts';
import { deployStack } from '../../src/app/stack/deploy-stack.ts';
import { pauseDispatch } from '../../src/app/stack/dispatch.ts';
import { createServices } from '../../src/aws/services.ts';
import { runOrder } from '../../src/core/batch/cloud-run.ts';
import { executionArn } from '../../src/core/batch/cloud-runs.ts';
import { encodeQueueMessage } from '../../src/core/batch/queue-message.ts';
import type { CloudServices } from '../../src/core/stack/cloud-services.ts';
import { DEFAULT_JOB_OPTIONS } from '../../src/core/ittybit/job-options.ts';
import { assumeRole } from '../../src/local/cloud/restricted-caller.ts';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import { wildFiles } from '../../src/local/cloud/wild-files.ts';
import { PipelineCloud, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { waitFor } from '../helpers/wait-for.ts';

const BUCKET = 'film-archive';
const PREFIX = 'footage/';
/** Just more than one part takes. Ten thousand objects by hand: MEDIA_BATCH_OBJECTS=8900. */
const FILES = Number(process.env['MEDIA_BATCH_OBJECTS'] ?? 1100);
const TEMPLATE = join(import.meta.dirname, '../../dist/enumerator.yaml');

/** As `eventually`, with time for a run of thousands of objects on a busy machine. */
const eventually = <Answer>(what: string, ask: () => Promise<Answer | undefined>): Promise<Answer> =>
  waitFor(ask, { limitMs: 240_000, late: () => new Error(`This did not happen within 240 s: ${what}`) });

describe('an enqueue in the cloud', function () {
  this.timeout(600_000);
  let cloud: PipelineCloud;
  let pipeline: DeployedPipeline;
  let machine: string;

  const services = () => cloud.cloud.services;
  const request = { bucket: BUCKET, prefix: PREFIX, job: DEFAULT_JOB_OPTIONS };
  const read = async (batch: string): Promise<CloudEnqueue> => {
    const found = await readCloudEnqueue(batch, pipeline.outputs, services());
    assert.ok(found);
    return found;
  };
  const until = (batch: string, status: string): Promise<CloudEnqueue> =>
    eventually(`the run is ${status}`, async () => {
      const found = await read(batch);
      return found.state?.status === status ? found : undefined;
    });

  /** Works in an editor that was opened just now, and closes it: what is not in AWS is lost. */
  const inAnotherEditor = async <Result>(work: (own: CloudServices) => Promise<Result>): Promise<Result> => {
    const { root, restrictedRole } = cloud.cloud;
    const own = createServices({ ...root, credentials: await assumeRole(root, restrictedRole) });
    try {
      return await work(own);
    } finally {
      own.dispose();
    }
  };

  before(async () => {
    // SQS does not take 15 of 100 entries at the first time.
    process.env['FAIL_SENDS'] = '0.15';
    cloud = await PipelineCloud.start('cloud-enqueue-test');
    delete process.env['FAIL_SENDS'];
    const owner = createBucketOwner(cloud.cloud.root);
    await owner.seed(BUCKET, wildFiles(FILES), () => undefined);
    owner.dispose();
    pipeline = await cloud.deploy();
    await pauseDispatch(pipeline.outputs, 'for the test', services().dispatch);
  });
  after(() => cloud.stop());

  /** Takes all messages out of the work queue. @returns their bodies */
  async function drain(expected: number): Promise<string[]> {
    const { queues } = services();
    const url = pipeline.outputs.workQueueUrl;
    const bodies: string[] = [];
    for (let idle = 0; idle < 3 && bodies.length <= expected;) {
      const page = await queues.receive(url, { max: 10, hideSeconds: 600, waitSeconds: 0 });
      idle = page.length === 0 ? idle + 1 : 0;
      bodies.push(...page.map(({ body }) => body));
      if (page.length > 0)
        await queues.delete(
          url,
          page.map(({ receipt }) => receipt),
        );
    }
    return bodies;
  }

  it('is made beside the pipeline, and found again', async () => {
    const templateBody = await readFile(TEMPLATE, 'utf8');
    const made = await deployEnumerator(
      { stackName: 'media-batch', bucket: BUCKET, templateBody },
      services().stacks,
      { everyMs: 200 },
    );
    assert.ok(made?.machine);
    machine = made.machine;
    assert.deepEqual(await listEnumerators('media-batch', services().stacks), [made]);
    const found = await findEnumerator('media-batch', BUCKET, services().stacks);
    assert.deepEqual(found, made);
    assert.equal(isOutdated(made, pipeline.outputs), false);
    assert.equal(await findEnumerator('media-batch', 'other', services().stacks), undefined);
  });

  /** The messages that the editor would send for a batch. */
  async function expected(batch: string): Promise<string[]> {
    const wanted = new Set(wildFiles(FILES).flatMap(({ key, kind }) => (kind === 'media' ? [key] : [])));
    const bodies: string[] = [];
    for await (const page of services().buckets.pages({ bucket: BUCKET, prefix: PREFIX })) {
      for (const { key, etag, size } of page)
        if (wanted.has(key)) bodies.push(encodeQueueMessage({ batch, bucket: BUCKET, key, etag, size }));
    }
    assert.equal(bodies.length, FILES);
    return bodies.sort();
  }

  it('sends what the editor would send, byte for byte, and counts each object once', async () => {
    const plan = await planEnqueue(request, pipeline.outputs, services());
    const { batch } = await startCloudEnqueue(request, machine, pipeline.outputs, services());
    const { progress, state, failure } = await until(batch, 'SUCCEEDED');
    assert.equal(failure, undefined);
    assert.equal(progress.enqueued, true);
    assert.deepEqual(
      { listed: progress.listed, files: progress.sent, skipped: progress.skipped },
      { listed: plan.listed, files: plan.files, skipped: plan.skipped },
    );
    assert.equal(progress.listed, progress.sent + sum(Object.values(progress.skipped)));
    assert.equal(state?.map?.items.total, plan.listed);
    assert.equal(state.map.items.succeeded, plan.listed);
    assert.deepEqual((await drain(FILES)).sort(), await expected(batch));
  });

  it('is split by prefix so that each object is in one part', async () => {
    const { buckets } = services();
    const keysUnder = async (prefix: string): Promise<string[]> => {
      const keys: string[] = [];
      for await (const page of buckets.pages({ bucket: BUCKET, prefix }))
        keys.push(...page.map(({ key }) => key));
      return keys;
    };
    const parts = await splitPrefix({ bucket: BUCKET, prefix: PREFIX }, buckets);
    assert.ok(parts.length > 1);
    const inParts = (await Promise.all(parts.map(keysUnder))).flat();
    const all = await keysUnder(PREFIX);
    assert.deepEqual(
      inParts,
      all.filter((key) => key !== PREFIX),
    );
  });

  it('counts nothing twice when a whole run is repeated', async () => {
    const meta = await startCloudEnqueue(request, machine, pipeline.outputs, services());
    const once = await until(meta.batch, 'SUCCEEDED');
    const input = { run: runOrder(meta, 0), depth: 1e9, recheck: 1 };
    await services().cloudRuns.start(machine, 'the-same-again', input);
    const again = executionArn(machine, 'the-same-again');
    await eventually('the repeated run has ended', async () => {
      const state = await services().cloudRuns.describe(again);
      return state?.status === 'SUCCEEDED' || undefined;
    });
    assert.deepEqual((await read(meta.batch)).progress, once.progress);
    const bodies = await expected(meta.batch);
    assert.deepEqual((await drain(2 * FILES)).sort(), [...bodies, ...bodies].sort());
  });

  it('is paused, paced and resumed, each time by another editor, and then has sent each file', async () => {
    const gate = { depth: 0, recheckSeconds: 1 };
    await pipeline.send('{"bucket":"b","key":"holds the gate"}');
    const { batch } = await inAnotherEditor((own) =>
      startCloudEnqueue(request, machine, pipeline.outputs, own, gate),
    );
    const held = await eventually('the parts wait at the gate', async () => {
      const found = await read(batch);
      const { running = 0, total = 0 } = found.state?.map?.items ?? {};
      return total > 0 && running === total ? found : undefined;
    });
    assert.equal(held.progress.listed, 0);
    const stack = await findEnumerator('media-batch', BUCKET, services().stacks);
    assert.ok(stack);
    await assert.rejects(checkRemovable(stack, services().cloudRuns), { code: 'conflict' });
    await inAnotherEditor(({ cloudRuns }) => setCloudPace(held, 2, cloudRuns));
    assert.equal((await read(batch)).state?.map?.maxConcurrency, 2);
    assert.equal(await inAnotherEditor(({ cloudRuns }) => pauseCloudEnqueue(held, cloudRuns)), 8000);
    const paused = await until(batch, 'ABORTED');
    await checkRemovable(stack, services().cloudRuns);
    assert.equal(paused.failure, undefined);
    assert.equal(paused.progress.enqueued, false);
    await assert.rejects(resumeEnqueue(batch, pipeline.outputs, services()), { code: 'enqueued-in-cloud' });
    const resumed = inAnotherEditor((own) => resumeCloudEnqueue(paused, machine, pipeline.outputs, own));
    assert.equal(await resumed, 'redriven');
    const bodies: string[] = [];
    await eventually('the run has ended while its messages were taken', async () => {
      bodies.push(...(await drain(2 * FILES)));
      return (await read(batch)).state?.status === 'SUCCEEDED' || undefined;
    });
    bodies.push(...(await drain(2 * FILES)));
    const sent = bodies.filter((body) => !body.includes('holds the gate'));
    assert.deepEqual([...new Set(sent)].sort(), await expected(batch));
    const { progress } = await read(batch);
    assert.equal(progress.sent, FILES);
    assert.equal(progress.enqueued, true);
  });

  it('is cancelled with the mark of the batch, and is not resumed then', async () => {
    await pipeline.send('{"bucket":"b","key":"holds the gate"}');
    const gate = { depth: 0, recheckSeconds: 1 };
    const { batch } = await startCloudEnqueue(request, machine, pipeline.outputs, services(), gate);
    await until(batch, 'RUNNING');
    const more = await inAnotherEditor((own) => cancelEnqueue(batch, pipeline.outputs, own));
    assert.equal(more, 8000);
    const cancelled = await until(batch, 'ABORTED');
    assert.equal(cancelled.progress.settled, true);
    await assert.rejects(resumeCloudEnqueue(cancelled, machine, pipeline.outputs, services()), {
      code: 'batch-cancelled',
    });
    await drain(FILES);
  });

  it('says in a sentence which right it lacks', async () => {
    const elsewhere = { ...request, bucket: 'another-bucket' };
    const bucket = await startCloudEnqueue(elsewhere, machine, pipeline.outputs, services());
    assert.match(
      (await until(bucket.batch, 'FAILED')).failure ?? '',
      /^AWS denies the cloud enqueue s3:ListBucket on arn:aws:s3:::another-bucket: .+ then resume\.$/,
    );
    const { stacks } = services();
    const templateBody = await readFile(TEMPLATE, 'utf8');
    const parameters = {
      SourceBucket: BUCKET,
      WorkQueueUrl: pipeline.outputs.workQueueUrl,
      WorkQueueArn: pipeline.outputs.deadLetterQueueArn,
      ResultsTable: pipeline.outputs.resultsTable,
    };
    const stackName = 'media-batch-enqueue-denied';
    const made = await deployStack({ stackName, templateBody, parameters }, stacks, { everyMs: 200 });
    assert.equal(made.outcome, 'created');
    const denied = made.outputs['EnumeratorArn'] ?? '';
    const { batch } = await startCloudEnqueue(request, denied, pipeline.outputs, services());
    const failed = await until(batch, 'FAILED');
    assert.match(
      failed.failure ?? '',
      /^AWS denies the cloud enqueue sqs:GetQueueAttributes on arn:aws:sqs:/,
    );
    assert.equal(failed.progress.sent, 0);
    await removeEnumerator(stackName, stacks, { everyMs: 200 });
  });

  it('refuses a bucket of another region before anything is made', async () => {
    const place = { bucket: BUCKET, prefix: PREFIX };
    const { region } = cloud.cloud.root;
    await checkCloudPlace(place, { region, account: '000000000000' }, services());
    await assert.rejects(
      checkCloudPlace(place, { region: 'us-west-2', account: '000000000000' }, services()),
      {
        code: 'cloud-enqueue-refused',
      },
    );
  });

  it('is removed alone, and its batches stay', async () => {
    const { stacks } = services();
    const found = await findEnumerator('media-batch', BUCKET, stacks);
    const { outcome } = await removeEnumerator(found?.name ?? '', stacks, { everyMs: 200 });
    assert.equal(outcome, 'deleted');
    assert.deepEqual(await listEnumerators('media-batch', stacks), []);
  });
});
