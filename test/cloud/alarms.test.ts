import assert from 'node:assert/strict';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { enqueuePrefix } from '../../src/app/batch/enqueue-prefix.ts';
import { holdBatch } from '../../src/app/batch/stop-batch.ts';
import { pauseDispatch } from '../../src/app/stack/dispatch.ts';
import { DEFAULT_BATCH } from '../../src/core/batch/queue-message.ts';
import { resultKey } from '../../src/core/batch/table-keys.ts';
import { DEFAULT_JOB_OPTIONS } from '../../src/core/ittybit/job-options.ts';
import { alarmOf, type AlarmId } from '../../src/core/stack/alarms.ts';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import { PipelineCloud } from '../helpers/deployed-pipeline.ts';
import { eventually } from '../helpers/wait-for.ts';

const film = { bucket: 'film-archive', key: 'told/reel.mp4' };

/** Each way in which a stack stands still raises its own alarm, told by the reconciler's gauges. */
describe('a stack that stands still', function () {
  this.timeout(120_000);
  let cloud: PipelineCloud;
  let cloudWatch: CloudWatchClient;

  before(async () => {
    cloud = await PipelineCloud.start('alarms-test');
    cloudWatch = new CloudWatchClient(cloud.cloud.root);
  });
  after(async () => {
    cloudWatch.destroy();
    await cloud.stop();
  });

  /** @returns the alarms that ring, read by the account's owner */
  const ringing = async (stackName: string): Promise<AlarmId[]> => {
    const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }));
    return MetricAlarms.flatMap(({ AlarmName = '' }) => alarmOf(AlarmName, stackName) ?? []).sort();
  };
  const dispatch = () => cloud.cloud.services.dispatch;

  it('says nothing while all is well', async () => {
    const pipeline = await cloud.deploy('media-batch-well');
    await pipeline.send(JSON.stringify(film));
    await pipeline.until('succeeded', film);
    await pipeline.reconcile();
    assert.deepEqual(await ringing('media-batch-well'), []);
  });

  it('tells that the operator has paused it, to the editor as well', async () => {
    const pipeline = await cloud.deploy('media-batch-p');
    await pauseDispatch(pipeline.outputs, 'Friday evening', dispatch());
    await pipeline.reconcile();
    assert.deepEqual(await ringing('media-batch-p'), ['PausedAlarm']);
    const seen = await cloud.cloud.services.alarms.ringing('media-batch-p');
    assert.deepEqual(
      seen.map(({ id }) => id),
      ['PausedAlarm'],
    );
    assert.ok(Date.now() - (seen[0]?.since?.getTime() ?? 0) < 60_000);
  });

  it('tells that its mapping was switched off outside', async () => {
    const pipeline = await cloud.deploy('media-batch-off');
    await dispatch().updateMapping(pipeline.outputs.eventSourceMapping, { enabled: false });
    await pipeline.reconcile();
    assert.deepEqual(await ringing('media-batch-off'), ['PausedAlarm']);
  });

  it('stays paused where a deploy outside has switched the mapping on, and says so', async () => {
    const pipeline = await cloud.deploy('media-batch-on');
    await pauseDispatch(pipeline.outputs, 'lunch', dispatch());
    await dispatch().updateMapping(pipeline.outputs.eventSourceMapping, { enabled: true });
    assert.equal((await pipeline.reconcile())['mappingSwitchedOff'], 1);
    assert.equal((await pipeline.mapping()).state, 'Disabled');
    assert.equal((await pipeline.reconcile())['mappingSwitchedOff'], undefined);
  });

  it('tells that a batch is held', async () => {
    const pipeline = await cloud.deploy('media-batch-held');
    const { services, root } = cloud.cloud;
    const owner = createBucketOwner(root);
    try {
      await owner.seed(film.bucket, [{ key: film.key, kind: 'media' }], () => undefined);
    } finally {
      owner.dispose();
    }
    await pauseDispatch(pipeline.outputs, 'setting up', dispatch());
    const request = { bucket: film.bucket, prefix: 'told/', job: DEFAULT_JOB_OPTIONS };
    const { batch } = await enqueuePrefix(request, pipeline.outputs, services);
    await holdBatch(batch, pipeline.outputs, services.batches);
    await pipeline.reconcile();
    assert.deepEqual(await ringing('media-batch-held'), ['HeldAlarm', 'PausedAlarm']);
  });

  it('tells of new dead letters, each time', async () => {
    const pipeline = await cloud.deploy('media-batch-dead');
    await pipeline.reconcile();
    for (const letters of [1, 2]) {
      await pipeline.send('no JSON');
      await eventually(
        'it is a dead letter',
        async () => (await pipeline.held()).dead === letters || undefined,
      );
      await pipeline.reconcile();
    }
    assert.deepEqual(await ringing('media-batch-dead'), ['DeadLetterAlarm']);
  });

  it('tells of a job that is silent for long', async () => {
    const pipeline = await cloud.deploy('media-batch-silent');
    cloud.cloud.ittybit.faults.add({ match: 'told/hangs.mp4', effect: { type: 'job_hangs' } });
    const hangs = { ...film, key: 'told/hangs.mp4' };
    await pipeline.send(JSON.stringify(hangs));
    await pipeline.until('submitted', hangs);
    await pipeline.reconcile();
    assert.deepEqual(await ringing('media-batch-silent'), []);
    const update = new UpdateCommand({
      TableName: pipeline.outputs.resultsTable,
      Key: resultKey({ ...hangs, batch: DEFAULT_BATCH }),
      UpdateExpression: 'SET updated_at = :then',
      ExpressionAttributeValues: { ':then': new Date(Date.now() - 3 * 3_600_000).toISOString() },
    });
    await cloud.dynamo.send(update);
    await pipeline.reconcile();
    assert.deepEqual(await ringing('media-batch-silent'), ['SilentAlarm']);
  });
});
