import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sum } from '../../src/app/batch/batch-progress.ts';
import { enqueuePrefix } from '../../src/app/batch/enqueue-prefix.ts';
import { redriveAll } from '../../src/app/batch/redrive.ts';
import { deployPipeline } from '../../src/app/stack/deploy-pipeline.ts';
import { isUnclear } from '../../src/core/batch/result-item.ts';
import { isAbort } from '../../src/core/errors.ts';
import { s3Uri } from '../../src/core/files/s3-location.ts';
import { DEFAULT_JOB_OPTIONS } from '../../src/core/ittybit/job-options.ts';
import { TEMPLATE_VERSION, VERSION_OUTPUT } from '../../src/core/stack/template-version.ts';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import type { ActiveFault } from '../../src/local/ittybit/faults.ts';
import { PipelineCloud, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { eventually } from '../helpers/wait-for.ts';

/** The built template of the last version without a reconciler, as it was published. */
const OLDER = join(import.meta.dirname, 'pipeline-1.yaml');
const BUCKET = 'film-archive';
const FILES = 120;
/** Slow enough that most files are still queued, and some are being submitted, when the update begins. */
const LATENCY_MS = 2000;

/** A change of the functions afterwards would end the calls that are under way on the emulator. */
function withShortLookUps(template: string): string {
  const short = template.replaceAll(
    'RECONCILE_AFTER_MINUTES:',
    "SETTLE_SECONDS: '1',RECONCILE_AFTER_MINUTES:",
  );
  assert.notEqual(short, template);
  return short;
}

describe('an update of an older stack, with files in the queue', function () {
  this.timeout(180_000);
  let cloud: PipelineCloud;
  let older: string;

  before(async () => {
    cloud = await PipelineCloud.start('update-test');
    older = await readFile(OLDER, 'utf8');
    assert.doesNotMatch(older, new RegExp(`${VERSION_OUTPUT}|econciler`));
  });
  after(() => cloud.stop());

  const film = (stack: string, n: number) => ({ bucket: BUCKET, key: `${stack}/${n}.mp4` });
  const files = (stack: string, count = FILES) => Array.from({ length: count }, (_, n) => film(stack, n));
  const posts = (stack: string) => {
    const { postsByInput } = cloud.cloud.ittybit.book;
    return sum(files(stack).map((file) => postsByInput.get(s3Uri(file)) ?? 0));
  };
  const slowDown = () => cloud.cloud.ittybit.faults.add({ effect: { type: 'latency', ms: LATENCY_MS } });
  const expectOneJobEach = (all: ReturnType<typeof files>) => {
    const jobs = cloud.cloud.ittybit.book.jobsByInput();
    const wrong = all.filter((file) => jobs.get(s3Uri(file))?.length !== 1);
    assert.deepEqual(wrong, [], 'each is paid once');
  };
  const expectEmptyQueues = (pipeline: DeployedPipeline) =>
    eventually('both queues are empty', async () => {
      const { work, dead } = await pipeline.held();
      return work + dead === 0 || undefined;
    });

  describe('in the middle of a batch', () => {
    const stack = 'media-batch-older';
    const [unheard, outage] = [film(stack, 0), film(stack, 1)];
    let pipeline: DeployedPipeline;
    let slow: ActiveFault;
    let away: ActiveFault;
    const batches = { first: '', second: '' };
    const enqueue = async () => {
      const request = { bucket: BUCKET, prefix: `${stack}/`, job: DEFAULT_JOB_OPTIONS };
      const { batch, sent } = await enqueuePrefix(request, pipeline.outputs, cloud.cloud.services);
      assert.equal(sent, FILES);
      return batch;
    };

    before(async () => {
      const { faults } = cloud.cloud.ittybit;
      const owner = createBucketOwner(cloud.cloud.root);
      const objects = files(stack).map(({ key }) => ({ key, kind: 'media' }) as const);
      await owner.seed(BUCKET, objects, () => undefined);
      owner.dispose();
      pipeline = await cloud.deploy(stack, { template: older, parameters: { MaxAttempts: '1' } });
      faults.add({ match: unheard.key, effect: { type: 'webhook_lost' } });
      away = faults.add({ match: outage.key, effect: { type: 'status', status: 503 } });
      slow = slowDown();
      batches.first = await enqueue();
      await eventually('files are done, one is dead, and one is without its callback', async () => {
        const { counts } = await pipeline.progress(batches.first);
        const open = await pipeline.item(unheard, batches.first);
        return (counts.succeeded > 3 && counts.dead === 1 && open?.status === 'submitted') || undefined;
      });
    });

    it('pauses, lets the calls end, updates and resumes', async () => {
      const { services } = cloud.cloud;
      const request = { stackName: stack, templateBody: withShortLookUps(cloud.template), parameters: {} };
      const phases: { phase: string; posts: number }[] = [];
      const result = await deployPipeline(request, services, {
        everyMs: 200,
        onPhase: (phase) => phases.push({ phase, posts: posts(stack) }),
      });
      assert.equal(result.outcome, 'updated');
      assert.deepEqual(
        phases.map(({ phase }) => phase),
        ['pausing', 'draining', 'updating', 'resuming'],
      );
      const [, , updating, resuming] = phases;
      assert.equal(updating?.posts, resuming?.posts, 'no call is made while CloudFormation is at work');
      assert.ok((resuming?.posts ?? FILES) < FILES, 'files were still queued');
      pipeline = pipeline.updated(result.outputs);
      assert.equal((await pipeline.mapping()).state, 'Enabled');
      const { state } = await services.dispatch.readState(pipeline.outputs);
      assert.equal(state, 'running');
      const updated = await services.stacks.describe(stack);
      assert.equal(updated?.outputs[VERSION_OUTPUT], String(TEMPLATE_VERSION));
      assert.ok(pipeline.outputs.reconcilerFunction);
    });

    it('leaves what the older one recorded unclear: it does not know whether a job was made', async () => {
      const item = await pipeline.item(outage, batches.first);
      assert.equal(item?.status, 'dead');
      assert.equal(item.unclear, undefined);
      assert.ok(isUnclear(item));
    });

    it('goes on with the batch, and a second one of the same prefix costs nothing', async () => {
      slow.remove();
      away.remove();
      batches.second = await enqueue();
      await eventually('no file is queued', async () => {
        const both = await Promise.all(Object.values(batches).map((batch) => pipeline.progress(batch)));
        return both.every(({ queued }) => queued === 0) || undefined;
      });
      assert.equal((await redriveAll(pipeline.outputs, cloud.cloud.services.queues)).moved, 1);
      await eventually('both batches have ended', async () => {
        const both = await Promise.all(Object.values(batches).map((batch) => pipeline.progress(batch)));
        if (both.every(({ settled, counts }) => settled && counts.dead === 0)) return true;
        await pipeline.reconcile();
        return undefined;
      });
      for (const file of files(stack)) {
        const items = await Promise.all(Object.values(batches).map((batch) => pipeline.item(file, batch)));
        const owner = items.find((item) => item?.status === 'succeeded');
        const other = items.find((item) => item?.status === 'covered');
        assert.ok(owner && other, `${file.key}: ${items.map((item) => item?.status).join(', ')}`);
        assert.deepEqual([other.covered_by, other.output_url], [owner.batch, owner.output_url]);
      }
      expectOneJobEach(files(stack));
      await expectEmptyQueues(pipeline);
    });
  });

  it('resumes when it is cancelled while the calls end', async () => {
    const stack = 'media-batch-cancelled';
    const pipeline = await cloud.deploy(stack, { template: older });
    const slow = slowDown();
    const few = files(stack, 10);
    await pipeline.send(...few.map((file) => JSON.stringify(file)));
    await eventually('calls are under way', () => posts(stack) > 0 || undefined);
    const control = new AbortController();
    const request = { stackName: stack, templateBody: cloud.template, parameters: {} };
    const options = {
      everyMs: 200,
      signal: control.signal,
      onPhase: (phase: string) => {
        if (phase === 'draining') control.abort();
      },
    };
    await assert.rejects(deployPipeline(request, cloud.cloud.services, options), isAbort);
    assert.equal((await pipeline.mapping()).state, 'Enabled');
    const described = await cloud.cloud.services.stacks.describe(stack);
    assert.equal(described?.outputs[VERSION_OUTPUT], undefined);
    slow.remove();
    for (const file of few) await pipeline.until('succeeded', file);
    expectOneJobEach(few);
    await expectEmptyQueues(pipeline);
  });
});
