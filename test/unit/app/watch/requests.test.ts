import assert from 'node:assert/strict';
import { outputsOf } from '../../../../src/app/stack/pipeline.ts';
import { readWatch, WatchMemory } from '../../../../src/app/watch/read-watch.ts';
import type { WatchPart } from '../../../../src/app/watch/reading.ts';
import { PipelineWatch } from '../../../../src/app/watch/watch.ts';
import type { BatchRecord, StatusCounts } from '../../../../src/core/batch/batch.ts';
import { zeroCounts } from '../../../../src/core/batch/batch.ts';
import type { BatchStore } from '../../../../src/core/batch/batch-store.ts';
import type { Disposable } from '../../../../src/core/lifetime.ts';
import { FakeStacks, stackOf } from '../../../helpers/fake-stacks.ts';
import { awsError, FakeQueues } from '../../../helpers/fakes.ts';
import { FakeAlarms, FakeControl, FakeKeySecret, FakeReconciler } from '../../../helpers/fake-control.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';

const MINUTE = 60_000;
const OUTPUTS = outputsOf('media-batch', stackOf('CREATE_COMPLETE'));
const ALL: readonly WatchPart[] = ['pipeline', 'batches', 'dead-letters'];

function record(batch: string, sent: number, counts: Partial<StatusCounts>): BatchRecord {
  const checkpoint = { shard: 0, lastKey: 'z', listed: sent, sent, skipped: {}, done: true };
  const meta = sent > 0 ? metaOf(batch) : undefined;
  return { meta, checkpoints: sent > 0 ? [checkpoint] : [], counts: { ...zeroCounts(), ...counts } };
}

/** A stack whose every request is counted, watched on a clock that the test moves. */
class Bench {
  readonly records = new Map<string, BatchRecord>();
  readonly asked: string[] = [];
  readonly queues = new FakeQueues();
  readonly control = new FakeControl();
  readonly secret = new FakeKeySecret();
  /** called before each request; throws where AWS does not answer */
  before: () => Promise<void> | undefined = () => undefined;
  now = Date.parse('2026-11-23T08:00:00.000Z');
  readonly watch: PipelineWatch;
  readonly #memory = new WatchMemory();
  readonly #timers = new Set<{ at: number; run: () => void }>();

  constructor() {
    const stacks = new FakeStacks();
    stacks.stack = stackOf('CREATE_COMPLETE', { parameters: { ApiKeyArn: '' } });
    const reconciler = new FakeReconciler();
    reconciler.lastRun = { startedAt: undefined, endedAt: undefined, did: {}, error: undefined };
    const batches = {
      list: async () => {
        const items = [...this.records.values()].flatMap(({ meta }) => meta ?? []);
        return Promise.resolve({ items, next: undefined });
      },
      read: async (_table: string, batch: string) =>
        Promise.resolve(this.records.get(batch) ?? record(batch, 0, {})),
    };
    const services = {
      stacks: this.#counted(stacks),
      queues: this.#counted(this.queues),
      dispatch: this.#counted(this.control),
      reconciler: this.#counted(reconciler),
      alarms: this.#counted(new FakeAlarms()),
      secrets: this.#counted(this.secret),
      batches: this.#counted(batches) as unknown as BatchStore,
    };
    const clock = () => this.now;
    this.watch = new PipelineWatch({
      read: (parts, signal, mode) =>
        readWatch(parts, { stackName: 's', services, memory: this.#memory, now: clock }, signal, mode),
      now: clock,
      wall: clock,
      random: () => 1,
      setTimer: (run, ms) => {
        const timer = { at: this.now + ms, run };
        this.#timers.add(timer);
        return { dispose: () => this.#timers.delete(timer) };
      },
    });
  }

  demand(...parts: readonly WatchPart[]): Disposable[] {
    return parts.map((part) => this.watch.demand(part, true));
  }

  /** @returns the number of requests in that time */
  async pass(ms: number, tick: () => void = () => undefined): Promise<number> {
    const end = this.now + ms;
    const before = this.asked.length;
    for (;;) {
      for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      const [next] = [...this.#timers].toSorted((a, b) => a.at - b.at);
      if (!next || next.at > end) break;
      this.#timers.delete(next);
      this.now = Math.max(this.now, next.at);
      tick();
      next.run();
    }
    this.now = end;
    return this.asked.length - before;
  }

  #counted<Service extends object>(service: Service): Service {
    return new Proxy(service, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          this.asked.push(String(name));
          await this.before();
          return Reflect.apply(value, target, given) as unknown;
        };
      },
    });
  }
}

