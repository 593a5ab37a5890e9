import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { BatchMeta, BatchRecord } from '../../../../src/core/batch/batch.ts';
import { zeroCounts } from '../../../../src/core/batch/batch.ts';
import type { Page } from '../../../../src/core/page.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { noticeEnds } from '../../../../src/ui/batches/end-notice.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { FakeBatches } from '../../../helpers/fakes.ts';
import { CANCELLED, HOLD, type GivenBatch } from '../../../helpers/ui/batch-marks.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

type Given = Readonly<Record<string, GivenBatch>>;

const MOVES: GivenBatch = { sent: 10, counts: { succeeded: 4, submitted: 6 } };
const DONE: GivenBatch = { sent: 10, counts: { succeeded: 10 } };

function recordOf(id: string, { sent, counts, done = true, brake, meta }: GivenBatch): BatchRecord {
  const stopped = brake && { brake: { disarmed: [], ...brake } };
  const checkpoint = { shard: 0, lastKey: 'z', listed: sent, sent, skipped: {}, done };
  return {
    meta: metaOf(id, { prefix: '1999/', ...meta, ...stopped }),
    checkpoints: [checkpoint],
    counts: { ...zeroCounts(), ...counts },
  };
}

/** The notice of one window. @param memory that of an earlier or another window */
function bench(answer?: Answer, memory?: ReturnType<typeof fixture>['ui']['memory']) {
  const batches = new FakeBatches();
  const made = fixture(answer, { existing: stackOf('UPDATE_COMPLETE'), services: { batches } });
  const ui = { ...made.ui, ...(memory && { memory }) };
  const notice = noticeEnds(ui);
  const connect = () => {
    made.connection.become({ kind: 'ready', session: made.connection.session });
  };
  connect();
  const tell = async (given: Given, neverClaimed: readonly string[] = []): Promise<void> => {
    const read = new Map(Object.entries(given).map(([id, batch]) => [id, recordOf(id, batch)]));
    const reading = { batches: read, neverClaimed: new Set(neverClaimed), problems: {}, busy: false };
    made.watch.tell({ reading, error: undefined });
    for (let turns = 0; turns < 5; turns += 1) await setImmediate();
  };
  const texts = () => made.stub.shown.map(({ text }) => text);
  return { ...made, ui, batches, notice, tell, texts, connect };
}

function ended(change: Partial<ResultItem>): ResultItem {
  const at = '2026-11-23T12:00:01.000Z';
  const item = {
    bucket: 'film',
    key: '1999/a.mp4',
    batch: 'b1',
    status: 'succeeded',
    kind: 'video',
  } as const;
  return { ...item, attempts: 1, run: 1, created_at: at, updated_at: at, rev: 1, ...change };
}

