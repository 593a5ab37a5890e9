import assert from 'node:assert/strict';
import {
  cancelEnqueue,
  pauseCloudEnqueue,
  readCloudEnqueue,
  resumeCloudEnqueue,
  setCloudPace,
  startCloudEnqueue,
} from '../../../../src/app/batch/cloud-enqueue.ts';
import { resumeEnqueue } from '../../../../src/app/batch/enqueue-prefix.ts';
import { listCloudEnqueues } from '../../../../src/app/batch/list-cloud-enqueues.ts';
import type { RunState } from '../../../../src/core/batch/cloud-runs.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';
import { FakeBatches, FakeBuckets, FakeQueues, PIPELINE } from '../../../helpers/fakes.ts';
import { FakeCloudRuns, RUNNING } from '../../../helpers/fake-cloud-runs.ts';

const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:MediaBatchEnumerator-x';
const REQUEST = { bucket: 'film', prefix: 'in/', job: DEFAULT_JOB_OPTIONS };

describe('an enqueue in the cloud', () => {
  let batches: FakeBatches;
  let cloudRuns: FakeCloudRuns;
  const services = () => ({ batches, cloudRuns });

  beforeEach(() => {
    batches = new FakeBatches();
    cloudRuns = new FakeCloudRuns();
  });

  async function begun() {
    const { batch } = await startCloudEnqueue(REQUEST, MACHINE, PIPELINE, services());
    const read = async () => {
      const enqueue = await readCloudEnqueue(batch, PIPELINE, services());
      assert.ok(enqueue);
      return enqueue;
    };
    return { batch, read, execution: `${MACHINE.replace('stateMachine', 'execution')}:${batch}` };
  }
  const setState = (execution: string, change: Partial<RunState>) =>
    cloudRuns.states.set(execution, { ...RUNNING, ...change });

  it('writes the run down before it starts, with a gate of three days of work', async () => {
    cloudRuns.start = async () => {
      assert.equal(batches.saved.length, 1);
      throw new Error('gone');
    };
    await assert.rejects(startCloudEnqueue(REQUEST, MACHINE, PIPELINE, services()), /gone/);
    cloudRuns = new FakeCloudRuns();
    await startCloudEnqueue(REQUEST, MACHINE, PIPELINE, services(), { filesPerSecond: 2 });
    await startCloudEnqueue(REQUEST, MACHINE, PIPELINE, services());
    assert.deepEqual(
      cloudRuns.started.map(({ input }) => input.depth),
      [518_400, 100_000],
    );
  });

  it('refuses a list of keys, as it would send the whole prefix, and keeps the name and the operator', async () => {
    const listed = { ...REQUEST, source: { keys: ['in/a.mp4'] } };
    await assert.rejects(startCloudEnqueue(listed, MACHINE, PIPELINE, services()), { field: 'source' });
    assert.deepEqual([cloudRuns.started, batches.metas.size], [[], 0]);
    const named = { ...REQUEST, name: 'Rushes', by: 'user/anna' };
    const { name, by } = await startCloudEnqueue(named, MACHINE, PIPELINE, services());
    assert.deepEqual([name, by], ['Rushes', 'user/anna']);
  });

  it('leaves `not_yet_done` to the claims, and keeps the other conditions', async () => {
    const filter = { not_yet_done: true, min_size: 5 };
    await startCloudEnqueue({ ...REQUEST, filter }, MACHINE, PIPELINE, services());
    assert.deepEqual(cloudRuns.started[0]?.input.run.filter, { min_size: 5 });
  });

  it('is not walked by the editor, which would send all again', async () => {
    const { batch } = await begun();
    const editor = { batches, queues: new FakeQueues(), buckets: new FakeBuckets([]) };
    await assert.rejects(resumeEnqueue(batch, PIPELINE, editor), { code: 'enqueued-in-cloud' });
  });

  it('is paused, paced and redriven', async () => {
    const { read, execution } = await begun();
    await setCloudPace(await read(), 99, cloudRuns);
    assert.equal(await pauseCloudEnqueue(await read(), cloudRuns), 8000);
    await assert.rejects(setCloudPace(await read(), 2, cloudRuns), { code: 'conflict' });
    assert.equal(await resumeCloudEnqueue(await read(), MACHINE, PIPELINE, services()), 'redriven');
    assert.equal(await resumeCloudEnqueue(await read(), MACHINE, PIPELINE, services()), 'running');
    assert.deepEqual(cloudRuns.calls, [
      'pace arn:map 40',
      `stop ${execution} Paused`,
      `redrive ${execution}`,
    ]);
  });

  it('begins anew where AWS no longer redrives, under another name that counts for itself', async () => {
    const { batch, read, execution } = await begun();
    setState(execution, { status: 'ABORTED' });
    cloudRuns.redrivable = false;
    assert.equal(await resumeCloudEnqueue(await read(), MACHINE, PIPELINE, services()), 'new-run');
    assert.deepEqual((await read()).run, { execution: `${execution}-run-2`, ordinal: 1 });
    assert.equal(cloudRuns.started.at(-1)?.input.run.ordinal, 1);
    const listed = await listCloudEnqueues(MACHINE, PIPELINE, services());
    assert.deepEqual(
      listed.map(({ meta }) => meta.batch),
      [batch],
    );
  });

  it('starts the same run where it was written down and never started', async () => {
    const { read, execution } = await begun();
    cloudRuns.states.clear();
    assert.equal(await resumeCloudEnqueue(await read(), MACHINE, PIPELINE, services()), 'new-run');
    assert.equal((await read()).run.execution, execution);
  });

  it('is cancelled by the mark first, and then never resumed', async () => {
    const { batch, read } = await begun();
    assert.equal(await cancelEnqueue(batch, PIPELINE, services()), 8000);
    assert.ok(batches.metas.get(batch)?.brake?.cancelled);
    await assert.rejects(resumeCloudEnqueue(await read(), MACHINE, PIPELINE, services()), {
      code: 'batch-cancelled',
    });
    assert.equal(await cancelEnqueue('another', PIPELINE, services()), 0);
  });

  it('is read once more where it ended while it was read', async () => {
    const { batch, read, execution } = await begun();
    setState(execution, { status: 'SUCCEEDED' });
    const before = batches.queries;
    cloudRuns.describe = async () => {
      const [start] = batches.saved;
      assert.ok(start);
      await batches.saveCheckpoint('t', batch, { ...start, listed: 9, sent: 9, done: true }, start);
      cloudRuns.describe = async () => cloudRuns.states.get(execution);
      return cloudRuns.states.get(execution);
    };
    const { progress } = await read();
    assert.deepEqual([progress.enqueued, progress.sent, batches.queries - before], [true, 9, 2]);
  });

  it('is never done at a limit of AWS, and not resumed to end there again', async () => {
    const { batch, read, execution } = await begun();
    const [start] = batches.saved;
    assert.ok(start);
    const save = (listed: number, done: boolean) =>
      batches.saveCheckpoint('t', batch, { ...start, listed, sent: listed, done }, start);
    const at = (total: number) => {
      const { map } = RUNNING;
      return map && { ...map, items: { ...map.items, total } };
    };
    await save(60_000_000, false);
    setState(execution, { status: 'FAILED', error: 'States.DataLimitExceeded', map: at(60_000_000) });
    const refused = { code: 'cloud-enqueue-refused', message: /^There are more than 50 million objects/ };
    assert.match((await read()).failure ?? '', refused.message);
    await assert.rejects(resumeCloudEnqueue(await read(), MACHINE, PIPELINE, services()), refused);
    // The reader ended, and the machine took that for the end of the bucket.
    await save(100_000_000, true);
    setState(execution, { status: 'SUCCEEDED', map: at(100_000_000) });
    const { progress, failure = '' } = await read();
    assert.deepEqual([progress.enqueued, progress.settled], [false, false]);
    assert.match(failure, refused.message);
    await assert.rejects(resumeCloudEnqueue(await read(), MACHINE, PIPELINE, services()), refused);
    // Long keys reach the other limit with few objects.
    await save(9, false);
    setState(execution, { status: 'FAILED', error: 'States.DataLimitExceeded' });
    assert.match((await read()).failure ?? '', /are too long/);
  });

  it('says in one sentence why it stopped', async () => {
    const { read, execution } = await begun();
    setState(execution, { status: 'ABORTED', error: 'Paused' });
    assert.equal((await read()).failure, undefined);
    setState(execution, { status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    for (const [cause, says] of [
      [
        'User: x is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::film"',
        /^AWS denies .*s3:List/,
      ],
      ['The specified bucket does not exist', /^The bucket of s3:\/\/film\/in\/ is gone/],
      ['Sqs.QueueDoesNotExistException: no', /^The work queue .* is gone/],
      ['States.DataLimitExceeded: too large', /^The keys under .* are too long/],
      ['Something\u202E else.', /has stopped \(E Something.* else\): resume it/],
    ] as const) {
      cloudRuns.failure = { error: 'E', cause };
      const { failure = '' } = await read();
      assert.match(failure, says);
      assert.match(failure, /^[^.]+(\.[^ ][^.]*)*\.$/);
    }
  });
});
