import assert from 'node:assert/strict';
import { enqueueBatch } from '../../../../src/app/batch/enqueue-batch.ts';
import { enqueueMissing } from '../../../../src/app/batch/enqueue-missing.ts';
import { enqueuePrefix, resumeEnqueue } from '../../../../src/app/batch/enqueue-prefix.ts';
import { readKeyFile, type KeyFile } from '../../../../src/app/batch/key-file.ts';
import { planEnqueue } from '../../../../src/app/batch/plan-enqueue.ts';
import { NoBackground } from '../../../../src/core/background.ts';
import { decodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { AwsError, InvalidInputError, isAbort, MediaBatchError } from '../../../../src/core/errors.ts';
import { FakeBackground } from '../../../helpers/fake-background.ts';
import {
  awsError,
  FakeBatches,
  FakeBuckets,
  FakeQueues,
  PIPELINE,
  s3Object,
} from '../../../helpers/fakes.ts';

const JOB = { kind: 'video' as const, options: {} };
const PLACE = { bucket: 'media', prefix: 'in/', job: JOB };
const HOSTILE = ['in/ é//🎬+%20.mp4', 'in/"{}\n\u202E.mp4', 'in/__proto__.mp4', 'in/\uFFFE.mp4'];
const KEYS = [...Array.from({ length: 40 }, (_, i) => `in/${i + 10}.mp4`), ...HOSTILE, 'in/notes.txt'];

describe('an enqueue in the background', () => {
  let queues: FakeQueues;
  let batches: FakeBatches;
  let buckets: FakeBuckets;
  let background: FakeBackground;

  beforeEach(() => {
    queues = new FakeQueues();
    batches = new FakeBatches();
    buckets = new FakeBuckets(
      KEYS.toSorted().map((key) => s3Object(key)),
      5,
    );
    background = new FakeBackground({ buckets, queues, batches });
  });

  const services = () => ({ buckets, queues, batches, background });
  const sentKeys = () => queues.bodies('work').map((body) => decodeQueueMessage(body).key);
  const media = KEYS.filter((key) => key.endsWith('.mp4')).toSorted();

  it('plans, sends and finds what is missing as this thread does', async () => {
    const { background: _, ...here } = services();
    const plans: number[] = [];
    const onProgress = ({ listed }: { listed: number }) => plans.push(listed);
    const plan = await planEnqueue(PLACE, PIPELINE, services(), { onProgress });
    assert.deepEqual(plan, await planEnqueue(PLACE, PIPELINE, here));
    assert.deepEqual([plans.at(0), plans.at(-1)], [5, KEYS.length]);
    const { batch, sent, skipped } = await enqueuePrefix(PLACE, PIPELINE, services());
    assert.deepEqual([sent, skipped], [media.length, { 'not-media': 1 }]);
    assert.deepEqual(sentKeys().toSorted(), media);
    assert.equal((await resumeEnqueue(batch, PIPELINE, services())).sent, media.length);
    const meta = batches.metas.get(batch);
    assert.ok(meta);
    assert.equal((await enqueueMissing({ meta }, PIPELINE, services())).sent, media.length);
    assert.deepEqual(background.runs, ['plan', 'enqueue', 'missing']);
  });

  it('raises the errors that this thread raises, with their classes and causes', async () => {
    const glob = { ...PLACE, filter: { glob: '[' } };
    await assert.rejects(planEnqueue(glob, PIPELINE, services()), (error) => {
      assert.ok(error instanceof InvalidInputError);
      assert.equal(error.field, 'glob');
      return true;
    });
    queues.failures = { send: awsError('missing-permission', 'sqs:SendMessageBatch') };
    await assert.rejects(enqueuePrefix(PLACE, PIPELINE, services()), (error) => {
      assert.ok(error instanceof MediaBatchError && error.code === 'enqueue-incomplete');
      assert.ok(error.cause instanceof AwsError && error.cause.operation === 'sqs:SendMessageBatch');
      return true;
    });
    assert.equal(background.isUsable, true);
  });

  it('goes on in this thread from the last checkpoint when the thread ends', async () => {
    background.beforeEvent = () => {
      if (batches.saved.length > 3) throw new NoBackground(new Error('out of memory'));
    };
    const { listed, sent } = await enqueuePrefix(PLACE, PIPELINE, services());
    assert.deepEqual([listed, sent], [KEYS.length, media.length]);
    assert.deepEqual([...new Set(sentKeys())].toSorted(), media);
    assert.equal(batches.saved.at(-1)?.done, true);
    assert.equal(background.isUsable, false);
  });

  it('begins in this thread where only it reaches AWS, as behind a proxy of the editor', async () => {
    let asked = 0;
    buckets.beforePage = () => {
      if ((asked += 1) === 1) throw awsError('unreachable', 's3:ListObjectsV2');
    };
    assert.equal((await planEnqueue(PLACE, PIPELINE, services())).files, media.length);
    assert.equal(background.isUsable, false);
    assert.equal((await enqueuePrefix(PLACE, PIPELINE, services())).sent, media.length);
    assert.deepEqual(background.runs, ['plan']);
  });

  it('resumes in this thread where only it reaches AWS', async () => {
    const control = new AbortController();
    let batch = '';
    const onProgress = (progress: { batch: string }) => {
      ({ batch } = progress);
      control.abort();
    };
    const { background: _, ...here } = services();
    const options = { signal: control.signal, onProgress };
    await assert.rejects(enqueuePrefix(PLACE, PIPELINE, here, options), isAbort);
    let asked = 0;
    buckets.beforePage = () => {
      if ((asked += 1) === 1) throw awsError('unreachable', 's3:ListObjectsV2');
    };
    assert.equal((await resumeEnqueue(batch, PIPELINE, services())).sent, media.length);
    assert.deepEqual([background.runs, background.isUsable], [['enqueue'], false]);
  });

  it('keeps the background for others that it has answered meanwhile', async () => {
    let asked = 0;
    buckets.beforePage = () => {
      if ((asked += 1) === 1) throw awsError('unreachable', 's3:ListObjectsV2');
      background.hasAnswered = true;
    };
    await planEnqueue(PLACE, PIPELINE, services());
    assert.equal(background.isUsable, true);
  });

  it('does nothing more where the thread had come to the end before it ended', async () => {
    background.beforeEvent = () => undefined;
    const { batch } = await enqueuePrefix(PLACE, PIPELINE, services());
    const meta = batches.metas.get(batch);
    assert.ok(meta);
    background.run = () => Promise.reject(new NoBackground(undefined));
    const order = { meta, from: undefined, created: false };
    assert.equal((await enqueueBatch(order, PIPELINE, services(), {})).sent, media.length);
    assert.equal(sentKeys().length, media.length);
    await batches.cancel('results', batch, { at: '2026-11-27T15:00:00Z', by: 'operator' });
    await assert.rejects(enqueueBatch(order, PIPELINE, services(), {}), { code: 'batch-cancelled' });
  });

  it('reads again where a checkpoint of the ended thread arrives late', async () => {
    background.beforeEvent = () => {
      if (batches.saved.length > 2) throw new NoBackground(undefined);
    };
    let reads = 0;
    const read = batches.read.bind(batches);
    batches.read = async (table, batch) => {
      const found = await read(table, batch);
      // The first look of this thread still sees the checkpoint before the last one.
      if (background.isUsable || (reads += 1) > 1) return found;
      return { ...found, checkpoints: batches.saved.slice(-2, -1) };
    };
    assert.equal((await enqueuePrefix(PLACE, PIPELINE, services())).sent, media.length);
    assert.deepEqual([...new Set(sentKeys())].toSorted(), media);
    assert.ok(reads > 1);
  });

  it('says what is sent of the missing files when the thread ends', async () => {
    const { batch } = await enqueuePrefix(PLACE, PIPELINE, services());
    const meta = batches.metas.get(batch);
    assert.ok(meta);
    background.beforeEvent = (event) => {
      if ((event as { sent: number }).sent >= 10) throw new NoBackground(undefined);
    };
    await assert.rejects(enqueueMissing({ meta }, PIPELINE, services()), {
      code: 'enqueue-incomplete',
      message: /after \d+ were sent/,
    });
  });

  it('stays in the background when AWS does not answer later', async () => {
    buckets.beforePage = (page) => {
      if (page === 3) throw awsError('unreachable', 's3:ListObjectsV2');
    };
    await assert.rejects(planEnqueue(PLACE, PIPELINE, services()), { code: 'unreachable' });
    assert.equal(background.isUsable, true);
  });

  it('asks for a login through the caller, and ends where there is none', async () => {
    let isLoggedIn = false;
    buckets.beforePage = () => {
      if (!isLoggedIn) throw awsError('expired-login', 's3:ListObjectsV2');
    };
    await assert.rejects(enqueuePrefix(PLACE, PIPELINE, services()), { code: 'expired-login' });
    const login = async (error: AwsError) => {
      assert.equal(error.code, 'expired-login');
      isLoggedIn = true;
    };
    const { sent } = await enqueuePrefix(PLACE, PIPELINE, services(), { onExpired: login });
    assert.equal(sent, media.length);
    isLoggedIn = false;
    const refused = Promise.reject(new DOMException('no login', 'AbortError'));
    refused.catch(() => undefined);
    await assert.rejects(enqueuePrefix(PLACE, PIPELINE, services(), { onExpired: () => refused }), isAbort);
  });

  it('ends with the reason of the signal, and is resumed', async () => {
    const control = new AbortController();
    const reason = new DOMException('The user cancelled.', 'AbortError');
    let batch = '';
    const onProgress = (progress: { batch: string; sent: number }) => {
      ({ batch } = progress);
      if (progress.sent >= 20) control.abort(reason);
    };
    const options = { signal: control.signal, onProgress };
    await assert.rejects(enqueuePrefix(PLACE, PIPELINE, services(), options), (error) => error === reason);
    assert.equal((await resumeEnqueue(batch, PIPELINE, services())).sent, media.length);
    assert.deepEqual([...new Set(sentKeys())].toSorted(), media);
  });

  it('reads the file of a list as often as it needs', async () => {
    let reads = 0;
    const keyFile: KeyFile = {
      name: 'list.txt',
      async *read() {
        reads += 1;
        for (const key of media.filter((each) => !each.includes('\n'))) yield Buffer.from(`${key}\n`);
      },
    };
    const { sha256 } = await readKeyFile(keyFile, 'media');
    const request = { ...PLACE, prefix: '', source: { file: 'list.txt', sha256 }, keyFile };
    const { files } = await planEnqueue(request, PIPELINE, services());
    assert.equal(files, media.length - 1);
    const before = reads;
    assert.equal((await enqueuePrefix(request, PIPELINE, services())).sent, files);
    assert.equal(reads, before + 1);
    await assert.rejects(enqueuePrefix({ ...request, keyFile: undefined }, PIPELINE, services()), {
      code: 'key-file-needed',
    });
  });
});