describe('the notice of batches that end', () => {
  it('says once how the files of a batch ended, and how long that took', async () => {
    const { tell, texts, stub, batches } = bench();
    batches.items = [
      ended({ completed_at: '2026-11-23T12:03:20.000Z', updated_at: '2026-11-24T09:00:00.000Z' }),
      ended({ key: 'b', status: 'failed', updated_at: '2026-11-23T12:02:00.000Z' }),
    ];
    const sent = 6060;
    const counts = { succeeded: 6000, failed: 55, covered: 4, cancelled: 1 };
    await tell({ b1: { sent, counts: { ...counts, succeeded: 5990, processing: 10 } } });
    assert.deepEqual(texts(), []);
    for (let looks = 0; looks < 3; looks += 1) await tell({ b1: { sent, counts } });
    const words = '6,000 succeeded, 55 failed, 1 cancelled, 4 done by other batches, 3 min 20 s';
    assert.deepEqual(texts(), [`1999/ is done: ${words}.`]);
    assert.deepEqual([stub.shown[0]?.kind, stub.shown[0]?.choices], ['warning', ['Show', 'Failures']]);
  });

  it('is no warning where every file has its result, and names a batch of a whole bucket by the bucket', async () => {
    const { tell, texts, stub } = bench();
    const meta: Partial<BatchMeta> = { prefix: '', bucket: 'film](command:x)' };
    await tell({ b1: { ...MOVES, meta } });
    await tell({ b1: { ...DONE, meta } });
    assert.deepEqual(texts(), ['film] (command:x) is done: 10 succeeded.']);
    assert.equal(stub.shown[0]?.kind, 'info');
  });

  it('says again how it ended after a redrive has moved it once more', async () => {
    const { tell, texts } = bench();
    const dead = { sent: 10, counts: { succeeded: 8, dead: 2 } };
    for (const given of [MOVES, dead, { sent: 10, counts: { succeeded: 8, submitted: 2 } }, DONE, DONE]) {
      await tell({ b1: given });
    }
    assert.deepEqual(texts(), [
      '1999/ is done: 8 succeeded, 2 dead letters.',
      '1999/ is done: 10 succeeded.',
    ]);
  });

  it('is one message for several that end between two looks', async () => {
    const { tell, texts, stub } = bench();
    await tell({ b1: MOVES, b2: MOVES, b3: MOVES, b4: MOVES });
    const dead = { sent: 10, counts: { succeeded: 8, dead: 2 } };
    await tell({ b1: DONE, b2: DONE, b3: dead, b4: MOVES });
    assert.deepEqual(texts(), ['3 batches are done: 28 succeeded, 2 dead letters.']);
    assert.deepEqual([stub.shown[0]?.kind, stub.shown[0]?.choices], ['warning', ['Show', 'Failures']]);
  });

  it('says nothing of what had ended before, was cancelled, is held, or has sent nothing', async () => {
    const { tell, texts } = bench();
    const empty = { sent: 0 };
    await tell({ old: DONE, gone: MOVES, held: MOVES, empty: { ...empty, done: false } });
    const held = { ...MOVES, brake: { hold: HOLD } };
    await tell({ old: DONE, gone: { ...DONE, brake: CANCELLED }, held, empty });
    await tell({ old: DONE, gone: { ...DONE, brake: CANCELLED }, held, empty }, ['gone']);
    assert.deepEqual(texts(), []);
  });

  it('tells an end that came while no window was open, and none twice for two windows', async () => {
    const first = bench();
    await first.tell({ b1: MOVES });
    first.notice.dispose();
    const second = bench(undefined, first.ui.memory);
    const third = bench(undefined, first.ui.memory);
    assert.deepEqual([...second.watch.demanded], ['batches'], 'it is looked at without a view');
    await second.tell({ b1: DONE });
    assert.deepEqual([...second.watch.demanded], []);
    await third.tell({ b1: MOVES });
    await third.tell({ b1: DONE });
    assert.deepEqual([first.texts(), second.texts().length, third.texts()], [[], 1, []]);
  });

  it('tells the end of a batch that this window sent and that was never read while it moved', async () => {
    const { tell, texts, ui } = bench();
    const progress = { batch: 'b1', listed: 10, sent: 10, skipped: {} };
    ui.enqueues.set('b1', { progress, stop: () => undefined });
    await tell({});
    ui.enqueues.set('b1', undefined);
    await tell({ b1: DONE });
    assert.deepEqual(texts(), ['1999/ is done: 10 succeeded.']);
  });

  it('says that a batch stands still whose last files were never claimed, and later that it is done', async () => {
    const { tell, texts, stub } = bench();
    const lost = { sent: 10, counts: { succeeded: 9 } };
    await tell({ b1: lost });
    await tell({ b1: { sent: 10, counts: { succeeded: 8, submitted: 1 } } }, ['b1']);
    assert.deepEqual(texts(), []);
    await tell({ b1: lost }, ['b1']);
    await tell({ b1: lost }, ['b1']);
    assert.deepEqual(texts(), ['1999/ stands still: 9 succeeded, 1 never claimed.']);
    assert.equal(stub.shown[0]?.kind, 'warning');
    await tell({ b1: DONE });
    assert.equal(texts()[1], '1999/ is done: 10 succeeded.');
  });

  it('names no time where it cannot be read, and bears what another version has kept', async () => {
    const { tell, texts, batches, stub, ui, connection } = bench();
    batches.results = async (): Promise<Page<ResultItem>> => Promise.reject(new Error('denied'));
    await tell({ b1: MOVES });
    await tell({ b1: DONE });
    assert.deepEqual(texts(), ['1999/ is done: 10 succeeded.']);
    assert.ok(stub.logged.some((line) => line.startsWith('debug: when batch b1 ended is not known: denied')));
    const stacks = ui.memory.global.get<Record<string, object>>('stacks') ?? {};
    const [id = ''] = Object.keys(stacks);
    await ui.memory.global.update('stacks', { [id]: { moving: 'b1', ends: 7 } });
    connection.become({ kind: 'ready', session: connection.session });
    await tell({ b1: DONE });
    assert.equal(texts().length, 1);
  });

  it('shows the batches or the dead letters', async () => {
    for (const [index, command] of ['mediaBatch.batches.focus', 'mediaBatch.showDeadLetters'].entries()) {
      const { tell, stub } = bench(({ choices }) => choices[index]);
      await tell({ b1: MOVES });
      await tell({ b1: { sent: 10, counts: { dead: 10 } } });
      const executed = stub.executed.map(({ id }) => id).filter((id) => id !== 'setContext');
      assert.deepEqual(executed, [command]);
    }
  });
});