describe('the requests of an hour', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
    for (let i = 0; i < 25; i += 1) bench.records.set(`b${i}`, record(`b${i}`, 50, { succeeded: 50 }));
  });

  /** Runs batches at 4 files a second each, with 40 at Ittybit. */
  const drain = (ids: readonly string[]) => {
    const begun = bench.now;
    bench.queues.add(OUTPUTS.workQueueUrl, { body: 'one of many' });
    return () => {
      for (const id of ids) {
        const succeeded = Math.floor((bench.now - begun) / 250);
        bench.records.set(id, record(id, 100_000, { succeeded, submitted: 40 }));
      }
    };
  };

  it('are at most 120 while nothing moves and all views are shown', async () => {
    bench.demand(...ALL);
    await bench.pass(5 * MINUTE);
    const asked = await bench.pass(60 * MINUTE);
    assert.ok(asked <= 120, String(asked));
    assert.ok(asked >= 60, 'a glance each minute');
  });

  it('are at most 120 also where every batch has dead files, or dispatch is paused with files on their way', async () => {
    for (let i = 0; i < 25; i += 1)
      bench.records.set(`b${i}`, record(`b${i}`, 50, { dead: 5, succeeded: 45 }));
    bench.records.set('held', record('held', 50, { succeeded: 5 }));
    bench.queues.add(OUTPUTS.workQueueUrl, { body: 'waits' });
    bench.control.current = { ...bench.control.current, state: 'Disabled' };
    bench.control.state = { ...bench.control.state, state: 'paused' };
    bench.demand(...ALL);
    await bench.pass(15 * MINUTE);
    const asked = await bench.pass(60 * MINUTE);
    assert.ok(asked <= 120, String(asked));
  });

  it('ask no more for a key that is there, and see within 20 minutes that one was stored elsewhere', async () => {
    bench.secret.replaced = false;
    bench.demand(...ALL);
    await bench.pass(5 * MINUTE);
    assert.ok((await bench.pass(60 * MINUTE)) <= 120);
    assert.equal(bench.watch.last?.pipeline?.apiKey, 'missing');
    bench.secret.replaced = true;
    await bench.pass(21 * MINUTE);
    assert.equal(bench.watch.last.pipeline.apiKey, 'set');
    const { asked } = bench.secret;
    await bench.pass(60 * MINUTE);
    assert.equal(bench.secret.asked, asked);
  });

  it('are none while nothing is shown', async () => {
    const demands = bench.demand(...ALL);
    await bench.pass(5 * MINUTE);
    for (const demand of demands) demand.dispose();
    assert.equal(await bench.pass(60 * MINUTE), 0);
  });

  for (const [count, most] of [
    [1, 4_200],
    [6, 5_760],
  ] as const) {
    it(`are at most ${most} while ${count} of the batches drain`, async () => {
      const tick = drain(Array.from({ length: count }, (_, i) => `b${i}`));
      tick();
      bench.demand(...ALL);
      await bench.pass(5 * MINUTE, tick);
      const asked = await bench.pass(60 * MINUTE, tick);
      assert.ok(asked <= most && asked > most / 2, String(asked));
      const shown = bench.watch.last?.batches?.get('b0')?.counts.succeeded ?? 0;
      assert.ok(shown > 15_400, 'and what is shown is at most 10 seconds old');
    });
  }

  it('see work that came from elsewhere within a minute, and all of it 5 seconds later', async () => {
    bench.demand(...ALL);
    await bench.pass(30 * MINUTE);
    bench.records.set('new', record('new', 10, {}));
    bench.queues.add(OUTPUTS.workQueueUrl, { body: 'a' });
    await bench.pass(MINUTE);
    assert.equal(bench.watch.last?.pipeline?.queue?.waiting, 1);
    await bench.pass(5_000);
    assert.ok(bench.watch.last.batches?.has('new'));
  });

  it('do not let what is remembered pass for an answer where AWS hangs or is gone', async () => {
    bench.demand(...ALL);
    await bench.pass(10 * MINUTE);
    const before = bench.watch.last;
    bench.before = () => Promise.reject(awsError('unreachable'));
    await bench.pass(2 * MINUTE);
    assert.ok(bench.watch.silentSince !== undefined);
    assert.equal(bench.watch.last, before, 'the last good reading stays');
    bench.before = () => undefined;
    await bench.pass(10 * MINUTE);
    assert.equal(bench.watch.silentSince, undefined);
    bench.before = () => new Promise(() => undefined);
    await bench.pass(2 * MINUTE);
    assert.ok(bench.watch.silentSince > bench.now - 2 * MINUTE);
  });
});
