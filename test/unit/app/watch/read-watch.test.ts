import assert from 'node:assert/strict';
import { outputsOf } from '../../../../src/app/stack/pipeline.ts';
import { readWatch, WatchMemory } from '../../../../src/app/watch/read-watch.ts';
import type { ReadMode } from '../../../../src/app/watch/part-memory.ts';
import type { Reading, WatchPart } from '../../../../src/app/watch/reading.ts';
import {
  zeroCounts,
  type BatchMeta,
  type BatchRecord,
  type StatusCounts,
} from '../../../../src/core/batch/batch.ts';
import { isAbort } from '../../../../src/core/errors.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';
import type { BatchStore } from '../../../../src/core/batch/batch-store.ts';
import { FakeStacks, stackOf } from '../../../helpers/fake-stacks.ts';
import { awsError, FakeQueues } from '../../../helpers/fakes.ts';
import { FakeControl, FakeReconciler, QUIET_SERVICES } from '../../../helpers/fake-control.ts';

const OUTPUTS = outputsOf('media-batch', stackOf('CREATE_COMPLETE'));

const record = (batch: string, sent: number, counts: Partial<StatusCounts>): BatchRecord => {
  const meta: BatchMeta = {
    batch,
    bucket: 'media',
    prefix: '',
    job: DEFAULT_JOB_OPTIONS,
    extensions: [],
    created_at: '2026-11-23T10:00:00.000Z',
  };
  const checkpoint = { shard: 0, lastKey: 'z', listed: sent, sent, skipped: {}, done: true };
  return { meta, checkpoints: [checkpoint], counts: { ...zeroCounts(), ...counts } };
};
const bare = (counts: Partial<StatusCounts>): BatchRecord => ({
  meta: undefined,
  checkpoints: [],
  counts: { ...zeroCounts(), ...counts },
});

