import assert from 'node:assert/strict';
import type { Reading } from '../../../../src/app/watch/reading.ts';
import {
  zeroCounts,
  type BatchMeta,
  type BatchRecord,
  type StatusCounts,
} from '../../../../src/core/batch/batch.ts';
import type { DispatchState } from '../../../../src/core/stack/dispatch-control.ts';
import { formatTime } from '../../../../src/ui/base/format.ts';
import { BatchStatus } from '../../../../src/ui/batches/batch-status.ts';
import { KnownStacks } from '../../../../src/ui/connection/known-stacks.ts';
import { BY_HAND, CANCELLED, HOLD } from '../../../helpers/ui/batch-marks.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const BUSY = { succeeded: 9_257, failed: 30, dead: 25, submitted: 40 };
const DONE = { succeeded: 14_945, failed: 30, dead: 25 };
const THROUGHPUT = { filesPerSecond: 8, secondsLeft: 720 };

function recordOf(batch: string, counts: Partial<StatusCounts>, meta: Partial<BatchMeta> = {}): BatchRecord {
  const checkpoint = { shard: 0, lastKey: 'z', listed: 15_000, sent: 15_000, skipped: {}, done: true };
  const whole = metaOf(batch, { prefix: '1999/', ...meta });
  return { meta: whole, checkpoints: [checkpoint], counts: { ...zeroCounts(), ...counts } };
}

function bench() {
  const made = fixture();
  const status = new BatchStatus(made.ui);
  const [item] = made.stub.statusBarItems;
  assert.ok(item);
  made.connection.become({ kind: 'ready', session: made.connection.session });
  const tell = (
    records: readonly BatchRecord[],
    more: Partial<Reading> = {},
    silentSince?: number,
  ): string => {
    const batches = new Map(records.map((record) => [record.meta?.batch ?? 'default', record]));
    const reading = { batches, problems: {}, busy: true, ...more };
    made.watch.tell({ reading, error: undefined, silentSince });
    return item.shown ? item.text : '';
  };
  const colour = (): unknown => item.backgroundColor?.id;
  return { ...made, status, item, tell, colour };
}

const dispatch = (change: Partial<DispatchState>): DispatchState => ({
  ...{ state: 'paused', reason: undefined, at: undefined, epoch: 1, by: 'consumer' },
  ...change,
});

