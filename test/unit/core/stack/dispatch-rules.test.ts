import assert from 'node:assert/strict';
import type { DispatchState } from '../../../../src/core/stack/dispatch-control.ts';
import { isHeld, isLong, stopped, switched, waitEnded } from '../../../../src/core/stack/dispatch-rules.ts';

const NOW = Date.parse('2026-11-23T10:00:00.000Z');
const iso = (ms: number) => new Date(ms).toISOString();
const state = (change: Partial<DispatchState>): DispatchState => ({
  state: 'running',
  reason: undefined,
  at: undefined,
  epoch: 4,
  ...change,
});
const waiting = (until: string | undefined) => state({ state: 'waiting', reason: 'a limit', until });

describe('whether dispatch runs', () => {
  it('is held by a pause for good, and by a wait until its end', () => {
    assert.equal(isHeld(state({}), NOW), false);
    assert.equal(isHeld(state({ state: 'paused', until: iso(NOW - 1) }), NOW), true);
    assert.equal(isHeld(waiting(iso(NOW + 1)), NOW), true);
    for (const until of [iso(NOW), iso(NOW - 1), undefined, 'never']) {
      assert.equal(isHeld(waiting(until), NOW), false, until);
    }
  });

  it('is stopped for good or until a moment, by a function, only where it runs', () => {
    const stop = { reason: 'HTTP 401' };
    const next = { reason: 'HTTP 401', at: iso(NOW), epoch: 5, by: 'consumer' };
    assert.deepEqual(stopped(state({}), stop, 'consumer', NOW), { ...next, state: 'paused' });
    assert.deepEqual(stopped(waiting(iso(NOW)), { ...stop, waitMs: 60_000 }, 'consumer', NOW), {
      ...next,
      state: 'waiting',
      until: iso(NOW + 60_000),
      waits: 1,
    });
    for (const held of [state({ state: 'paused', by: 'operator' }), waiting(iso(NOW + 1))]) {
      assert.equal(stopped(held, stop, 'consumer', NOW), undefined);
    }
  });

  it('waits twice as long each time that Ittybit still refuses, up to an hour, unless it asks for more', () => {
    let read = state({});
    let now = NOW;
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const next = stopped(read, { reason: 'HTTP 429', waitMs: 60_000 }, 'consumer', now);
      assert.ok(next?.until);
      waits.push((Date.parse(next.until) - now) / 60_000);
      now = Date.parse(next.until) + 1000;
      read = waitEnded(next, 'reconciler', now) ?? assert.fail('the wait is over');
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    const quota = stopped(read, { reason: 'HTTP 429', waitMs: 7 * 3_600_000 }, 'consumer', now);
    assert.equal(quota?.until, iso(now + 7 * 3_600_000));
    const rested = stopped(read, { reason: 'HTTP 429', waitMs: 60_000 }, 'consumer', now + 3_600_000);
    assert.equal(rested?.until, iso(now + 3_660_000));
  });

  it('needs the mapping off for a pause and a long wait, but not for a short one', () => {
    const stopFor = (waitMs?: number) =>
      stopped(state({}), { reason: 'x', ...(waitMs && { waitMs }) }, 'consumer', NOW) ?? assert.fail();
    assert.deepEqual(
      [undefined, 120_000, 120_001].map((ms) => isLong(stopFor(ms))),
      [true, false, true],
    );
    assert.equal(isLong(state({})), false);
  });

  it('keeps a reason short that is a page of text', () => {
    const next = stopped(state({}), { reason: 'x'.repeat(100_000) }, 'consumer', NOW);
    assert.equal(next?.reason?.length, 501);
  });

  it('runs again after a wait, and not before its end or instead of a pause', () => {
    const running = { state: 'running', reason: undefined, at: iso(NOW), epoch: 5, by: 'reconciler' };
    assert.deepEqual(waitEnded(waiting(iso(NOW)), 'reconciler', NOW), running);
    assert.deepEqual(waitEnded(waiting(undefined), 'reconciler', NOW), running);
    for (const other of [state({}), state({ state: 'paused', until: iso(NOW) }), waiting(iso(NOW + 1))]) {
      assert.equal(waitEnded(other, 'reconciler', NOW), undefined);
    }
  });

  it('is what the operator says, whatever it was', () => {
    for (const read of [state({}), waiting(iso(NOW + 1)), state({ state: 'paused' })]) {
      const written = { at: iso(NOW), epoch: 5, by: 'operator' };
      assert.deepEqual(switched(read, 'lunch', NOW), { ...written, state: 'paused', reason: 'lunch' });
      assert.deepEqual(switched(read, undefined, NOW), { ...written, state: 'running', reason: undefined });
    }
  });

  it('is always written with a later time than it was read, also by a clock that is behind', () => {
    assert.equal(switched(state({ at: iso(NOW + 5000) }), undefined, NOW).at, iso(NOW + 5001));
    for (const at of [iso(NOW - 1), 'soon', iso(8.64e15)]) {
      assert.equal(switched(state({ at }), undefined, NOW).at, iso(NOW), at);
    }
  });
});
