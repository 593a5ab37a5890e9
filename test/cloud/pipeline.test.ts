import assert from 'node:assert/strict';
import { enqueuePrefix } from '../../src/app/batch/enqueue-prefix.ts';
import { listDeadLetters, type DeadLetter } from '../../src/app/batch/dead-letters.ts';
import { redriveAll } from '../../src/app/batch/redrive.ts';
import { DEFAULT_JOB_OPTIONS } from '../../src/core/ittybit/job-options.ts';
import { encodeQueueMessage } from '../../src/core/batch/queue-message.ts';
import { STATUSES, type ResultItem } from '../../src/core/batch/result-item.ts';
import { s3Uri } from '../../src/core/files/s3-location.ts';
import { payloadShapes } from '../../src/local/ittybit/payload-shapes.ts';
import type { ActiveFault } from '../../src/local/ittybit/faults.ts';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import { PLACES, wildFiles } from '../../src/local/cloud/wild-files.ts';
import { PipelineCloud, postTo, type DeployedPipeline } from '../helpers/deployed-pipeline.ts';
import { eventually } from '../helpers/wait-for.ts';

const BUCKET = 'film-archive';
const FILES = 40;
const WAITS_IN_PLACE = 'footage/wild/C++ lecture 1+1.mov';
const WAITS_HIDDEN = 'footage/wild/reel #7.webm';
const ANSWER_LOST = 'footage/wild/what now?.mov';
const TOLD_TWICE = 'footage/wild/cats & dogs.mp4';

