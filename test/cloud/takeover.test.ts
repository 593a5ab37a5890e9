import assert from 'node:assert/strict';
import { enqueueMissing, findMissing } from '../../src/app/batch/enqueue-missing.ts';
import { enqueuePrefix } from '../../src/app/batch/enqueue-prefix.ts';
import { findLeftFiles, resendFiles } from '../../src/app/batch/resend-files.ts';
import { pauseDispatch, resumeDispatch } from '../../src/app/stack/dispatch.ts';
import { deletePipeline } from '../../src/app/stack/stack-operations.ts';
import { decodeQueueMessage } from '../../src/core/batch/queue-message.ts';
import type { ReceivedMessage } from '../../src/core/batch/queue-service.ts';
import { DeployError } from '../../src/core/errors.ts';
import { s3Uri } from '../../src/core/files/s3-location.ts';
import { DEFAULT_JOB_OPTIONS } from '../../src/core/ittybit/job-options.ts';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import { PipelineCloud, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { eventually } from '../helpers/wait-for.ts';

const BUCKET = 'film-archive';
const PREFIX = 'takeover/';
const named = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${PREFIX}${name}-${i}.mp4`);
/** What becomes of them in the first stack; `late` ones stay in its queue. */
const FILES = {
  fine: named('fine', 3),
  locked: named('locked', 3),
  unheard: named('unheard', 2),
  unsaid: named('unsaid', 1),
  late: named('late', 4),
};
const KEYS = Object.values(FILES).flat();

describe('a table that a new stack takes over', function () {
  this.timeout(180_000);
  let cloud: PipelineCloud;
  let first: DeployedPipeline;
  let second: DeployedPipeline;
  let batch: string;
  let mendLocked: () => void;

  const services = () => cloud.cloud.services;
  const book = () => cloud.cloud.ittybit.book;
  const jobsOf = (key: string) =>
    (
      book()
        .jobsByInput()
        .get(s3Uri({ bucket: BUCKET, key })) ?? []
    ).length;
  const overTable = () => ({
    parameters: { MaxAttempts: '1', ExistingResultsTable: first.outputs.resultsTable },
  });

  before(async () => {
    cloud = await PipelineCloud.start('takeover-test');
    const owner = createBucketOwner(cloud.cloud.root);
    await owner.seed(
      BUCKET,
      KEYS.map((key) => ({ key, kind: 'media' as const })),
      () => undefined,
    );
    owner.dispose();
    const { faults } = cloud.cloud.ittybit;
    const status = { type: 'status', status: 400, kind: 'invalid_input', message: 'access denied' } as const;
    const locked = faults.add({ match: `${PREFIX}locked`, effect: status });
    mendLocked = () => {
      locked.remove();
    };
    for (const name of ['unheard', 'unsaid'])
      faults.add({ match: `${PREFIX}${name}`, effect: { type: 'webhook_lost' } });
    faults.add({ match: `${PREFIX}unsaid`, effect: { type: 'response_lost' } });
    first = await cloud.deploy('media-batch', { parameters: { MaxAttempts: '1' } });
  });
  after(() => cloud.stop());

  /** Takes the late files out of everybody's sight for as long as the queue lives. */
  async function hideLate(): Promise<void> {
    const { queues } = services();
    const url = first.outputs.workQueueUrl;
    const seen = new Map<string, ReceivedMessage>();
    await eventually('all messages are seen', async () => {
      const page = await queues.receive(url, { max: 10, hideSeconds: 600, waitSeconds: 1 });
      for (const message of page) seen.set(message.id, message);
      return seen.size === KEYS.length || undefined;
    });
    const others = [...seen.values()].filter(
      ({ body }) => !FILES.late.includes(decodeQueueMessage(body).key),
    );
    for (let i = 0; i < others.length; i += 10)
      await queues.release(
        url,
        others.slice(i, i + 10).map(({ receipt }) => receipt),
      );
  }

  it('holds a batch half done: some dead, some without a callback, some still queued', async () => {
    await pauseDispatch(first.outputs, 'half way', services().dispatch);
    const request = { bucket: BUCKET, prefix: PREFIX, job: DEFAULT_JOB_OPTIONS };
    const enqueued = await enqueuePrefix(request, first.outputs, services());
    ({ batch } = enqueued);
    assert.equal(enqueued.sent, KEYS.length);
    await hideLate();
    await resumeDispatch(first.outputs, services().dispatch);
    const progress = await eventually('the others are done', async () => {
      const now = await first.progress(batch);
      const { succeeded, dead, submitted } = now.counts;
      return succeeded === 3 && dead === 4 && submitted === 2 ? now : undefined;
    });
    assert.equal(progress.queued, FILES.late.length);
    await cloud.cloud.ittybit.settled(AbortSignal.timeout(20_000));
  });

  it('is refused to another stack while the first one lives, and nothing is made', async () => {
    await assert.rejects(cloud.deploy('media-batch-second', overTable()), (error: unknown) => {
      assert.ok(error instanceof DeployError);
      assert.deepEqual([error.code, error.stackName], ['table-in-use', 'media-batch']);
      assert.match(error.message, /belongs to the stack "media-batch".*delete it first/);
      return true;
    });
    assert.equal(await services().stacks.describe('media-batch-second'), undefined);
  });

  it('stays when the first stack is deleted, and is taken over by the second, who knows the batch', async () => {
    await deletePipeline('media-batch', services().stacks, { everyMs: 200 });
    mendLocked();
    second = await cloud.deploy('media-batch-second', overTable());
    assert.equal(second.outputs.resultsTable, first.outputs.resultsTable);
    await second.shortenLookUps();
    const { queued, counts } = await second.progress(batch);
    assert.deepEqual([queued, counts.dead, counts.submitted, counts.succeeded], [4, 4, 2, 3]);
  });

  it('is refused to a third one while the second lives', async () => {
    await assert.rejects(cloud.deploy('media-batch-third', overTable()), {
      code: 'table-in-use',
      stackName: 'media-batch-second',
    });
  });

  it('gives back the dead files from their items', async () => {
    const left = await findLeftFiles(second.outputs, services());
    assert.deepEqual(left, [{ batch, dead: 4, retrying: 0, leftOut: 0 }]);
    assert.equal(await resendFiles(left, second.outputs, services()), 4);
    for (const key of FILES.locked) await second.until('succeeded', { bucket: BUCKET, key }, batch);
    const [key = ''] = FILES.unsaid;
    const unsaid = await second.until('retrying', { bucket: BUCKET, key }, batch);
    assert.equal(unsaid.unclear, true, 'it may have a job, so the reconciler looks first');
  });

  it('gives back what was in the deleted queue', async () => {
    const found = await eventually('the queue is empty', () =>
      findMissing(batch, second.outputs, services()).catch((error: unknown) => {
        assert.equal((error as DeployError).code, 'queue-not-empty');
        return undefined;
      }),
    );
    assert.equal(found.missing, FILES.late.length);
    assert.equal((await enqueueMissing(found, second.outputs, services())).sent, FILES.late.length);
    for (const key of FILES.late) await second.until('succeeded', { bucket: BUCKET, key }, batch);
  });

  it('ends with every file done and paid once, and counts that say so', async () => {
    const { counts, sent, queued, settled } = await eventually('every file has ended', async () => {
      await second.reconcile();
      const now = await second.progress(batch);
      return now.settled ? now : undefined;
    });
    assert.deepEqual([sent, queued, settled], [KEYS.length, 0, true]);
    assert.deepEqual([counts.succeeded, counts.dead, counts.retrying], [KEYS.length, 0, 0]);
    assert.deepEqual(
      KEYS.map((key) => [key, jobsOf(key)]),
      KEYS.map((key) => [key, 1]),
    );
    assert.equal(book().jobs.length, KEYS.length);
    assert.deepEqual(await second.held(), { work: 0, hidden: 0, dead: 0 });
    await assert.rejects(findLeftFiles(second.outputs, services()), { code: 'nothing-to-enqueue' });
  });
});
