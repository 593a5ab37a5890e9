import assert from 'node:assert/strict';
import { setMost } from '../../src/app/stack/dispatch.ts';
import { limitFound } from '../../src/core/stack/pace.ts';
import { PipelineCloud, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { waitFor } from '../helpers/wait-for.ts';

/** Ten invocations at once. */
const TEN = { BatchSize: '5', MaximumConcurrency: '10', MaximumBatchingWindow: '0' };

/** On a busy machine the emulator ends an invocation at its 20 s; its messages come back after 120 s (template). */
const DRAINED_MS = 200_000;

describe('the pace of the deployed pipeline', function () {
  this.timeout(600_000);
  let cloud: PipelineCloud;

  before(async () => {
    cloud = await PipelineCloud.start('pace-test');
  });
  after(() => cloud.stop());

  /** @param count a multiple of ten, which is how many SQS takes at once */
  async function send(pipeline: DeployedPipeline, prefix: string, count: number): Promise<void> {
    for (let from = 0; from < count; from += 10) {
      const keys = Array.from({ length: 10 }, (_, i) => `${prefix}/${from + i}.mp4`);
      await pipeline.send(...keys.map((key) => JSON.stringify({ bucket: 'film-archive', key })));
    }
  }
  const accepted = (prefix: string) =>
    cloud.cloud.ittybit.book.jobs.filter(({ request }) => request.input.includes(`/${prefix}/`));
  const drained = (prefix: string, count: number) =>
    waitFor(() => accepted(prefix).length >= count || undefined, {
      limitMs: DRAINED_MS,
      late: () => new Error(`Ittybit has ${accepted(prefix).length} of ${count} jobs of ${prefix}`),
    });

  it('finds the limit, with ten invocations at once on one item, and follows it down', async () => {
    const { ittybit, services } = cloud.cloud;
    const pipeline = await cloud.deploy('media-batch-pace', { parameters: TEN });
    const refused = () => ittybit.book.answers().get(429) ?? 0;
    ittybit.rateLimit.set({ requestsPerSecond: 10, burst: 5 });
    await send(pipeline, 'ten', 60);
    await drained('ten', 60);
    const { pace } = await services.dispatch.readPaced(pipeline.outputs);
    assert.equal(pace.refused, refused(), 'each refusal is counted');
    assert.ok((limitFound(pace) ?? Infinity) <= 20, `${limitFound(pace)}/s`);

    ittybit.rateLimit.set({ requestsPerSecond: 4, burst: 2 });
    await send(pipeline, 'four', 20);
    await drained('four', 20);
    const after = (await services.dispatch.readPaced(pipeline.outputs)).pace;
    assert.ok((limitFound(after) ?? Infinity) < 8, `${limitFound(after)}/s`);
    assert.equal(new Set(accepted('four').map(({ request }) => request.input)).size, 20);
    assert.equal(accepted('four').length, 20, 'nothing is paid twice');
    assert.deepEqual((await pipeline.held()).dead, 0);
    ittybit.rateLimit.set({});
  });

  it('calls no more often than the operator allows, live and without a deploy', async () => {
    const { services } = cloud.cloud;
    const parameters = { ...TEN, MaxRequestsPerSecond: '50' };
    const pipeline = await cloud.deploy('media-batch-most', { parameters });
    await setMost(pipeline.outputs, { most: 5, parameter: 50 }, services.dispatch);
    const begun = Date.now();
    await send(pipeline, 'most', 40);
    await drained('most', 40);
    const seconds = (Date.now() - begun) / 1000;
    assert.ok(seconds >= 39 / 5, `40 files in ${seconds} s`);
    const { pace } = await services.dispatch.readPaced(pipeline.outputs);
    assert.deepEqual([pace.calls, pace.refused, pace.ceiling], [40, 0, undefined]);
  });
});