describe('the deployed pipeline', function () {
  this.timeout(60_000);
  let cloud: PipelineCloud;
  let pipeline: DeployedPipeline;
  let batch: string;
  let faults: Record<'locked' | 'outage', ActiveFault>;
  const objects = wildFiles(FILES);
  const media = objects.filter(({ kind }) => kind === 'media').map(({ key }) => key);

  const file = (key: string) => ({ bucket: BUCKET, key });
  const inPlace = (place: string) => file(media.find((key) => key.startsWith(place))!);
  const jobsOf = (key: string) => cloud.cloud.ittybit.book.jobsByInput().get(s3Uri(file(key))) ?? [];
  const postsOf = ({ reference = '' }: ResultItem) =>
    cloud.cloud.ittybit.book.postsByIdempotencyKey.get(reference) ?? 0;
  const postsFor = (key: string) => cloud.cloud.ittybit.book.postsByInput.get(s3Uri(file(key))) ?? 0;
  const searches = () => cloud.cloud.ittybit.book.answers('GET /jobs').get(200) ?? 0;
  const items = () =>
    Promise.all(
      media.map(async (key) => (await pipeline.item(file(key), batch)) ?? assert.fail(`no item: ${key}`)),
    );
  const letters = async (): Promise<readonly DeadLetter[]> =>
    (await listDeadLetters(pipeline.outputs, cloud.cloud.services.queues)).letters;
  const drained = () =>
    eventually('the batch has settled', async () => {
      const progress = await pipeline.progress(batch);
      return progress.settled ? progress : undefined;
    });

  // The backlog drains while the first tests send messages of their own.
  before(async () => {
    cloud = await PipelineCloud.start('pipeline-test');
    pipeline = await cloud.deploy();
    await pipeline.shortenLookUps();
    faults = breakThings(cloud);
    const owner = createBucketOwner(cloud.cloud.root);
    await owner.seed(BUCKET, objects, () => undefined);
    owner.dispose();
    const request = { bucket: BUCKET, prefix: 'footage/', job: DEFAULT_JOB_OPTIONS };
    const done = await enqueuePrefix(request, pipeline.outputs, cloud.cloud.services);
    ({ batch } = done);
    assert.equal(done.sent, FILES);
    assert.equal(done.listed, objects.length);
  });
  after(() => cloud.stop());

  describe('takes single messages', () => {
    it('as the guide sends them: the default batch and the default options', async () => {
      const bare = file('bare/a film (1+1).mov');
      await pipeline.send(JSON.stringify(bare));
      const item = await pipeline.until('succeeded', bare);
      assert.equal(item.batch, 'default');
      assert.equal(item.attempts, 1);
      const [job, ...more] = jobsOf(bare.key);
      assert.equal(more.length, 0);
      const { kind, options } = job!.request;
      assert.deepEqual({ kind, options }, DEFAULT_JOB_OPTIONS);
    });

    it('and delivers the same file twice without paying twice', async () => {
      const twice = file('bare/twice.mp4');
      const body = JSON.stringify(twice);
      await pipeline.send(body, body);
      await pipeline.until('succeeded', twice);
      await pipeline.send(body);
      await eventually('the later copy is gone', async () => {
        const { work, hidden } = await pipeline.held();
        return work === hidden || undefined;
      });
      assert.equal(jobsOf(twice.key).length, 1);
      assert.equal((await pipeline.item(twice))?.attempts, 1);
      assert.equal(postsOf((await pipeline.item(twice))!), 1);
    });

    it('and buries what it cannot read, with the reason and nothing lost', async () => {
      const posts = cloud.cloud.ittybit.book.postsByInput;
      const bodies: Record<string, RegExp> = {
        'plain text': /not JSON/,
        '["bucket","key"]': /not a JSON object/,
        '{"bucket":"film-archive"}': /names no key/,
        '{"bucket":"no/bucket","key":"a.mp4"}': /not a bucket name/,
        '{"v":2,"batch":"default","bucket":"film-archive","key":"v2.mp4"}': /version 2/,
        [encodeQueueMessage({ batch: 'never-created', ...file('lost.mp4') })]: /no batch "never-created"/,
      };
      await pipeline.send(...Object.keys(bodies));
      const found = await eventually('all of them are dead letters', async () => {
        const unreadable = (await letters()).filter(({ failureClass }) => failureClass === 'unreadable');
        return unreadable.length >= Object.keys(bodies).length ? unreadable : undefined;
      });
      assert.deepEqual(found.map(({ body }) => body).sort(), Object.keys(bodies).sort());
      for (const letter of found) {
        assert.match(letter.reason, bodies[letter.body]!);
        assert.equal(letter.attempts, 0);
        assert.ok(Date.parse(letter.failedAt ?? '') <= Date.now());
      }
      assert.ok([...posts.keys()].every((input) => !/v2\.mp4|lost\.mp4/.test(input)));
    });
  });

  describe('drains a backlog', () => {
    it('until each file has its result or is a dead letter', async () => {
      const progress = await drained();
      await cloud.cloud.ittybit.settled(AbortSignal.timeout(20_000));
      const { succeeded, failed, dead } = (await drained()).counts;
      assert.deepEqual({ succeeded, failed, dead }, { succeeded: FILES - 3, failed: 1, dead: 2 });
      assert.equal(progress.queued, 0);
      assert.equal(progress.listed, objects.length);
    });

    it('so that the counts are what the items say', async () => {
      const statuses = (await items()).map(({ status }) => status);
      const { counts } = await pipeline.progress(batch);
      for (const status of STATUSES) {
        assert.equal(counts[status], statuses.filter((each) => each === status).length, status);
      }
    });

    it('with every name byte for byte at Ittybit, one job a file', async () => {
      const refused = [inPlace(PLACES.locked).key, inPlace(PLACES.outage).key];
      const { book } = cloud.cloud.ittybit;
      for (const key of media) {
        const jobs = jobsOf(key);
        assert.equal(jobs.length, refused.includes(key) ? 0 : 1, key);
        const item = (await pipeline.item(file(key), batch))!;
        for (const job of jobs) {
          assert.deepEqual(job.request.metadata, {
            reference: item.reference,
            batch,
            source_bucket: BUCKET,
            source_key: key,
          });
          assert.equal(job.subject.idempotencyKey, item.reference);
        }
      }
      const inputs = new Set(media.map((key) => s3Uri(file(key))));
      const ours = book.jobs.filter((job) => job.request.metadata['batch'] === batch);
      assert.ok(ours.every((job) => inputs.has(job.request.input)));
    });

    it('with each published webhook shape leading to the right item', async () => {
      const seen = new Set<string>();
      for (const delivery of cloud.cloud.ittybit.book.webhooks) {
        const job = cloud.cloud.ittybit.book.jobs.find(({ id }) => id === delivery.jobId)!;
        if (job.status !== 'succeeded' || job.request.metadata['batch'] !== batch) continue;
        assert.equal(delivery.outcome, 'delivered');
        const key = String(job.request.metadata['source_key']);
        const item = (await pipeline.item(file(key), batch))!;
        assert.equal(item.status, 'succeeded', `${delivery.shape}: ${key}`);
        // Where the answer was lost, the webhook's word is all there is, and it may name a task.
        if (key !== inPlace(PLACES.flaky).key) assert.equal(item.job_id, job.id);
        assert.ok(Date.parse(item.completed_at ?? '') > 0, delivery.shape);
        if (delivery.shape !== 'era-a') assert.match(item.output_url ?? '', /^https:/, delivery.shape);
        seen.add(delivery.shape);
      }
      assert.deepEqual([...seen].sort(), [...payloadShapes].sort());
    });

    it('without counting rate limits as attempts', async () => {
      for (const [key, posts] of [
        [WAITS_IN_PLACE, 3],
        [WAITS_HIDDEN, 2],
      ] as const) {
        const item = (await pipeline.item(file(key), batch))!;
        assert.deepEqual([item.status, item.attempts, postsFor(key)], ['succeeded', 1, posts], key);
      }
    });

    it('with the same key again after a lost answer: one job', async () => {
      const item = (await pipeline.item(file(ANSWER_LOST), batch))!;
      assert.deepEqual([item.status, item.attempts, postsOf(item)], ['succeeded', 2, 2]);
      assert.equal(jobsOf(item.key).length, 1);
    });

    it('and at most that where the webhook is faster than the retry', async () => {
      const item = (await pipeline.item(inPlace(PLACES.flaky), batch))!;
      assert.equal(item.status, 'succeeded');
      assert.ok(postsOf(item) <= 2);
      assert.equal(jobsOf(item.key).length, 1);
    });

    it('with a job that failed at Ittybit as failed, in its words', async () => {
      const item = (await pipeline.item(inPlace(PLACES.corrupt), batch))!;
      assert.equal(item.status, 'failed');
      assert.match(item.error ?? '', /unsupported_codec.*no decoder/);
      assert.equal(item.attempts, 1);
    });

    it('unmoved by webhooks that come twice, late or again', async () => {
      const before = await items();
      const { webhooks } = cloud.cloud.ittybit.book;
      const told = webhooks.filter(({ jobId }) => jobId === jobsOf(TOLD_TWICE)[0]?.id);
      assert.deepEqual(
        told.map(({ duplicate, outcome }) => [duplicate, outcome]),
        [
          [false, 'delivered'],
          [true, 'delivered'],
        ],
      );
      const late = webhooks.filter(({ jobId }) => jobId === jobsOf(inPlace(PLACES.flaky).key)[0]?.id);
      assert.deepEqual(
        late.map(({ event }) => event),
        ['succeeded', 'processing'],
      );
      for (const { url, body } of webhooks.filter((each) => each.url.includes(batch)).slice(0, 12)) {
        assert.equal((await postTo(url, body)).status, 200);
      }
      assert.deepEqual(await items(), before);
    });
  });

  describe('gives up', () => {
    let given: { locked: ResultItem; outage: ResultItem };

    it('at once on a refusal and after three attempts on an outage, as dead letters with the reason', async () => {
      given = {
        locked: (await pipeline.item(inPlace(PLACES.locked), batch))!,
        outage: (await pipeline.item(inPlace(PLACES.outage), batch))!,
      };
      assert.deepEqual([given.locked.status, given.locked.attempts], ['dead', 1]);
      assert.equal(postsOf(given.locked), 1);
      assert.deepEqual([given.outage.status, given.outage.attempts], ['dead', 3]);
      assert.equal(postsOf(given.outage), 3);
      const found = (await letters()).filter((letter) => letter.file?.batch === batch);
      assert.deepEqual(
        found
          .map((letter) => [letter.file?.key, letter.failureClass, letter.attempts, letter.reason])
          .sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
        [
          [given.locked.key, 'rejected', 1, 'invalid_input: access denied (HTTP 400)'],
          [given.outage.key, 'attempts-exhausted', 3, 'internal_error: try again later (HTTP 503)'],
        ],
      );
    });

    it('and submits after a redrive: what was refused at once, what may have a job after a look', async () => {
      faults.locked.remove();
      faults.outage.remove();
      const { moved } = await redriveAll(pipeline.outputs, cloud.cloud.services.queues);
      assert.equal(moved, 8);
      const locked = await pipeline.until('succeeded', given.locked, batch);
      // A remembered refusal must not come back, so the second request has another key.
      assert.notEqual(locked.reference, given.locked.reference);
      assert.equal(postsOf(locked), 1);
      const left = await eventually('the outage’s file is left to the reconciler', async () => {
        const item = await pipeline.item(given.outage, batch);
        return item?.status === 'retrying' ? item : undefined;
      });
      assert.deepEqual([left.unclear, postsFor(left.key)], [true, 3]);
      const before = searches();
      const did = await pipeline.reconcile(batch);
      assert.equal(did['sentAgain'], 1);
      assert.equal(searches() - before, 1);
      const outage = await pipeline.until('succeeded', given.outage, batch);
      for (const item of [locked, outage]) {
        assert.deepEqual([item.attempts, item.run, item.error], [1, 1, undefined]);
        assert.equal(jobsOf(item.key).length, 1);
      }
      const { succeeded, failed, dead } = (await drained()).counts;
      assert.deepEqual({ succeeded, failed, dead }, { succeeded: FILES - 1, failed: 1, dead: 0 });
    });

    it('and keeps unreadable messages as dead letters through a redrive; the work queue ends empty', async () => {
      await eventually(
        'the work queue is empty',
        async () => (await pipeline.held()).work === 0 || undefined,
      );
      assert.equal((await pipeline.held()).dead, 6);
    });
  });
});

