import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { zeroCounts, type BatchMeta, type BatchRecord } from '../../../../src/core/batch/batch.ts';
import { noticeInterrupted } from '../../../../src/ui/batches/interrupted-notice.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { FakeBatches } from '../../../helpers/fakes.ts';
import { CANCELLED } from '../../../helpers/ui/batch-marks.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

function recordOf(id: string, sent: number, change: Partial<BatchMeta> = {}, done = false): BatchRecord {
  const checkpoint = { shard: 0, lastKey: 'z', listed: sent, sent, skipped: {}, done };
  const meta = metaOf(id, { prefix: '1999/', planned: 50_000, ...change });
  return { meta, checkpoints: sent > 0 ? [checkpoint] : [], counts: zeroCounts() };
}

/** A table with these batches, which are read again after the wait; the test ends the wait. */
function bench(answer?: Answer) {
  const records = new Map<string, BatchRecord>();
  const batches = new FakeBatches();
  batches.read = async (_table, id) => records.get(id) ?? assert.fail(id);
  const made = fixture(answer, { existing: stackOf('CREATE_COMPLETE'), services: { batches } });
  const waits: (() => void)[] = [];
  const notice = noticeInterrupted(made.ui, (ms) => {
    assert.ok(ms >= 10_000);
    return new Promise<void>((resolve) => waits.push(resolve));
  });
  made.connection.become({ kind: 'ready', session: made.connection.session });
  const read = async (...found: readonly BatchRecord[]): Promise<void> => {
    for (const record of found) if (record.meta) records.set(record.meta.batch, record);
    made.watch.tell({
      reading: { batches: new Map(records), problems: {}, busy: false },
      error: undefined,
    });
    await setImmediate();
  };
  const endWait = async (): Promise<void> => {
    for (const end of waits.splice(0)) end();
    for (let turns = 0; turns < 10; turns += 1) await setImmediate();
  };
  const texts = () => made.stub.shown.map(({ text }) => text);
  return { ...made, notice, records, read, endWait, texts, waits };
}

describe('the notice of an interrupted enqueue', () => {
  it('says where it stopped, with the planned total, and asks once for a batch', async () => {
    const { read, endWait, texts, stub, waits } = bench();
    await read(recordOf('b1', 12_000));
    assert.deepEqual(texts(), [], 'it may still run in another window');
    await endWait();
    const text = 'The enqueue of film/1999/ was interrupted at 12,000 of about 50,000 files.';
    assert.deepEqual(texts(), [text]);
    assert.deepEqual(stub.shown[0]?.choices, ['Resume', 'Not Now', 'Cancel Batch…']);
    await read(recordOf('b1', 12_000));
    assert.equal(waits.length, 0);
    assert.deepEqual(texts(), [text]);
  });

  it('is not shown for one that another window continues, or has finished or cancelled meanwhile', async () => {
    const { read, endWait, texts, records } = bench();
    await read(recordOf('b1', 1_000), recordOf('b2', 1_000), recordOf('b3', 1_000));
    records.set('b1', recordOf('b1', 2_000));
    records.set('b2', recordOf('b2', 1_000, {}, true));
    records.set('b3', recordOf('b3', 1_000, { brake: { disarmed: [], ...CANCELLED } }));
    await endWait();
    assert.deepEqual(texts(), []);
  });

  it('is not shown for a batch that is finished, cancelled, without a record, or sent by this window', async () => {
    const { read, texts, waits, ui } = bench();
    ui.enqueues.set('own', {
      progress: { batch: 'own', listed: 9, sent: 9, skipped: {} },
      stop: () => undefined,
    });
    ui.enqueues.set('own', undefined);
    await read(
      recordOf('done', 9, {}, true),
      recordOf('gone', 9, { brake: { disarmed: [], ...CANCELLED } }),
      recordOf('own', 9),
      { meta: undefined, checkpoints: [], counts: zeroCounts() },
    );
    assert.equal(waits.length, 0);
    assert.deepEqual(texts(), []);
  });

  it('is not shown for one that Step Functions enqueues, which no window has to continue', async () => {
    const { read, endWait, texts, waits } = bench();
    const record = recordOf('b1', 5);
    const run = { execution: 'arn:execution', ordinal: 0 };
    await read({ ...record, checkpoints: record.checkpoints.map((each) => ({ ...each, run })) });
    assert.equal(waits.length, 0);
    await endWait();
    assert.deepEqual(texts(), []);
  });

  it('is one for several, and names no total that was not counted', async () => {
    const { read, endWait, texts } = bench();
    await read(recordOf('b1', 0), recordOf('b2', 9));
    await endWait();
    await read(recordOf('b3', 7, { planned: undefined, prefix: 'a](command:x)\u202e/' }));
    await endWait();
    assert.deepEqual(texts(), [
      '2 enqueues were interrupted: their rows can resume or cancel them.',
      'The enqueue of film/a] (command:x)\\u{202e}/ was interrupted after 7 files.',
    ]);
  });

  it('resumes or cancels the batch, and does nothing on Not Now', async () => {
    for (const [button, command] of [
      ['Resume', 'mediaBatch.resumeEnqueue'],
      ['Cancel Batch…', 'mediaBatch.cancelBatch'],
      ['Not Now', undefined],
    ] as const) {
      const { read, endWait, stub } = bench(() => button);
      await read(recordOf('b1', 5));
      await endWait();
      const ours = stub.executed.filter(({ id }) => id.startsWith('mediaBatch.'));
      assert.deepEqual(
        ours.map(({ id, args }) => [id, (args[0] as { data: unknown }).data]),
        command ? [[command, { batch: 'b1' }]] : [],
      );
    }
  });

  it('says in the log why it could not look, and looks again after the next reading', async () => {
    const { read, endWait, texts, stub, records } = bench();
    await read(recordOf('b1', 5));
    records.clear();
    await endWait();
    assert.deepEqual(texts(), []);
    assert.match(stub.logged.join('\n'), /^warn: whether an enqueue was interrupted is not known/m);
    await read(recordOf('b1', 5));
    await endWait();
    assert.equal(texts().length, 1);
  });
});