describe('readWatch', () => {
  let stacks: FakeStacks;
  let queues: FakeQueues;
  let dispatch: FakeControl;
  let reconciler: FakeReconciler;
  let memory: WatchMemory;
  let records: Map<string, BatchRecord>;
  /** every request, in order */
  let asked: string[];
  let now: number;
  let failures: Partial<Record<'list' | 'depth' | 'read', Error>>;

  const batches: Pick<BatchStore, 'list' | 'read'> = {
    list: async (_table, { limit }) => {
      asked.push('list');
      if (failures.list) throw failures.list;
      const items = [...records.values()].flatMap(({ meta }) => meta ?? []);
      return { items: items.slice(0, limit), next: undefined };
    },
    read: async (_table, batch) => {
      asked.push(`read ${batch}`);
      if (failures.read) throw failures.read;
      return records.get(batch) ?? bare({});
    },
  };
  const read = (parts: WatchPart[], mode: ReadMode = 'fresh') => {
    const services = {
      ...{ ...QUIET_SERVICES, stacks, queues, dispatch, reconciler },
      batches: batches as BatchStore,
    };
    const context = { stackName: 'media-batch', services, memory, now: () => now };
    return readWatch(new Set(parts), context, new AbortController().signal, mode);
  };

  beforeEach(() => {
    [stacks, queues, dispatch, memory] = [
      new FakeStacks(),
      new FakeQueues(),
      new FakeControl(),
      new WatchMemory(),
    ];
    [asked, now, failures] = [[], 1_000_000, {}];
    reconciler = new FakeReconciler();
    stacks.stack = stackOf('CREATE_COMPLETE');
    stacks.onDescribe = () => asked.push('describe');
    const depth = queues.depth.bind(queues);
    queues.depth = async (url) => {
      asked.push(`depth ${url}`);
      if (failures.depth) throw failures.depth;
      return depth(url);
    };
    records = new Map([
      ['new', record('new', 10, { succeeded: 4, dead: 1 })],
      ['old', record('old', 5, { succeeded: 3, dead: 2 })],
    ]);
  });

  it('counts dead letters with one request, once the outputs are known', async () => {
    queues.add(OUTPUTS.deadLetterQueueUrl, { body: 'a' });
    const reading = await read(['dead-letters']);
    assert.deepEqual(reading, { deadLetters: 1, problems: {}, busy: false });
    assert.deepEqual(asked.splice(0), ['describe', `depth ${OUTPUTS.deadLetterQueueUrl}`]);
    await read(['dead-letters']);
    assert.deepEqual(asked, [`depth ${OUTPUTS.deadLetterQueueUrl}`]);
  });

  it('says with the batches whether dispatch runs, and bears that it cannot be read', async () => {
    dispatch.state = { state: 'paused', reason: 'no credit', at: undefined, epoch: 1, by: 'consumer' };
    assert.deepEqual((await read(['batches'])).dispatch, dispatch.state);
    assert.deepEqual((await read(['pipeline'])).dispatch, dispatch.state);
    assert.equal('dispatch' in (await read(['dead-letters'])), false);
    dispatch.readPaced = async () => Promise.reject(awsError('missing-permission'));
    const reading = await read(['batches']);
    assert.deepEqual([reading.dispatch, reading.batches?.size, reading.problems], [undefined, 2, {}]);
  });

  it('says that there is no stack with one request, and finds one that comes', async () => {
    const stack = stacks.stack;
    for (const none of [undefined, stackOf('CREATE_IN_PROGRESS', { outputs: {} })]) {
      stacks.stack = none;
      const reading = await read(['dead-letters', 'batches']);
      assert.deepEqual([reading.deadLetters, reading.batches, reading.busy], [undefined, undefined, false]);
      assert.ok('deadLetters' in reading && 'batches' in reading);
      assert.deepEqual(asked.splice(0), ['describe']);
    }
    stacks.stack = stack;
    assert.equal((await read(['dead-letters'])).deadLetters, 0);
  });

  it('looks the outputs up again when something is not found, once', async () => {
    await read(['dead-letters']);
    asked = [];
    failures.depth = awsError('not-found');
    await assert.rejects(read(['dead-letters']), { code: 'not-found' });
    assert.deepEqual(
      asked.map((call) => call.split(' ')[0]),
      ['depth', 'describe', 'depth'],
    );
    stacks.stack = undefined;
    assert.equal((await read(['dead-letters'])).deadLetters, undefined);
  });

  it('lists the newest batches and reads those that are not settled', async () => {
    const { batches: found } = await read(['batches'], 'busy');
    assert.deepEqual([...(found?.keys() ?? [])], ['new', 'old']);
    assert.deepEqual(asked.splice(0), ['describe', 'list', 'read new', 'read old', 'read default']);
    now += 5_000;
    assert.deepEqual([...((await read(['batches'], 'busy')).batches?.entries() ?? [])], [...records]);
    assert.deepEqual(asked.splice(0), ['read new']);
    now += 25_000;
    await read(['batches'], 'busy');
    const rarely = ['list', 'read default', `depth ${OUTPUTS.workQueueUrl}`];
    assert.deepEqual(asked.splice(0), rarely, 'what is hardly news, and the queue as nothing moves');
    await read(['batches'], 'fresh');
    assert.deepEqual(asked.slice(0, -1), ['list', 'read new', 'read old', 'read default']);
  });

  it('reads settled batches again when the dead letters changed', async () => {
    records.set('clean', record('clean', 5, { succeeded: 5 }));
    await read(['batches', 'dead-letters'], 'busy');
    queues.add(OUTPUTS.deadLetterQueueUrl, { body: 'a' });
    now += 15_000;
    await read(['batches', 'dead-letters'], 'busy');
    asked = [];
    await read(['batches', 'dead-letters'], 'busy');
    assert.deepEqual(
      asked.filter((call) => call.startsWith('read')),
      ['read new', 'read old'],
    );
  });

  it('reads a settled batch again after a minute, where its files may still move', async () => {
    records.set('clean', record('clean', 5, { succeeded: 3, covered: 2 }));
    records.set('failed', record('failed', 1, { failed: 1 }));
    records.set('given-up', record('given-up', 1, { cancelled: 1 }));
    const readsAfter = async (ms: number): Promise<string[]> => {
      now += ms;
      asked = [];
      await read(['batches'], 'busy');
      return asked.filter((call) => call.startsWith('read') && !/new|default/.test(call));
    };
    await readsAfter(0);
    assert.deepEqual(await readsAfter(59_999), []);
    assert.deepEqual(await readsAfter(1), ['read old', 'read failed', 'read given-up']);
    records.set('old', record('old', 5, { succeeded: 5 }));
    assert.deepEqual(await readsAfter(30_000), [], 'remembered anew');
    await readsAfter(30_000);
    const later = [...(await readsAfter(60_000)), ...(await readsAfter(0))];
    assert.deepEqual(later.sort(), ['read failed', 'read given-up']);
  });

  it('measures each batch by its files that end, and all together by theirs', async () => {
    let [one, two] = [0, 0];
    let reading: Reading | undefined;
    for (let seconds = 0; seconds <= 90; seconds += 5) {
      records = new Map([
        ['one', record('one', 1000, { succeeded: one, submitted: 40, retrying: 2 })],
        ['two', record('two', 500, { failed: two, waiting: 10 })],
      ]);
      reading = await read(seconds % 10 === 0 ? ['pipeline'] : ['batches'], 'busy');
      if (seconds < 60)
        assert.deepEqual([reading.rates?.size, reading.throughput?.secondsLeft], [0, undefined]);
      [one, two] = [one + 20, two + 5];
      now += 5_000;
    }
    assert.deepEqual(Object.fromEntries(reading?.rates ?? []), { one: 4, two: 1 });
    assert.deepEqual(reading?.throughput, { filesPerSecond: 5, secondsLeft: (1500 - 450) / 5 });
  });

  describe('files that were sent and never claimed', () => {
    const whole = record('whole', 5, { succeeded: 5 });
    const begun = (): BatchRecord => {
      const stored = record('begun', 5, {});
      return {
        ...stored,
        checkpoints: stored.checkpoints.map((checkpoint) => ({ ...checkpoint, done: false })),
      };
    };
    const depths = () => asked.filter((call) => call === `depth ${OUTPUTS.workQueueUrl}`).length;
    const ids = async (parts: WatchPart[] = ['batches']) => {
      const { neverClaimed } = await read(parts);
      return neverClaimed && [...neverClaimed];
    };

    beforeEach(() => {
      records = new Map([
        ['new', record('new', 10, { succeeded: 4 })],
        ['begun', begun()],
        ['whole', whole],
      ]);
    });

    it('are known once their batch has stood still for 15 minutes and the queue is empty', async () => {
      assert.deepEqual(await ids(), []);
      assert.equal(depths(), 0, 'the queue is asked only while nothing moves');
      now += 15 * 60_000 - 1;
      assert.deepEqual(await ids(), []);
      assert.equal(depths(), 1);
      now += 1;
      assert.deepEqual(await ids(), ['new']);
      assert.deepEqual(await ids(['batches', 'pipeline']), ['new']);
      records.set('new', record('new', 10, { succeeded: 5 }));
      assert.deepEqual(await ids(), [], 'it moves again');
      now += 15 * 60_000;
      assert.deepEqual(await ids(), ['new']);
      records.set('new', record('new', 10, { succeeded: 5, covered: 5 }));
      assert.deepEqual(await ids(), []);
    });

    it('are known at once where the reconciler has found the queue empty for 15 minutes', async () => {
      // The batch of `record` was created at 10:00.
      now = Date.parse('2026-11-23T11:00:00.000Z');
      const emptySince = (time: string) => {
        const run = { startedAt: undefined, endedAt: undefined, did: {}, error: undefined };
        reconciler.lastRun = { ...run, emptySince: `2026-11-23T${time}:00.000Z` };
      };
      await ids();
      now += 30_000;
      assert.deepEqual(await ids(), [], 'the reconciler says nothing yet');
      emptySince('10:46');
      assert.deepEqual(await ids(), []);
      emptySince('10:30');
      const { neverClaimed: known } = await read(['batches']);
      assert.deepEqual(await ids(['batches', 'pipeline']), ['new']);
      emptySince('09:59');
      assert.deepEqual(await ids(), [], 'the batch is newer than that');
      emptySince('10:30');
      queues.add(OUTPUTS.workQueueUrl, { body: 'a' });
      assert.deepEqual(await ids(), []);
      assert.deepEqual([...(known ?? [])], ['new'], 'what was read stays as it was');
    });

    describe('of a cancelled batch', () => {
      const cancelled = (counts: Partial<StatusCounts>, done = true): BatchRecord => {
        const { meta, checkpoints, ...stored } = record('gone', 10, counts);
        assert.ok(meta);
        const brake = { disarmed: [], cancelled: { at: '', by: 'operator' } };
        return {
          ...stored,
          meta: { ...meta, brake },
          checkpoints: checkpoints.map((checkpoint) => ({ ...checkpoint, done })),
        };
      };

      for (const done of [true, false]) {
        it(`are known after a minute, and for good, ${done ? 'sent whole' : 'with its enqueue stopped'}`, async () => {
          records = new Map([['gone', cancelled({ submitted: 1, succeeded: 4 }, done)]]);
          queues.add(OUTPUTS.workQueueUrl, { body: 'a' });
          await ids();
          now += 60_000;
          assert.deepEqual(await ids(), [], 'the queue holds a message');
          queues.queues.clear();
          assert.deepEqual(await ids(), ['gone']);
          queues.add(OUTPUTS.workQueueUrl, { body: 'of another batch' });
          assert.deepEqual(await ids(), ['gone']);
          assert.deepEqual(await ids(['batches', 'pipeline']), ['gone']);
          const before = depths();
          now += 60_000;
          await ids();
          assert.equal(depths(), before, 'nothing is left to ask for');
          records = new Map();
          assert.deepEqual(await ids(), []);
        });
      }

      it('do not count for the rate', async () => {
        records = new Map([['gone', record('gone', 10, { succeeded: 2 })]]);
        await read(['batches']);
        now += 20_000;
        records.set('gone', cancelled({ succeeded: 2 }));
        const { throughput } = await read(['batches']);
        assert.ok(!throughput?.filesPerSecond);
      });
    });

    it('are none while a message may be theirs', async () => {
      await ids();
      now += 15 * 60_000;
      queues.add(OUTPUTS.workQueueUrl, { body: 'a' });
      assert.deepEqual(await ids(), []);
      assert.deepEqual(await ids(['batches', 'pipeline']), []);
      await queues.receive(OUTPUTS.workQueueUrl, { max: 1 });
      assert.deepEqual(await ids(), [], 'in flight');
    });

    it('are not known where the queue cannot be asked, and the batches still are', async () => {
      await ids();
      now += 15 * 60_000;
      failures.depth = awsError('missing-permission');
      const { neverClaimed, batches: found, problems } = await read(['batches']);
      assert.deepEqual([neverClaimed, found?.size, problems], [undefined, 3, {}]);
      assert.equal(await ids(['batches', 'pipeline']), undefined);
    });
  });

  it('lists bare messages last, as the default batch, where there are any', async () => {
    records.set('default', bare({ submitted: 1 }));
    assert.deepEqual([...((await read(['batches'])).batches?.keys() ?? [])], ['new', 'old', 'default']);
  });

  it('gives the batches with the pipeline, as they are read for its progress', async () => {
    assert.deepEqual([...((await read(['pipeline'])).batches?.keys() ?? [])], ['new', 'old']);
    failures.list = awsError('missing-permission');
    assert.equal('batches' in (await read(['pipeline'])), false);
  });

  it('is busy while something moves, and not because something waits behind a pause', async () => {
    records.clear();
    assert.equal((await read(['pipeline'])).busy, false);
    queues.add(OUTPUTS.workQueueUrl, { body: 'a' });
    assert.equal((await read(['pipeline'])).busy, true);
    dispatch.current = { ...dispatch.current, state: 'Disabled' };
    assert.equal((await read(['pipeline'])).busy, false);
    dispatch.current = { ...dispatch.current, state: 'Disabling' };
    assert.equal((await read(['pipeline'])).busy, true);
    dispatch.current = { ...dispatch.current, state: 'Disabled' };
    stacks.stack = stackOf('UPDATE_IN_PROGRESS');
    assert.equal((await read(['pipeline'])).busy, true);
  });

  it('takes batches for moving for half a minute after their last change', async () => {
    assert.equal((await read(['batches'])).busy, true, 'seen for the first time, and not settled');
    now += 31_000;
    assert.equal((await read(['batches'])).busy, false);
    records.set('new', record('new', 10, { succeeded: 5, dead: 1 }));
    assert.equal((await read(['batches'])).busy, true);
  });

  it('shows the parts that can be read', async () => {
    failures.list = awsError('missing-permission');
    const whole = await read(['pipeline', 'batches', 'dead-letters']);
    assert.deepEqual(
      [whole.pipeline?.problem, whole.problems, whole.batches, whole.throughput, whole.deadLetters],
      [failures.list, { batches: failures.list }, undefined, undefined, 0],
    );
    assert.deepEqual((await read(['pipeline'])).problems, {});
    assert.deepEqual((await read(['batches', 'dead-letters'])).problems, { batches: failures.list });
    await assert.rejects(read(['batches']), failures.list);
    failures = { depth: awsError('missing-permission') };
    const some = await read(['batches', 'dead-letters']);
    assert.deepEqual([some.problems, some.batches?.size], [{ 'dead-letters': failures.depth }, 2]);
  });

  it('raises a cancel and an invalid login', async () => {
    failures.read = new DOMException('', 'AbortError');
    await assert.rejects(read(['batches', 'dead-letters']), isAbort);
    failures.read = awsError('expired-login');
    await assert.rejects(read(['pipeline']), failures.read);
  });
});