describe('the status bar item of the batches', () => {
  it('says how many files are finished and how long the rest takes, without a colour', () => {
    const { tell, item, colour } = bench();
    const busy = recordOf('b', BUSY);
    assert.equal(tell([busy], { throughput: THROUGHPUT }), '$(sync) 9,312 / 15,000 - 12 min');
    assert.equal(colour(), undefined);
    assert.equal(item.command, 'mediaBatch.showProgress');
    assert.deepEqual(String(item.tooltip).split('\n').slice(1), [
      'film/1999/: 62 %, 9,312 of 15,000 files finished',
      '8 done/s',
      '40 at Ittybit',
      '55 failed',
      '12 min left',
    ]);
    assert.equal(tell([busy]), '$(sync) 9,312 / 15,000', 'no number before there is one');
    assert.equal(tell([recordOf('c', { succeeded: 688 }), busy]), '$(sync) 10,000 / 30,000');
    assert.match(String(item.tooltip), /\n2 batches: 33 %/);
  });

  it('says why everything stands still', () => {
    const { tell, item, colour } = bench();
    const busy = recordOf('b', BUSY);
    const reason = 'Ittybit refuses the API key (HTTP 401)\u202e';
    assert.equal(tell([busy], { dispatch: dispatch({ reason }) }), '$(debug-pause) Paused: key refused');
    assert.equal(colour(), 'statusBarItem.warningBackground');
    assert.match(String(item.tooltip), /\nIttybit refuses the API key \(HTTP 401\)\\u\{202e\}\n/);
    const byHand = dispatch({ reason: 'by hand', by: 'operator' });
    assert.equal(tell([busy], { dispatch: byHand }), '$(debug-pause) Paused: by hand');
    assert.equal(colour(), undefined);
    const until = '2026-11-23T14:05:00.000Z';
    const waits = dispatch({ state: 'waiting', until, reason: "Ittybit's limit" });
    assert.equal(
      tell([busy], { dispatch: waits }),
      `$(watch) Waiting until ${formatTime(fixture().ui.vs, new Date(until))}`,
    );
    const held = (hold: typeof HOLD) => recordOf('b', BUSY, { brake: { disarmed: [], hold } });
    assert.equal(tell([held(HOLD)]), '$(debug-pause) Held: 10 files in a row ended so: n…');
    assert.equal(colour(), 'statusBarItem.warningBackground');
    assert.equal(tell([held(BY_HAND)]), '$(debug-pause) Held by hand');
    assert.equal(tell([held(HOLD), recordOf('c', BUSY)]), '$(sync) 18,624 / 30,000', 'another goes on');
  });

  it('says since when AWS is silent, and nothing old as if it were new', () => {
    const { tell, item, ui } = bench();
    const since = Date.parse('2026-11-23T08:31:00.000Z');
    const words = `$(debug-disconnect) AWS silent since ${formatTime(ui.vs, new Date(since))}`;
    assert.equal(tell([recordOf('b', BUSY)], { throughput: THROUGHPUT }, since), words);
    assert.match(String(item.tooltip), /9,312 of 15,000/);
    assert.equal(tell([recordOf('b', BUSY)]), '$(sync) 9,312 / 15,000');
  });

  it('says that a batch is done with failures, until it is opened or the next one begins', async () => {
    const { tell, status, stub, item } = bench();
    const done = recordOf('b', DONE);
    assert.equal(tell([done]), '$(warning) 1999/ done, 55 failed');
    assert.match(tell([recordOf('c', BUSY), done]), /^\$\(sync\)/);
    assert.equal(tell([recordOf('c', { succeeded: 15_000 }), done]), '', 'the newest is whole');
    tell([done]);
    await status.open();
    assert.equal(item.shown, false);
    assert.equal(tell([done]), '');
    assert.deepEqual(stub.executed.at(-1)?.id, 'mediaBatch.batches.focus');
    const again = recordOf('b', { ...DONE, dead: 24, succeeded: 14_946 });
    assert.equal(tell([again]), '$(warning) 1999/ done, 54 failed', 'another end, after a retry');
    assert.equal(tell([recordOf('b', DONE, { brake: { disarmed: [], ...CANCELLED } })]), '');
    assert.equal(tell([]), '');
  });

  it('opens the Pipeline view while something is at work', async () => {
    const { tell, status, stub } = bench();
    tell([recordOf('b', BUSY)]);
    await status.open();
    assert.deepEqual(stub.executed.at(-1)?.id, 'mediaBatch.pipeline.focus');
  });

  it('looks at what is at work while the window has the focus, also a batch that is held, and no longer', () => {
    const { tell, watch, stub } = bench();
    assert.equal(watch.demanded.size, 0);
    tell([recordOf('b', BUSY, { brake: { disarmed: [], hold: HOLD } })]);
    assert.deepEqual([...watch.demanded], ['batches']);
    stub.focus(false);
    assert.equal(watch.demanded.size, 0);
    stub.focus(true);
    assert.equal(watch.demanded.size, 1);
    tell([recordOf('b', DONE)]);
    assert.equal(watch.demanded.size, 0);
  });

  it('looks at once where a batch was at work when a window last looked', async () => {
    const made = fixture();
    const { session } = made.connection;
    await new KnownStacks(made.ui.memory.global).note(session, { moving: ['b'] });
    const status = new BatchStatus(made.ui);
    assert.equal(made.watch.demanded.size, 0);
    made.connection.become({ kind: 'ready', session });
    assert.deepEqual([...made.watch.demanded], ['batches']);
    status.dispose();
    assert.equal(made.watch.demanded.size, 0);
  });

  it('is not there without a login', () => {
    const { tell, item, connection } = bench();
    tell([recordOf('b', BUSY)]);
    connection.become({ kind: 'not-set-up' });
    assert.equal(item.shown, false);
  });
});
