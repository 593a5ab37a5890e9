import assert from 'node:assert/strict';
import { OPEN_PAGES } from '../../../../src/app/batch/checkpoint-keeper.ts';
import type { EnqueueProgress } from '../../../../src/app/batch/enqueue-files.ts';
import {
  enqueuePrefix,
  restOf,
  resumeEnqueue,
  selectionOf,
  type EnqueueRequest,
} from '../../../../src/app/batch/enqueue-prefix.ts';
import type { BatchMeta } from '../../../../src/core/batch/batch.ts';
import { InvalidInputError, isAbort, MediaBatchError } from '../../../../src/core/errors.ts';
import { decodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import {
  awsError,
  FakeBatches,
  FakeBuckets,
  FakeQueues,
  PIPELINE,
  s3Object,
} from '../../../helpers/fakes.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';

const JOB = { kind: 'video' as const, options: {} };
const code = (wanted: string) => (error: unknown) =>
  error instanceof MediaBatchError && error.code === wanted;

/** 95 objects in pages of 20, a fifth of them no media. */
const OBJECTS = Array.from({ length: 95 }, (_, i) => {
  const name = `in/${String(i).padStart(3, '0')}`;
  return i % 5 === 0 ? s3Object(`${name}.txt`) : s3Object(`${name}.mp4`);
});
const MEDIA = OBJECTS.filter(({ key }) => key.endsWith('.mp4')).map(({ key }) => key);

describe('enqueuePrefix', () => {
  let timers: FastTimers;
  let buckets: FakeBuckets;
  let queues: FakeQueues;
  let batches: FakeBatches;
  let reports: EnqueueProgress[];

  beforeEach(() => {
    timers = fastTimers();
    buckets = new FakeBuckets(OBJECTS, 20);
    queues = new FakeQueues();
    batches = new FakeBatches();
    reports = [];
  });
  afterEach(() => {
    timers.restore();
  });

  const services = () => ({ buckets, queues, batches });
  const onProgress = (progress: EnqueueProgress) => void reports.push(progress);
  const enqueue = (request: Partial<EnqueueRequest> = {}, signal?: AbortSignal) =>
    enqueuePrefix({ bucket: 'media', prefix: 'in/', job: JOB, ...request }, PIPELINE, services(), {
      onProgress,
      signal,
    });
  const resume = () => resumeEnqueue([...batches.metas.keys()][0]!, PIPELINE, services(), { onProgress });
  const sentKeys = () => queues.bodies('work').map((body) => decodeQueueMessage(body).key);

  it('sends each media file once, in key order of its pages, as messages of a new batch', async () => {
    const { batch } = await enqueue();
    assert.deepEqual(sentKeys().toSorted(), MEDIA);
    const [message] = queues.queues.get('work')!;
    assert.deepEqual(JSON.parse(message!.body), {
      v: 1,
      batch,
      bucket: 'media',
      key: 'in/001.mp4',
      etag: '"e"',
      size: 10,
    });
    assert.equal(message!.group, batch);
    assert.ok(queues.sends.every(({ bodies }) => bodies.length <= 10));
    const { created_at: _, ...meta } = batches.metas.get(batch)!;
    assert.deepEqual(
      { ...meta, extensions: [] },
      { batch, bucket: 'media', prefix: 'in/', job: JOB, extensions: [] },
    );
  });

  it('conserves: listed = sent + skipped, at each report and checkpoint', async () => {
    const total = await enqueue();
    assert.deepEqual([total.listed, total.sent, total.skipped], [95, 76, { 'not-media': 19 }]);
    assert.equal(reports.length, 5);
    for (const { listed, sent, skipped } of [...reports, ...batches.saved]) {
      assert.equal(listed, sent + Object.values(skipped).reduce((sum, count) => sum + count, 0));
    }
    const dones = batches.saved.map(({ done }) => done);
    assert.deepEqual([dones.indexOf(true), dones.at(-1)], [dones.length - 1, true]);
  });

  it('does not resume a batch of an older version whose job breaks a current rule', async () => {
    queues.refuse = (_messages, call) =>
      call > 4 ? [{ index: 0, code: 'InvalidMessageContents', message: 'no', senderFault: true }] : [];
    await assert.rejects(enqueue(), code('enqueue-incomplete'));
    const [[batch, meta] = []] = batches.metas;
    batches.metas.set(batch!, { ...meta!, job: { ...JOB, output: 's3://out/{key}' } });
    const before = queues.sends.length;
    await assert.rejects(resume(), (error) => error instanceof InvalidInputError && error.field === 'output');
    assert.equal(queues.sends.length, before);
  });

  it('writes a checkpoint only after the sends of its page are confirmed, and the batch before any', async () => {
    batches.beforeSave = ({ sent, done }) => {
      if (!done) assert.ok(queues.bodies('work').length >= sent);
    };
    const send = queues.send.bind(queues);
    queues.send = async (...args) => {
      assert.equal(batches.metas.size, 1);
      return send(...args);
    };
    await enqueue();
    assert.ok(batches.saved.length > 1);
  });

  it('sends again only the entries that SQS did not take', async () => {
    queues.refuse = (_messages, call) =>
      call === 1
        ? [2, 7].map((index) => ({ index, code: 'InternalError', message: '', senderFault: false }))
        : [];
    await enqueue();
    assert.deepEqual(sentKeys().toSorted(), MEDIA);
    const [first] = queues.sends;
    const again = queues.sends.filter(({ bodies }) => bodies.includes(first!.bodies[2]!)).slice(1);
    assert.deepEqual(
      again.map(({ bodies }) => bodies),
      [[first!.bodies[2], first!.bodies[7]]],
    );
  });

  it('gives up on an entry after six tries, each later than the one before', async () => {
    queues.refuse = () => [{ index: 0, code: 'InternalError', message: 'busy', senderFault: false }];
    await assert.rejects(enqueue(), (error: MediaBatchError) => {
      assert.equal(error.code, 'enqueue-incomplete');
      assert.match(error.message, /Stopped after 0 files: .*InternalError: busy/);
      return true;
    });
    assert.ok([100, 200, 400, 800, 1600].every((ms) => timers.pauses.includes(ms)));
  });

  it('stops at an entry that SQS refuses permanently, and a resume sends the rest', async () => {
    queues.refuse = (messages) =>
      messages.flatMap(({ body }, index) =>
        body.includes('in/043')
          ? [{ index, code: 'InvalidMessageContents', message: 'no', senderFault: true }]
          : [],
      );
    await assert.rejects(enqueue(), code('enqueue-incomplete'));
    assert.deepEqual(timers.pauses, [], 'another try cannot help');
    assert.equal(batches.saved.at(-1)?.lastKey, 'in/039.mp4', 'the last page before the entry');
    queues.refuse = () => [];
    const total = await resume();
    assert.deepEqual([total.listed, total.sent], [95, 76]);
    assert.deepEqual([...new Set(sentKeys())].toSorted(), MEDIA);
    const twice = sentKeys().filter((key, i, all) => all.indexOf(key) !== i);
    assert.ok(
      twice.every((key) => key >= 'in/040'),
      'only pages that were open',
    );
  });

  it('loses nothing when it is cancelled at any moment and resumed', async () => {
    for (let stopAt = 1; stopAt <= 8; stopAt++) {
      [buckets, queues, batches] = [new FakeBuckets(OBJECTS, 20), new FakeQueues(), new FakeBatches()];
      const control = new AbortController();
      queues.refuse = (_messages, call) => {
        if (call === stopAt) control.abort();
        return [];
      };
      await assert.rejects(enqueue({}, control.signal), isAbort);
      const total = await resume();
      assert.deepEqual([total.listed, total.sent], [95, 76]);
      assert.deepEqual([...new Set(sentKeys())].toSorted(), MEDIA);
    }
  });

  it('says where to resume when the listing or the table fails midway, and the cause', async () => {
    buckets.beforePage = (index) => {
      if (index === 2) throw awsError('expired-login');
    };
    await assert.rejects(enqueue(), (error: MediaBatchError) => {
      const [batch = ''] = batches.metas.keys();
      assert.equal((error.cause as MediaBatchError).code, 'expired-login');
      assert.ok(error.message.includes(`Resume batch ${batch}`) && error.message.includes('after 32 files'));
      return true;
    });
    buckets.beforePage = () => undefined;
    batches.beforeSave = ({ listed }) => {
      if (listed === 60) throw awsError('throttled');
    };
    await assert.rejects(resume(), code('enqueue-incomplete'));
    batches.beforeSave = () => undefined;
    assert.equal((await resume()).sent, 76);
    assert.deepEqual([...new Set(sentKeys())].toSorted(), MEDIA);
  });

  it('hands on an error before the first file as it is', async () => {
    buckets.beforePage = () => {
      throw awsError('no-such-bucket');
    };
    await assert.rejects(enqueue(), code('no-such-bucket'));
    assert.equal(batches.metas.size, 0);
  });

  it('writes nothing for a prefix without media, and says why there was none', async () => {
    buckets = new FakeBuckets([]);
    await assert.rejects(enqueue(), (error: MediaBatchError) =>
      /nothing under s3:\/\/media\/in\//.test(error.message),
    );
    buckets = new FakeBuckets([s3Object('in/a.txt'), s3Object('in/b.mp4', { size: 0 })]);
    await assert.rejects(enqueue(), (error: MediaBatchError) => {
      assert.equal(error.code, 'nothing-to-enqueue');
      assert.match(error.message, /None of the 2 objects .*1 not-media, 1 empty/);
      return true;
    });
    assert.deepEqual([batches.metas.size, queues.sends.length, batches.saved.length], [0, 0, 0]);
  });

  it('counts the pages before the first media file too', async () => {
    const leading = Array.from({ length: 50 }, (_, i) => s3Object(`in/!${i}.txt`));
    buckets = new FakeBuckets([...leading, ...OBJECTS], 20);
    const { listed, sent } = await enqueue();
    assert.deepEqual([listed, sent], [145, 76]);
  });

  it('refuses an output under the prefix that it reads', async () => {
    for (const [prefix, output] of [
      ['in/', 's3://media/in/{stem}.webm'],
      ['in/', 's3://media/in/out/{key}'],
      ['', 's3://media/{key}'],
      ['', 's3://media/elsewhere/{stem}.mp4'],
      ['in', 's3://media/in-results/{stem}.mp4'],
      ['in/', 's3://media/{stem}.webm'],
    ] as const) {
      await assert.rejects(enqueue({ prefix, job: { ...JOB, output } }), InvalidInputError, output);
    }
    assert.equal(queues.sends.length, 0);
    for (const output of ['s3://other/in/{stem}.mp4', 's3://media/out/{stem}.mp4']) {
      batches = new FakeBatches();
      assert.equal((await enqueue({ job: { ...JOB, output } })).sent, 76);
    }
  });

  it('never holds more pages than may be open, and those of the read-ahead', async () => {
    buckets = new FakeBuckets(OBJECTS, 2);
    let atSend = 0;
    const send = queues.send.bind(queues);
    queues.send = async (...args) => {
      await new Promise((resolve) => setImmediate(resolve));
      atSend = Math.max(atSend, buckets.pagesListed - reports.length);
      return send(...args);
    };
    await enqueue();
    assert.ok(atSend <= OPEN_PAGES + 2, String(atSend));
  });

  it('does not resume a finished or unknown batch', async () => {
    await enqueue();
    const before = queues.sends.length;
    assert.equal((await resume()).sent, 76);
    assert.equal(queues.sends.length, before);
    await assert.rejects(resumeEnqueue('nobody', PIPELINE, services()), code('not-found'));
  });

  it('stops where another window cancels the batch, and says how many were sent', async () => {
    buckets = new FakeBuckets(OBJECTS, 4);
    const code = 'batch-cancelled';
    batches.beforeSave = ({ sent }) => {
      const mark = { at: '2026-11-26T00:00:00.000Z', by: 'operator' };
      if (sent >= 8) for (const batch of batches.metas.keys()) void batches.cancel('table', batch, mark);
    };
    const message = /\d+ files were sent before.* the rest as a new batch/;
    await assert.rejects(enqueue(), { code, message });
    const { sent = 0, done } = batches.saved.at(-1) ?? {};
    assert.ok(sent >= 8 && done === false);
    const number = sentKeys().length;
    assert.ok(number - sent <= OPEN_PAGES * 4 && number < MEDIA.length, `${number} sent, ${sent} saved`);
    const { pagesListed } = buckets;
    await assert.rejects(resume(), { code, message: new RegExp(`${sent} files were sent before`) });
    assert.deepEqual([sentKeys().length, buckets.pagesListed], [number, pagesListed]);
  });

  it('goes on while the batch is only held', async () => {
    batches.beforeSave = () => {
      const hold = { reason: 'r', cause: 'c', at: '', by: 'consumer' };
      for (const batch of batches.metas.keys()) void batches.hold('table', batch, hold);
    };
    assert.equal((await enqueue()).sent, 76);
  });

  it('asks for the rest of a batch with all that the batch asked for, but for what is done', () => {
    const meta: BatchMeta = {
      ...{ batch: 'b1', bucket: 'media', prefix: 'in/', job: { ...JOB, output: 's3://out/{stem}.mp4' } },
      ...{ extensions: ['mov'], filter: { glob: '*.mov' }, again: true, created_at: '' },
      brake: { disarmed: ['c'], cancelled: { at: '', by: 'operator' } },
    };
    const { bucket, prefix, job, extensions } = meta;
    const rest = restOf(meta);
    const filter = { glob: '*.mov', not_yet_done: true };
    assert.deepEqual(rest, { bucket, prefix, job, extensions, filter });
    assert.deepEqual(selectionOf(rest).filter, filter);
  });
});