/** What goes wrong in real backlogs. */
function breakThings({ cloud: { ittybit } }: PipelineCloud): Record<'locked' | 'outage', ActiveFault> {
  const { faults } = ittybit;
  const limited = (match: string, times: number, seconds: string) =>
    faults.add({
      match,
      times,
      effect: { type: 'status', status: 429, headers: { 'Retry-After': seconds } },
    });
  limited(WAITS_IN_PLACE, 2, '1');
  // Longer than an invocation can wait.
  limited(WAITS_HIDDEN, 1, '8');
  faults.add({ match: PLACES.flaky, effect: { type: 'response_lost' }, times: 1 });
  faults.add({ match: ANSWER_LOST, effect: { type: 'response_lost' }, times: 1 });
  // Longer than the first backoff of 5 s.
  faults.add({ match: ANSWER_LOST, effect: { type: 'webhook_delayed', ms: 6500 } });
  faults.add({ match: PLACES.flaky, effect: { type: 'webhook_out_of_order' } });
  faults.add({ match: TOLD_TWICE, effect: { type: 'webhook_duplicated' } });
  const error = { kind: 'unsupported_codec', message: 'no decoder for this stream' };
  faults.add({ match: PLACES.corrupt, effect: { type: 'job_fails', error } });
  const refuse = (match: string, status: number, kind: string, message: string) =>
    faults.add({ match, effect: { type: 'status', status, kind, message } });
  return {
    locked: refuse(PLACES.locked, 400, 'invalid_input', 'access denied'),
    outage: refuse(PLACES.outage, 503, 'internal_error', 'try again later'),
  };
}
