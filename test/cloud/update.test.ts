import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deployPipeline } from '../../src/app/stack/deploy-pipeline.ts';
import { isAbort } from '../../src/core/errors.ts';
import { s3Uri } from '../../src/core/files/s3-location.ts';
import { TEMPLATE_VERSION, VERSION_OUTPUT } from '../../src/core/stack/template-version.ts';
import { PipelineCloud, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { eventually } from '../helpers/wait-for.ts';

const FILES = 160;
/** Slow enough that most files are still queued, and some are being submitted, when the update begins. */
const LATENCY_MS = 1000;

/** The built template of version 1, as it was published: without the output of a version, and without a reconciler. */
const OLDER = join(import.meta.dirname, 'pipeline-1.yaml');

describe('an update of an older stack, with files in the queue', function () {
  this.timeout(180_000);
  let cloud: PipelineCloud;
  let older: string;

  before(async () => {
    cloud = await PipelineCloud.start('update-test');
    older = await readFile(OLDER, 'utf8');
  });
  after(() => cloud.stop());

  const film = (stack: string, n: number) => ({ bucket: 'film-archive', key: `${stack}/${n}.mp4` });
  const files = (stack: string) => Array.from({ length: FILES }, (_, n) => film(stack, n));
  const posts = () => cloud.cloud.ittybit.book.posts;

  /** Deploys version 1, fills its queue, and waits until calls are under way. */
  const fill = async (stack: string): Promise<{ pipeline: DeployedPipeline; repair: () => void }> => {
    const pipeline = await cloud.deploy(stack, { template: older });
    const slow = cloud.cloud.ittybit.faults.add({ effect: { type: 'latency', ms: LATENCY_MS } });
    const bodies = files(stack).map((file) => JSON.stringify(file));
    const before = posts();
    for (let i = 0; i < FILES; i += 10) await pipeline.send(...bodies.slice(i, i + 10));
    await eventually('calls are under way', () => posts() > before || undefined);
    return {
      pipeline,
      repair: () => {
        slow.remove();
      },
    };
  };

  const expectAllDoneOnce = async (stack: string, pipeline: DeployedPipeline) => {
    for (const file of files(stack)) await pipeline.until('succeeded', file);
    const jobs = cloud.cloud.ittybit.book.jobsByInput();
    assert.deepEqual(
      files(stack).filter((file) => jobs.get(s3Uri(file))?.length !== 1),
      [],
      'each is paid once',
    );
    await eventually('both queues are empty', async () => {
      const { work, dead } = await pipeline.held();
      return work + dead === 0 || undefined;
    });
  };

  it('pauses, lets the calls end, updates and resumes: nothing is lost, nothing is paid twice', async () => {
    const { pipeline, repair } = await fill('media-batch-older');
    const { services } = cloud.cloud;
    const request = { stackName: 'media-batch-older', templateBody: cloud.template, parameters: {} };
    const phases: { phase: string; posts: number }[] = [];
    const result = await deployPipeline(request, services, {
      everyMs: 200,
      onPhase: (phase) => phases.push({ phase, posts: posts() }),
    });
    assert.equal(result.outcome, 'updated');
    assert.deepEqual(
      phases.map(({ phase }) => phase),
      ['pausing', 'draining', 'updating', 'resuming'],
    );
    const [, , updating, resuming] = phases;
    assert.equal(updating?.posts, resuming?.posts, 'no call is made while CloudFormation is at work');
    assert.ok((resuming?.posts ?? FILES) < FILES, 'files were still queued');
    assert.equal((await pipeline.mapping()).state, 'Enabled');
    const { state } = await services.dispatch.readState(pipeline.outputs);
    assert.equal(state, 'running');
    const stack = await services.stacks.describe('media-batch-older');
    assert.equal(stack?.outputs[VERSION_OUTPUT], String(TEMPLATE_VERSION));
    repair();
    await expectAllDoneOnce('media-batch-older', pipeline);
  });

  it('resumes when it is cancelled while the calls end', async () => {
    const { pipeline, repair } = await fill('media-batch-cancelled');
    const control = new AbortController();
    const request = { stackName: 'media-batch-cancelled', templateBody: cloud.template, parameters: {} };
    const options = {
      everyMs: 200,
      signal: control.signal,
      onPhase: (phase: string) => {
        if (phase === 'draining') control.abort();
      },
    };
    await assert.rejects(deployPipeline(request, cloud.cloud.services, options), isAbort);
    assert.equal((await pipeline.mapping()).state, 'Enabled');
    const stack = await cloud.cloud.services.stacks.describe('media-batch-cancelled');
    assert.equal(stack?.outputs[VERSION_OUTPUT], undefined);
    repair();
    await expectAllDoneOnce('media-batch-cancelled', pipeline);
  });
});
