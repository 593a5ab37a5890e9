import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OPEN_PAGES } from '../../../../src/app/batch/checkpoint-keeper.ts';
import type { EnqueueProgress } from '../../../../src/app/batch/enqueue-files.ts';
import { enqueuePrefix, resumeEnqueue } from '../../../../src/app/batch/enqueue-prefix.ts';
import type { Checkpoint } from '../../../../src/core/batch/batch.ts';
import { isAbort, MediaBatchError } from '../../../../src/core/errors.ts';
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

const PAGE = 3;
const JOB = { kind: 'video' as const, options: {} };

/** What happens to one call of AWS. */
const fate = fc.constantFrom(
  'fine',
  'fine',
  'fine',
  'slow',
  'throttled',
  'unreachable',
  'cancel',
  'lost-answer',
);
type Fate = typeof fate extends fc.Arbitrary<infer Value> ? Value : never;

interface World {
  /** true: a media file */
  readonly objects: readonly boolean[];
  /** of the sends, the pages and the checkpoints, in order; fine once they are used up */
  readonly sends: readonly Fate[];
  readonly pages: readonly Fate[];
  readonly saves: readonly Fate[];
  /** the entries of each send that SQS names as failed */
  readonly failed: readonly (readonly number[])[];
}

const world: fc.Arbitrary<World> = fc.record({
  objects: fc.array(fc.boolean(), { minLength: 1, maxLength: 120 }),
  sends: fc.array(fate, { maxLength: 20 }),
  pages: fc.array(fate, { maxLength: 20 }),
  saves: fc.array(fate, { maxLength: 20 }),
  failed: fc.array(fc.subarray([0, 1, 4, 9]), { maxLength: 20 }),
});

/** A checkpoint is on its way to the table when the user cancels. */
const CANCELLED_IN_A_SAVE: World = {
  objects: [false, false, true, true],
  sends: ['fine', 'cancel'],
  pages: [],
  saves: ['slow', 'slow'],
  failed: [[1], [0]],
};

describe('an enqueue under faults', function () {
  this.timeout(60_000);
  let timers: FastTimers;

  beforeEach(() => {
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('loses nothing, repeats the open pages at most, and its numbers add up at every moment', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (plan) => {
        const run = new FaultyRun(plan);
        await run.toItsEnd();
        const wanted = plan.objects.flatMap((isMedia, i) => (isMedia ? [keyAt(i)] : []));
        assert.deepEqual([...new Set(run.sentKeys())].toSorted(), wanted);
        const repeatable = OPEN_PAGES * PAGE * run.interruptions + 10 * run.lostAnswers;
        assert.ok(run.sentKeys().length - wanted.length <= repeatable, 'more was sent twice than was open');
        for (const { listed, sent, skipped } of [...run.reports, ...run.batches.saved]) {
          assert.equal(listed, sent + Object.values(skipped).reduce((sum, count) => sum + count, 0));
        }
      }),
      { numRuns: 100, examples: [[CANCELLED_IN_A_SAVE]] },
    );
  });

  it('waits for AWS while it throttles, and asks once for a login that has expired', async () => {
    const objects = Array.from({ length: 40 }, (_, i) => s3Object(keyAt(i)));
    const queues = new FakeQueues();
    const send = queues.send.bind(queues);
    let calls = 0;
    let isLoggedIn = false;
    queues.send = async (...request) => {
      calls += 1;
      if (calls <= 3) throw awsError('throttled');
      if (!isLoggedIn) throw awsError('expired-login');
      return send(...request);
    };
    let asked = 0;
    const onExpired = async (): Promise<void> => {
      asked += 1;
      await new Promise((resolve) => setImmediate(resolve));
      isLoggedIn = true;
    };
    const services = { buckets: new FakeBuckets(objects, PAGE), queues, batches: new FakeBatches() };
    const { sent } = await enqueuePrefix(request(), PIPELINE, services, { onExpired });
    assert.deepEqual([sent, asked, queues.bodies('work').length], [40, 1, 40]);
  });

  it('saves after a failure what was confirmed before, also where AWS throttles the checkpoint', async () => {
    const objects = Array.from({ length: 40 }, (_, i) => s3Object(keyAt(i)));
    const queues = new FakeQueues();
    const send = queues.send.bind(queues);
    const failed = Promise.withResolvers<undefined>();
    let sends = 0;
    queues.send = async (...call) => {
      sends += 1;
      if (sends === 1) return send(...call);
      failed.resolve(undefined);
      throw awsError('missing-permission');
    };
    const batches = new FakeBatches();
    const save = batches.saveCheckpoint.bind(batches);
    let saves = 0;
    batches.saveCheckpoint = async (...request) => {
      saves += 1;
      if (saves > 1) return save(...request);
      await failed.promise;
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      throw awsError('throttled');
    };
    const services = { buckets: new FakeBuckets(objects, 10), queues, batches };
    await assert.rejects(enqueuePrefix(request(), PIPELINE, services), {
      code: 'enqueue-incomplete',
      message: /Stopped after 10 files/,
    });
    assert.deepEqual(
      batches.saved.map(({ sent }) => sent),
      [10],
    );
  });

  it('fails with a login that nobody renews', async () => {
    const queues = new FakeQueues();
    queues.failures.send = awsError('expired-login');
    const services = { buckets: new FakeBuckets([s3Object(keyAt(0))]), queues, batches: new FakeBatches() };
    await assert.rejects(enqueuePrefix(request(), PIPELINE, services), { code: 'enqueue-incomplete' });
    const onExpired = () => Promise.reject(new DOMException('Escape', 'AbortError'));
    services.batches = new FakeBatches();
    await assert.rejects(enqueuePrefix(request(), PIPELINE, services, { onExpired }), isAbort);
  });
});

