import assert from 'node:assert/strict';
import { UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { pauseDispatch } from '../../src/app/stack/dispatch.ts';
import { dispatchItem } from '../../src/core/stack/dispatch-codec.ts';
import type { DispatchState } from '../../src/core/stack/dispatch-control.ts';
import { readRun, reconcilerKey } from '../../src/core/stack/reconciler-run.ts';
import { PipelineCloud, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { waitFor } from '../helpers/wait-for.ts';

/** The rule fires each minute, on the emulator too. */
const TWO_RUNS_MS = 150_000;

describe('the deployed reconciler', function () {
  this.timeout(TWO_RUNS_MS + 60_000);
  let cloud: PipelineCloud;
  /** one whose wait is over, one that the operator has paused, and one whose run died before it reached the mapping */
  let waits: DeployedPipeline;
  let paused: DeployedPipeline;
  let torn: DeployedPipeline;

  const state = (pipeline: DeployedPipeline) => cloud.cloud.services.dispatch.readState(pipeline.outputs);
  const put = (pipeline: DeployedPipeline, dispatch: DispatchState) =>
    cloud.dynamo.send(
      new PutCommand({
        TableName: pipeline.outputs.resultsTable,
        Item: JSON.parse(JSON.stringify(dispatchItem(pipeline.outputs.stackId, dispatch))) as object,
      }),
    );
  const lastRun = async (pipeline: DeployedPipeline) => {
    const query = { TableName: pipeline.outputs.resultsTable, Key: reconcilerKey(pipeline.outputs.stackId) };
    return readRun((await cloud.dynamo.send(new GetCommand(query))).Item);
  };
  const nextRun = (pipeline: DeployedPipeline, after: string) =>
    waitFor(
      async () => {
        const run = await lastRun(pipeline);
        const isNew = run?.startedAt !== undefined && run.startedAt > after;
        return isNew && run.endedAt !== undefined && run.endedAt >= run.startedAt ? run : undefined;
      },
      { limitMs: TWO_RUNS_MS, everyMs: 500, late: () => new Error('The rule has not run the reconciler.') },
    );

  before(async () => {
    cloud = await PipelineCloud.start('reconciler-test');
    waits = await cloud.deploy('media-batch-waits');
    paused = await cloud.deploy('media-batch-paused');
    torn = await cloud.deploy('media-batch-torn');
  });
  after(() => cloud.stop());

  it('ends a wait that is over, keeps a pause, and switches a mapping off that a dead run left on', async () => {
    const before = new Date().toISOString();
    const held = { reason: "Ittybit's limit", at: before, epoch: 1, by: 'consumer' } as const;
    await put(waits, { ...held, state: 'waiting', until: before });
    await cloud.lambda.send(
      new UpdateEventSourceMappingCommand({ UUID: waits.outputs.eventSourceMapping, Enabled: false }),
    );
    await pauseDispatch(paused.outputs, 'lunch', cloud.cloud.services.dispatch);
    await put(torn, { ...held, state: 'paused' });
    const [run, ...others] = await Promise.all([waits, paused, torn].map((each) => nextRun(each, before)));
    assert.deepEqual([run?.did, run?.error], [{ waitsEnded: 1 }, undefined]);
    for (const other of others) assert.deepEqual([other.did, other.error], [{}, undefined]);

    const resumed = await state(waits);
    assert.deepEqual([resumed.state, resumed.epoch, resumed.by], ['running', 2, 'reconciler']);
    assert.equal((await waits.mapping()).state, 'Enabled');
    const kept = await state(paused);
    assert.deepEqual([kept.state, kept.reason, kept.epoch, kept.by], ['paused', 'lunch', 1, 'operator']);
    assert.equal((await paused.mapping()).state, 'Disabled');
    assert.deepEqual([(await state(torn)).epoch, (await torn.mapping()).state], [1, 'Disabled']);
  });
});
