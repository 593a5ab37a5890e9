import assert from 'node:assert/strict';
import { pacedJobs } from '../../../../src/app/batch/paced-jobs.ts';
import type { Slots } from '../../../../src/app/batch/slots.ts';
import { MAX_SLEEP_MS } from '../../../../src/core/ittybit/dispatch-rules.ts';
import type { DispatchState } from '../../../../src/core/stack/dispatch-control.ts';
import { createSlots } from '../../../../src/app/batch/slots.ts';
import { FakeIttybit } from '../../../helpers/fake-ittybit.ts';
import { MemoryPace } from '../../../helpers/memory-pace.ts';
import { VirtualTime } from '../../../helpers/virtual-time.ts';

const RUNNING: DispatchState = { state: 'running', reason: undefined, at: undefined, epoch: 0 };
const START = Date.parse('2026-11-27T10:00:00Z');

describe('slots', () => {
  let time: VirtualTime;
  let pace: MemoryPace;
  let state: DispatchState;
  const now = () => START + time.now;

  beforeEach(() => {
    time = new VirtualTime();
    time.install(() => 0.5);
    state = RUNNING;
    pace = new MemoryPace(now, () => state);
    pace.before = () => time.wait(10);
  });
  afterEach(() => {
    time.restore();
  });

  /** @param most calls/s, 0: finds it */
  const slots = (most = 10): Slots => pace.slots(now, now() + 20_000, most);
  /** A call of an invocation. @returns when it left, in ms from the start; undefined where it got no slot */
  async function call(of: Slots, receives = 1): Promise<number | undefined> {
    const turn = await of.turn(receives);
    if (!turn) return undefined;
    const isFree = await turn.take();
    turn.leave();
    return isFree ? time.now : undefined;
  }
  async function calls(count: number, of: Slots): Promise<(number | undefined)[]> {
    const made = Promise.all(Array.from({ length: count }, () => call(of)));
    await time.pass();
    return made;
  }

  it('of one invocation are taken with one read and one write, and follow one another', async () => {
    const left = await calls(5, slots());
    // The first one leaves as soon as the row is begun, which takes 10 ms here.
    assert.deepEqual(
      left.map((ms) => ms! - left[0]!),
      [0, 90, 190, 290, 390],
    );
    assert.deepEqual(pace.asked, { updates: 1, reads: 1 });
  });

  it('of ten invocations at once are all different, and cost at most two writes each', async () => {
    const made = Promise.all(
      Array.from({ length: 10 }, () => slots()).map((of) => Promise.all([call(of), call(of)])),
    );
    await time.pass();
    const left = (await made).flat().map((ms) => Math.round(ms!));
    assert.deepEqual(
      left.toSorted((a, b) => a - b).map((ms, i, all) => ms - (all[i - 1] ?? ms)),
      [0, 90, ...Array<number>(18).fill(100)],
    );
    assert.ok(pace.asked.updates <= 20, `${pace.asked.updates} updates`);
  });

  it('go to those that are ready where one is slow', async () => {
    const of = slots();
    const slow = of.turn(1);
    const left = call(of);
    await time.pass();
    assert.ok((await left)! >= 1000 && (await left)! < 1500, String(await left));
    (await slow)?.leave();
  });

  it('are not given where none comes in time, and the invocation waits meanwhile', async () => {
    pace.row = { pk: 'x', sk: 'pace', next_ms: now() + 30_000 };
    assert.deepEqual(await calls(1, slots()), [undefined]);
    assert.ok(time.now >= MAX_SLEEP_MS && time.now < 2 * MAX_SLEEP_MS, String(time.now));
    assert.equal(pace.asked.updates, 0);
  });

  it('are given sooner to a message that has come back often', async () => {
    const inMs = async (receives: number) => {
      pace.row = { pk: 'x', sk: 'pace', next_ms: now() + 9_000 };
      const before = time.now;
      const made = slots().turn(receives);
      await time.pass();
      (await made)?.leave();
      return time.now - before;
    };
    assert.ok((await inMs(30)) < 100);
    assert.ok((await inMs(1)) > 1000);
  });

  it('are void once the rate has dropped while the call waited, and others follow at the lower rate', async () => {
    const of = slots(2);
    const made = Promise.all(Array.from({ length: 8 }, () => call(of)));
    void time.wait(1200).then(() => pace.store.refuse({ ceiling: 2, nextMs: now() + 1000, drops: 0 }));
    await time.pass();
    const left = (await made).map((ms) => Math.round(ms!));
    assert.deepEqual([new Set(left).size, pace.row?.['drops']], [8, 1]);
    // Three had left; the others keep Ittybit's second, and the gaps of the lower rate.
    assert.ok(left[3]! >= 2200 && left[7]! - left[3]! > 4 * 550, `${left.join()} ms`);
  });

  it('are not used once dispatch was stopped while the call waited', async () => {
    const of = slots(2);
    const made = Promise.all(Array.from({ length: 8 }, () => call(of)));
    void time.wait(1200).then(() => {
      state = { ...RUNNING, state: 'paused' };
    });
    await time.pass();
    const left = await made;
    assert.deepEqual(left.slice(-4), [undefined, undefined, undefined, undefined]);
    assert.ok(left[0] !== undefined);
  });

  it('drop the rate once for all calls that were refused under it, and only count the others', async () => {
    const made = Promise.all(Array.from({ length: 3 }, () => slots().turn(1)));
    await time.pass();
    const turns = (await made).map((turn) => turn!);
    const taken = Promise.all(turns.map((turn) => turn.take()));
    await time.pass();
    assert.deepEqual(await taken, [true, true, true]);
    const refused = Promise.all(turns.map((turn) => turn.refused(1000)));
    await time.pass();
    assert.deepEqual(await refused, [false, false, false]);
    assert.deepEqual([pace.row?.['drops'], pace.row?.['refused']], [1, 3]);
  });

  it('do not drop the rate for a quota', async () => {
    const made = slots().turn(1);
    await time.pass();
    const turn = (await made)!;
    const asked = turn.take().then(() => turn.refused(60_000));
    await time.pass();
    assert.equal(await asked, false);
    assert.deepEqual([pace.row?.['drops'], pace.row?.['refused']], [undefined, 1]);
  });

  it('of the reconciler come in growing blocks, also while dispatch is stopped; without a slot nothing is asked', async () => {
    state = { ...RUNNING, state: 'paused' };
    const of = createSlots({
      store: pace.store,
      parameter: 10,
      deadlineMs: now() + 20_000,
      obeysStops: false,
      now,
    });
    const ittybit = new FakeIttybit(now);
    const api = pacedJobs(ittybit, of.series(), now);
    const ask = async () => {
      for (let i = 0; i < 7; i++) await api.get('key', `job_${i}`, 1000);
    };
    void ask();
    await time.pass();
    assert.deepEqual([ittybit.gets.length, pace.asked.updates], [7, 3]);
    pace.row = { ...pace.row, next_ms: now() + 40_000 };
    const asked = Promise.all([api.get('key', 'job_7', 1000), api.get('key', 'job_8', 1000)]);
    await time.pass();
    assert.equal(ittybit.gets.length, 7);
    const statuses = (await asked).map(
      (answer) => 'failure' in answer && 'status' in answer.failure && answer.failure.status,
    );
    assert.deepEqual(statuses, [429, 429], 'as a refusal, which ends the requests of a run');
  });

  it('of the reconciler are lost to all where Ittybit refuses one', async () => {
    const of = createSlots({
      store: pace.store,
      parameter: 10,
      deadlineMs: now() + 20_000,
      obeysStops: false,
      now,
    });
    const ittybit = new FakeIttybit(now);
    ittybit.lookupFailure = () => ({ status: 429, retryAfter: '2', body: '' });
    const asked = pacedJobs(ittybit, of.series(), now).find('key', 'r', 'i', 1000);
    await time.pass();
    assert.ok('failure' in (await asked));
    assert.deepEqual([pace.row?.['drops'], pace.row?.['refused']], [1, 1]);
  });
});
