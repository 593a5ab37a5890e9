import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { Status } from '../../../../src/core/batch/result-item.ts';
import { deleteRecordsCommand } from '../../../../src/ui/batches/delete-records.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { FakeBatches } from '../../../helpers/fakes.ts';
import { MemoryEraser } from '../../../helpers/memory-eraser.ts';
import { MemoryLedger } from '../../../helpers/memory-ledger.ts';
import { batchNode } from '../../../helpers/ui/batch-marks.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';
import { failed } from '../../../helpers/ui/failures-world.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';

const YES: Answer = ({ modal }) => (modal ? 'Delete Records' : undefined);

/** A table with the batch `b1`, which is over. */
function bench(counts: Partial<Record<Status, number>>, answer: Answer = YES) {
  const ledger = new MemoryLedger();
  const eraser = new MemoryEraser(ledger);
  for (const [status, count] of Object.entries(counts) as [Status, number][]) {
    for (let i = 0; i < count; i += 1) ledger.put(failed(`${status} ${i}.mov`, { status, unclear: false }));
  }
  const batches = new FakeBatches();
  batches.metas.set('b1', metaOf('b1', { prefix: '1999/' }));
  eraser.metas.set('b1', metaOf('b1', { prefix: '1999/' }));
  Object.assign(batches, {
    read: eraser.read.bind(eraser),
    results: eraser.results.bind(eraser),
    resultsOf: eraser.resultsOf.bind(eraser),
  });
  const services = { batches, eraser, ledgers: { of: () => ledger } };
  const made = fixture(answer, { existing: stackOf('UPDATE_COMPLETE'), services });
  let drawn = 0;
  const pause = { run: async (): Promise<unknown> => Promise.resolve() };
  const run = (node = batchNode('b1')) =>
    deleteRecordsCommand(
      made.ui,
      () => (drawn += 1),
      node,
      () => pause.run(),
    );
  return { ...made, ledger, eraser, run, pause, drawn: () => drawn };
}

describe('Delete Batch Records', () => {
  it('says first what is deleted, what stays, and that nothing is paid again', async () => {
    const { run, stub, eraser } = bench(
      { failed: 2, covered: 3, cancelled: 1, succeeded: 4, dead: 1 },
      () => undefined,
    );
    await assert.rejects(run(), { name: 'AbortError' });
    const [question] = stub.shown;
    assert.equal(question?.text, 'Delete the records of the batch of s3://film/1999/?');
    assert.deepEqual(question.choices, ['Delete Records']);
    const detail = question.detail ?? '';
    assert.match(detail, /2 failed, 3 covered and 1 cancelled files/);
    assert.match(detail, /Dead files: 1\. They end as cancelled/);
    assert.match(detail, /Kept: the records of 4 files that succeeded.*nothing is paid again/);
    assert.ok(eraser.metas.get('b1') && !eraser.metas.get('b1')?.deleting);
  });

  it('deletes them with progress, draws the list anew, and says what stays', async () => {
    const { run, stub, eraser, drawn, watch } = bench({ failed: 30, succeeded: 2 });
    await run();
    assert.equal(eraser.metas.size, 0);
    assert.deepEqual([drawn(), watch.refreshes], [1, 1]);
    assert.match(stub.progress.join('\n'), /waiting for calls in flight\n.*25 deleted\n.*30 deleted/);
    assert.equal(
      stub.shown.at(-1)?.text,
      'The records of batch b1 are deleted: 30 files. 2 stay, so that nothing is paid again.',
    );
    assert.match(stub.logged.join('\n'), /delete records of b1: .*"deleted":30,"kept":2/);
  });

  it('stops on Cancel, and goes on when it is run again', async () => {
    const { run, stub, eraser, ledger, pause } = bench({ failed: 30 });
    pause.run = async () => {
      stub.cancel();
      await setImmediate();
    };
    await run();
    assert.match(stub.shown.at(-1)?.text ?? '', /^Stopped: 25 records of batch b1 are deleted\. Run /);
    assert.equal(ledger.counts.get('b1')?.failed, 5);
    pause.run = async () => Promise.resolve();
    await run();
    assert.equal(eraser.metas.size, 0);
  });

  it('refuses a batch that is not over before it asks', async () => {
    const { run, stub } = bench({ submitted: 1, succeeded: 4 });
    await assert.rejects(run(), /Batch b1 is not over/);
    assert.deepEqual(stub.shown, []);
  });
});
