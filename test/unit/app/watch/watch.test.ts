import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Reading, WatchPart } from '../../../../src/app/watch/reading.ts';
import { PipelineWatch } from '../../../../src/app/watch/watch.ts';
import type { Disposable } from '../../../../src/core/lifetime.ts';
import { awsError } from '../../../helpers/fakes.ts';
import { SECOND, settle, WALL, WatchBench, type Call } from '../../../helpers/watch-bench.ts';

describe('PipelineWatch', () => {
  let bench: WatchBench;
  beforeEach(() => {
    bench = new WatchBench();
  });

  it('reads nothing and has no timer before something is demanded', async () => {
    await settle();
    await bench.watch.refresh();
    assert.deepEqual([bench.calls, bench.timers], [[], []]);
    assert.equal(bench.watch.last, undefined);
  });

  it('reads once for all that is demanded in a moment', async () => {
    await bench.demand('dead-letters', 'pipeline', 'batches', 'pipeline');
    assert.deepEqual(
      bench.calls.map(({ parts }) => parts),
      [['batches', 'dead-letters', 'pipeline']],
    );
    await bench.answer({ deadLetters: 3 });
    assert.deepEqual(bench.states, [
      { reading: { deadLetters: 3, problems: {}, busy: false }, error: undefined },
    ]);
    assert.equal(bench.watch.last?.deadLetters, 3);
  });

  it('paces itself by the work, and slowest for the status bar', async () => {
    const cases: [WatchPart, boolean, number][] = [
      ['pipeline', true, 5],
      ['pipeline', false, 60],
      ['batches', true, 5],
      ['dead-letters', true, 60],
      ['dead-letters', false, 60],
    ];
    for (const [part, busy, seconds] of cases) {
      bench = new WatchBench();
      await bench.demand(part);
      await bench.answer({ busy });
      assert.deepEqual(bench.timers, [seconds * SECOND], `${part} ${busy}`);
      await bench.pass(seconds * SECOND - 1);
      assert.equal(bench.calls.length, 1);
      await bench.pass(1);
      assert.equal(bench.calls.length, 2);
    }
  });

  it('reads the dead letters more often while a view shows them', async () => {
    await bench.demand('dead-letters');
    await bench.answer({ busy: false });
    bench.watch.demand('dead-letters', true);
    assert.deepEqual(bench.timers, [30 * SECOND]);
  });

  it('reads a new part at once unless it is fresh', async () => {
    const [pipeline] = await bench.demand('pipeline');
    await bench.answer({ busy: false });
    await bench.pass(4 * SECOND);
    await bench.demand('pipeline');
    assert.deepEqual([bench.calls.length, bench.timers], [1, [56 * SECOND]]);
    await bench.demand('batches');
    assert.deepEqual(bench.last.parts, ['batches', 'pipeline']);
    await bench.answer();
    pipeline?.dispose();
    await bench.pass(6 * SECOND);
    await bench.demand('pipeline');
    assert.equal(bench.calls.length, 3);
  });

  it('reads a part that is demanded during a reading after that reading, never at the same time', async () => {
    await bench.demand('pipeline');
    await bench.demand('pipeline');
    await bench.demand('batches');
    assert.equal(bench.calls.length, 1);
    await bench.answer();
    assert.deepEqual(bench.last.parts, ['batches', 'pipeline']);
    await bench.answer();
    assert.deepEqual([bench.calls.length, bench.timers], [2, [60 * SECOND]]);
  });

  it('keeps the parts that are no longer read, and lets an undefined one replace what was', async () => {
    const [batches] = await bench.demand('batches', 'dead-letters');
    const known = new Map();
    await bench.answer({ batches: known, deadLetters: 4 });
    batches?.dispose();
    assert.deepEqual(bench.timers, [60 * SECOND]);
    await bench.pass(60 * SECOND);
    assert.deepEqual(bench.last.parts, ['dead-letters']);
    await bench.answer({ deadLetters: undefined });
    assert.equal(bench.watch.last?.batches, known);
    assert.equal(bench.watch.last.deadLetters, undefined);
  });

  it('ends the reading and the timer when nothing is demanded any more', async () => {
    const [first] = await bench.demand('pipeline');
    first?.dispose();
    await settle();
    assert.equal(bench.last.signal.aborted, true);
    const [second] = await bench.demand('pipeline');
    await bench.answer();
    second?.dispose();
    second?.dispose();
    assert.deepEqual([bench.timers, bench.states.length, bench.watch.error], [[], 1, undefined]);
  });

  it('serves a demand that comes while an aborted reading ends', async () => {
    const [first] = await bench.demand('pipeline');
    first?.dispose();
    await bench.demand('pipeline');
    assert.deepEqual([bench.calls.length, bench.calls[0]?.signal.aborted], [2, true]);
    await bench.answer({ deadLetters: 1 });
    assert.equal(bench.watch.last?.deadLetters, 1);
  });

  it('backs off after errors up to 5 minutes, keeps the last reading, and recovers', async () => {
    await bench.demand('pipeline');
    await bench.answer({ deadLetters: 1, busy: true });
    const pauses = [];
    const failure = awsError('unreachable');
    for (let i = 0; i < 8; i++) {
      await bench.pass(bench.pause);
      await bench.answer(failure);
      pauses.push(bench.pause / SECOND);
    }
    assert.deepEqual(pauses, [10, 20, 40, 80, 160, 300, 300, 300]);
    assert.deepEqual(bench.states.at(-1), {
      reading: { deadLetters: 1, problems: {}, busy: true },
      error: failure,
      silentSince: WALL + 5 * SECOND,
    });
    await bench.pass(300 * SECOND);
    await bench.answer({ busy: true });
    assert.deepEqual([bench.timers, bench.watch.error], [[5 * SECOND], undefined]);
  });

  it('reads everything at first and after a refresh, what may have changed while work moves, and else a glance', async () => {
    await bench.demand('pipeline');
    for (const [busy, seconds] of [
      [true, 5],
      [false, 60],
      [true, 5],
    ] as const) {
      await bench.answer({ busy });
      await bench.pass(seconds * SECOND);
    }
    const demanded = bench.demand('batches');
    await bench.answer({ busy: false });
    await demanded;
    await bench.answer({ busy: false });
    void bench.watch.refresh();
    await settle();
    assert.deepEqual(
      bench.calls.map(({ mode }) => mode),
      ['busy', 'busy', 'idle', 'busy', 'busy', 'fresh'],
    );
  });

  it('spreads the pauses after errors, but not below the usual pace', async () => {
    bench = new WatchBench(0);
    await bench.demand('pipeline');
    await bench.answer(new Error('x'));
    assert.deepEqual(bench.timers, [60 * SECOND]);
  });

  it("does not take another caller's cancel for an error", async () => {
    await bench.demand('pipeline');
    await bench.answer(new DOMException('', 'AbortError'));
    assert.deepEqual([bench.states, bench.timers], [[], [60 * SECOND]]);
  });

  it('refreshes at once, with nothing remembered and the errors forgotten', async () => {
    await bench.demand('pipeline');
    for (let i = 0; i < 5; i++) {
      await bench.answer(new Error('x'));
      await bench.pass(bench.pause);
    }
    await bench.answer(new Error('x'));
    const refreshed = bench.watch.refresh();
    await settle();
    assert.equal(bench.last.mode, 'fresh');
    await bench.answer(new Error('x'));
    await refreshed;
    assert.deepEqual(bench.timers, [120 * SECOND]);
    await bench.pass(120 * SECOND);
    assert.equal(bench.last.mode, 'idle');
  });

  it('refreshes after the current reading, once for all callers', async () => {
    await bench.demand('pipeline');
    let done = 0;
    const refreshes = [1, 2, 3].map(() => bench.watch.refresh().then(() => (done += 1)));
    await bench.answer({ deadLetters: 1 });
    assert.deepEqual([bench.calls.length, done, bench.last.mode], [2, 0, 'fresh']);
    await bench.answer({ deadLetters: 2 });
    await Promise.all(refreshes);
    assert.deepEqual([bench.calls.length, bench.watch.last?.deadLetters], [2, 2]);
  });

  it('drops a reading that comes after its end', async () => {
    await bench.demand('pipeline');
    await bench.answer({ deadLetters: 9 });
    await bench.pass(60 * SECOND);
    const [, late] = bench.calls;
    bench.watch.dispose();
    late?.answer({ deadLetters: 8 });
    await settle();
    assert.deepEqual([late?.signal.aborted, bench.watch.last?.deadLetters], [true, 9]);
    assert.equal(bench.states.length, 1);
  });

  it('continues when a listener fails', async () => {
    await bench.demand('pipeline');
    await bench.answer();
    const failing = bench.watch.onChange(() => {
      throw new Error('a view broke');
    });
    const refreshed = assert.rejects(bench.watch.refresh(), /a view broke/);
    await settle();
    await bench.answer();
    await refreshed;
    failing.dispose();
    assert.deepEqual(bench.timers, [60 * SECOND]);
    await bench.pass(60 * SECOND);
    await bench.answer({ deadLetters: 1 });
    assert.equal(bench.watch.last?.deadLetters, 1);
  });

  it('is silent after dispose', async () => {
    await bench.demand('pipeline');
    bench.watch.dispose();
    await settle();
    await bench.demand('pipeline');
    await bench.watch.refresh();
    await settle();
    assert.deepEqual([bench.calls.length, bench.states.length, bench.timers], [1, 0, []]);
  });

  it('never reads twice at once, and polls exactly while something is demanded, in any order of events', async () => {
    const part = fc.constantFrom<WatchPart>('dead-letters', 'pipeline', 'batches');
    const step = fc.oneof(
      fc.record({ do: fc.constant('demand' as const), part }),
      fc.record({ do: fc.constant('release' as const), which: fc.nat() }),
      fc.record({ do: fc.constantFrom('answer', 'fail', 'refresh', 'settle') }),
      fc.record({ do: fc.constant('pass' as const), seconds: fc.nat(120) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const bench = new WatchBench();
        const demands: { part: WatchPart; demand: Disposable }[] = [];
        const open = new Set<Call>();
        const check = () => {
          for (const call of bench.calls) if (!open.has(call) && !ended.has(call)) open.add(call);
          assert.ok([...open].filter(({ signal }) => !signal.aborted).length <= 1, 'two readings at once');
        };
        const ended = new WeakSet<Call>();
        const end = (result: Partial<Reading> | Error) => {
          for (const call of open) {
            open.delete(call);
            ended.add(call);
            call.answer(result);
          }
        };
        for (const each of steps) {
          if ('part' in each) demands.push({ part: each.part, demand: bench.watch.demand(each.part) });
          else if ('which' in each)
            demands.splice(each.which % (demands.length || 1), 1)[0]?.demand.dispose();
          else if ('seconds' in each) await bench.pass(each.seconds * SECOND);
          else if (each.do === 'answer') end({ busy: true });
          else if (each.do === 'fail') end(new Error('x'));
          else if (each.do === 'refresh') void bench.watch.refresh();
          else await settle();
          check();
        }
        for (let i = 0; i < 5; i++) {
          await settle();
          check();
          end({});
        }
        await settle();
        assert.equal(bench.timers.length, demands.length > 0 ? 1 : 0);
        const wanted = new Set(demands.map((each) => each.part));
        await bench.pass(300 * SECOND);
        if (wanted.size > 0) assert.deepEqual(bench.last.parts, [...wanted].toSorted());
        bench.watch.dispose();
        await settle();
        assert.deepEqual(bench.timers, []);
      }),
      { numRuns: 200 },
    );
  });

  it('counts real time when it is given no clock', async () => {
    let reads = 0;
    const readings: (() => void)[] = [];
    const watch = new PipelineWatch({
      read: async () => {
        reads += 1;
        readings.shift()?.();
        return { problems: {}, busy: true };
      },
      pace: { busyMs: 1 },
    });
    const twice = new Promise<void>((resolve) => readings.push(() => undefined, resolve));
    watch.demand('pipeline');
    await twice;
    watch.dispose();
    assert.equal(reads, 2);
  });
});
