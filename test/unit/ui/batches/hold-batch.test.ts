import assert from 'node:assert/strict';
import { holdBatchCommand, resumeBatchCommand } from '../../../../src/ui/batches/hold-batch.ts';
import { olderOutputs, OUTPUT_VALUES, stackOf } from '../../../helpers/fake-stacks.ts';
import { batchNode, BY_HAND, CANCELLED, HOLD, marksFixture } from '../../../helpers/ui/batch-marks.ts';
import type { Script } from '../../../helpers/ui/enqueue-fixture.ts';

const TABLE = OUTPUT_VALUES['ResultsTableName'];
const YES: Script = { 'Resume the batch': 'Resume Anyway' };
const FIRST: Script = { '': ({ choices }) => choices[0] };

describe('Hold Batch', () => {
  it('holds one batch without a question, and has the batches read again', async () => {
    const made = marksFixture({}, { b1: { sent: 3 }, b2: { sent: 3 } });
    await holdBatchCommand(made.ui, batchNode('b1'));
    const [[what, table, batch, hold] = []] = made.marks;
    assert.deepEqual([made.marks.length, what, table, batch], [1, 'hold', TABLE, 'b1']);
    assert.deepEqual((hold as typeof HOLD).cause, 'operator');
    assert.equal(made.watch.refreshes, 1);
    assert.deepEqual(
      made.stub.shown.map(({ text }) => text),
      ['Batch b1 is held: its files wait in the queue, and other batches go on.'],
    );
  });

  it('offers only what is on its way and not stopped, from the palette', async () => {
    const made = marksFixture(FIRST, {
      open: { sent: 3, counts: { dead: 1 } },
      held: { sent: 3, brake: { hold: HOLD } },
      gone: { sent: 3, brake: CANCELLED },
      ended: { sent: 1, counts: { dead: 1 } },
    });
    await holdBatchCommand(made.ui);
    assert.equal(made.stub.shown[0]?.items?.length, 1);
    assert.equal(made.marks[0]?.[2], 'open');
    const none = marksFixture(FIRST, { gone: { sent: 3, brake: CANCELLED } });
    await holdBatchCommand(none.ui);
    assert.equal(none.said(), 'No batch has files on their way.');
  });

  it('is refused for what is held, cancelled or ended, and for a stack that knows no hold', async () => {
    const made = marksFixture(
      {},
      {
        open: { sent: 3 },
        held: { sent: 3, brake: { hold: HOLD } },
        gone: { sent: 3, brake: CANCELLED },
        ended: { sent: 1, counts: { succeeded: 1 } },
      },
    );
    const hold = (batch: string): Promise<void> => holdBatchCommand(made.ui, batchNode(batch));
    await assert.rejects(hold('held'), {
      code: 'invalid-input',
      message: /already, held: 10 files in a row .*\(.*2026.*, by the consumer\)\.$/,
    });
    await assert.rejects(hold('gone'), {
      code: 'invalid-input',
      message: /is cancelled \(.*2026.*, by hand\): "Enqueue the Rest…"/,
    });
    await assert.rejects(hold('ended'), { code: 'invalid-input', message: /has ended/ });
    made.fake.stacks.stack = stackOf('UPDATE_COMPLETE', { outputs: olderOutputs() });
    await assert.rejects(hold('open'), { code: 'unsupported', message: /"Deploy Pipeline…" to update/ });
    assert.deepEqual(made.marks, []);
  });
});

describe('Resume Batch', () => {
  it('asks first where a cause has held it: it quotes the reason, and says what follows', async () => {
    const made = marksFixture({}, { b1: { sent: 3, brake: { hold: HOLD } } });
    await assert.rejects(resumeBatchCommand(made.ui, batchNode('b1')), { name: 'AbortError' });
    const [question] = made.stub.shown;
    assert.deepEqual(
      [question?.text, question?.modal, question?.choices],
      ['Resume the batch of s3://film/1999/ anyway?', true, ['Resume Anyway']],
    );
    const lines = (question?.detail ?? '').split('\n');
    assert.match(lines[3] ?? '', /^Held .*2026.*, by the consumer$/);
    assert.equal(lines[4], '10 files in a row ended so: no connection] (command:x) \\u{202e}conn_42');
    assert.deepEqual(lines.slice(6), [
      'This cause no longer holds the batch; another one still does.',
      'Its files come back from the queue within minutes to hours, the longer the hold, the later.',
    ]);
    assert.deepEqual(made.marks, []);
  });

  it('disarms that cause', async () => {
    const made = marksFixture(YES, { b1: { sent: 3, brake: { hold: HOLD } } });
    await resumeBatchCommand(made.ui, batchNode('b1'));
    assert.deepEqual(made.marks, [['endHold', TABLE, 'b1', HOLD.cause]]);
    assert.equal(made.watch.refreshes, 1);
    assert.equal(made.said(), 'Batch b1 is resumed. Its files come back within minutes to hours.');
  });

  it('asks nothing where the user held it, and disarms nothing', async () => {
    const made = marksFixture({}, { b1: { sent: 3, brake: { hold: BY_HAND } } });
    await resumeBatchCommand(made.ui, batchNode('b1'));
    assert.deepEqual(made.marks, [['endHold', TABLE, 'b1', undefined]]);
    assert.equal(made.stub.shown.length, 1);
  });

  it('offers only held batches, with why they stand still, from the palette', async () => {
    const made = marksFixture(FIRST, {
      b1: { sent: 3, brake: { hold: { ...HOLD, reason: 'a $(alert) b' } } },
      open: { sent: 3 },
      gone: { sent: 3, brake: { ...CANCELLED, hold: HOLD } },
    });
    await resumeBatchCommand(made.ui);
    assert.deepEqual(
      made.stub.shown[0]?.items?.map(({ detail }) => detail),
      ['held: a \\$(alert) b'],
    );
    assert.equal(made.marks[0]?.[2], 'b1');
    const none = marksFixture(FIRST, { open: { sent: 3 } });
    await resumeBatchCommand(none.ui);
    assert.equal(none.said(), 'No batch is held.');
  });

  it('is refused for what is not held or is cancelled, and for a stack that knows no hold', async () => {
    const made = marksFixture(YES, {
      open: { sent: 3 },
      b1: { sent: 3, brake: { hold: HOLD } },
      gone: { sent: 3, brake: { ...CANCELLED, hold: HOLD } },
    });
    const resume = (batch: string): Promise<void> => resumeBatchCommand(made.ui, batchNode(batch));
    await assert.rejects(resume('open'), { code: 'invalid-input', message: /is not held/ });
    await assert.rejects(resume('gone'), { code: 'invalid-input', message: /is cancelled/ });
    made.fake.stacks.stack = stackOf('UPDATE_COMPLETE', { outputs: olderOutputs() });
    await assert.rejects(resume('b1'), { code: 'unsupported' });
    assert.deepEqual(made.marks, []);
  });
});