const keyAt = (i: number): string => `in/${String(i).padStart(4, '0')}.mp4`;
const request = () => ({ bucket: 'media', prefix: 'in/', job: JOB });

/** One enqueue with its faults, which is resumed until it ends. */
class FaultyRun {
  readonly queues = new FakeQueues();
  readonly batches = new FakeBatches();
  readonly reports: EnqueueProgress[] = [];
  interruptions = 0;
  lostAnswers = 0;
  readonly #buckets: FakeBuckets;
  #control = new AbortController();

  constructor({ objects, sends, pages, saves, failed }: World) {
    const listed = objects.map((isMedia, i) => s3Object(keyAt(i), isMedia ? {} : { size: 0 }));
    this.#buckets = new FakeBuckets(listed, PAGE);
    const fates = { sends: [...sends], pages: [...pages], saves: [...saves] };
    const refused = [...failed];
    this.queues.refuse = (messages) =>
      (refused.shift() ?? [])
        .filter((index) => index < messages.length)
        .map((index) => ({ index, code: 'InternalError', message: 'again', senderFault: false }));
    const send = this.queues.send.bind(this.queues);
    this.queues.send = (...call) => this.#meet(fates.sends.shift(), () => send(...call));
    this.#buckets.beforePage = () => this.#meet(fates.pages.shift(), async () => undefined);
    const save = this.batches.saveCheckpoint.bind(this.batches);
    let last: Checkpoint | undefined;
    this.batches.saveCheckpoint = (table, batch, next, after) =>
      this.#meet(fates.saves.shift(), async () => {
        // As the table does: the same checkpoint again is no conflict.
        if (last?.lastKey === next.lastKey && last.done === next.done) return;
        await save(table, batch, next, after);
        last = next;
      });
  }

  async #meet<Answer>(fate: Fate | undefined, work: () => Promise<Answer>): Promise<Answer> {
    if (fate === 'cancel') this.#control.abort();
    if (fate === 'throttled' || fate === 'unreachable') throw awsError(fate);
    if (fate === 'slow') for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    this.#control.signal.throwIfAborted();
    const answer = await work();
    if (fate !== 'lost-answer') return answer;
    this.lostAnswers += 1;
    throw awsError('unreachable');
  }

  async toItsEnd(): Promise<void> {
    const services = { buckets: this.#buckets, queues: this.queues, batches: this.batches };
    const onProgress = (progress: EnqueueProgress): void => void this.reports.push(progress);
    for (;;) {
      const [batch] = this.batches.metas.keys();
      const options = { signal: this.#control.signal, onProgress };
      try {
        if (batch === undefined) await enqueuePrefix(request(), PIPELINE, services, options);
        else await resumeEnqueue(batch, PIPELINE, services, options);
        return;
      } catch (error) {
        if (error instanceof MediaBatchError && error.code === 'nothing-to-enqueue') return;
        const isExpected =
          error instanceof MediaBatchError && ['enqueue-incomplete', 'unreachable'].includes(error.code);
        assert.ok(isAbort(error) || isExpected, String(error));
        this.interruptions += 1;
        this.#control = new AbortController();
      }
    }
  }

  sentKeys(): string[] {
    return this.queues.bodies('work').map((body) => decodeQueueMessage(body).key);
  }
}
