import assert from 'node:assert/strict';
import { cancelBatchCommand } from '../../../../src/ui/batches/cancel-batch.ts';
import { olderOutputs, OUTPUT_VALUES, stackOf } from '../../../helpers/fake-stacks.ts';
import { batchNode, CANCELLED, HOLD, marksFixture } from '../../../helpers/ui/batch-marks.ts';
import type { Script } from '../../../helpers/ui/enqueue-fixture.ts';

const YES: Script = { 'Cancel the batch': 'Cancel Batch' };
const MIXED = {
  sent: 1300,
  counts: { succeeded: 6, failed: 1, dead: 1, submitted: 5, processing: 3, retrying: 4, waiting: 2 },
};
const PAUSED = { state: 'paused', reason: 'x', at: undefined, epoch: 1 } as const;
const WAITING = { ...PAUSED, state: 'waiting' } as const;

describe('Cancel Batch', () => {
  it('says first how many files are not sent, at Ittybit and done, and what follows', async () => {
    const made = marksFixture({}, { b1: MIXED });
    await assert.rejects(cancelBatchCommand(made.ui, batchNode('b1')), { name: 'AbortError' });
    const [question] = made.stub.shown;
    assert.deepEqual(
      [question?.text, question?.modal, question?.choices],
      ['Cancel the batch of s3://film/1999/?', true, ['Cancel Batch']],
    );
    assert.deepEqual((question?.detail ?? '').split('\n').slice(1), [
      'Batch b1, s3://film/1999/',
      '',
      'Not sent to Ittybit: 1,284. They end as cancelled, and are not paid.',
      'At Ittybit: 8. Their jobs run on and are paid, and their results come.',
      'Done: 8. They stay as they are.',
      '',
      'Other batches go on. This cannot be undone; "Enqueue the Rest…" can send the rest as a new batch.',
    ]);
    assert.deepEqual(made.marks, []);
  });

  it('marks that batch alone in the stack’s table, and has the counts read again', async () => {
    const made = marksFixture(YES, { b1: MIXED, b2: { sent: 9 } });
    const before = Date.now();
    await cancelBatchCommand(made.ui, batchNode('b1'));
    assert.equal(made.marks.length, 1);
    const [what, table, batch, mark] = made.marks[0] ?? [];
    assert.deepEqual([what, table, batch], ['cancel', OUTPUT_VALUES['ResultsTableName'], 'b1']);
    const { at, by } = mark as { at: string; by: string };
    assert.equal(by, 'operator');
    assert.ok(Date.parse(at) >= before);
    assert.equal(made.watch.refreshes, 1);
    assert.equal(made.said(), 'Batch b1 is cancelled: its files leave the queue without a job.');
  });

  for (const [dispatch, words] of [
    [PAUSED, 'Dispatch is paused: nothing is drained until it is resumed.'],
    [WAITING, 'Dispatch waits: nothing is drained until it goes on.'],
  ] as const) {
    it(`says before and after that nothing is drained while dispatch is ${dispatch.state}`, async () => {
      const made = marksFixture(YES, { b1: MIXED }, { dispatch });
      await cancelBatchCommand(made.ui, batchNode('b1'));
      assert.ok(made.stub.shown[0]?.detail?.split('\n').includes(words));
      assert.ok(made.said()?.endsWith(` ${words}`));
    });
  }

  it('says since when and by whom dispatch or the batch is stopped', async () => {
    const dispatch = { ...PAUSED, at: '2026-11-23T15:00:00.000Z', by: 'consumer' };
    const made = marksFixture(YES, { b1: { ...MIXED, brake: { hold: HOLD } } }, { dispatch });
    await cancelBatchCommand(made.ui, batchNode('b1'));
    const detail = made.stub.shown[0]?.detail ?? '';
    assert.match(detail, /\nHeld .*2026.*, by the consumer\n10 files in a row ended so: no connection\] \(/);
    assert.match(detail, /\nDispatch is paused: .*\nSince .*2026.*, by the consumer\.\n/);
  });

  it('is not hindered by a state of dispatch that cannot be read', async () => {
    const made = marksFixture(YES, { b1: MIXED });
    made.fake.services.dispatch.mapping = async () => Promise.reject(new Error('denied'));
    await cancelBatchCommand(made.ui, batchNode('b1'));
    assert.equal(made.marks.length, 1);
    assert.doesNotMatch(made.stub.shown[0]?.detail ?? '', /Dispatch/);
  });

  it('says that an enqueue which has not finished sends no more', async () => {
    const made = marksFixture({}, { b1: { ...MIXED, done: false } });
    await assert.rejects(cancelBatchCommand(made.ui, batchNode('b1')));
    assert.match(made.stub.shown[0]?.detail ?? '', /has not sent the whole prefix, and sends no more\.\n/);
  });

  it('offers what is on its way, also what this window sends, from the palette', async () => {
    const made = marksFixture(
      { ...YES, '': ({ choices }) => choices[0] },
      {
        open: { sent: 9, counts: { succeeded: 2 } },
        ended: { sent: 3, counts: { succeeded: 3 } },
        gone: { sent: 3, brake: CANCELLED },
      },
    );
    const progress = { batch: 'open', listed: 9, sent: 9, skipped: {} };
    made.ui.enqueues.set('open', { progress, stop: () => undefined });
    await cancelBatchCommand(made.ui);
    const pick = made.stub.shown.find(({ kind }) => kind === 'pick');
    assert.deepEqual(
      pick?.items?.map(({ label, detail }) => [label, detail]),
      [['s3://film/1999/', '2 of 9 files ended']],
    );
    assert.equal(made.marks[0]?.[2], 'open');
    const none = marksFixture(YES, { ended: { sent: 3, counts: { succeeded: 3 } } });
    await cancelBatchCommand(none.ui);
    assert.equal(none.said(), 'No batch has files on their way.');
  });

  it('is refused for what has ended, is cancelled or has no record, and for a stack that knows no mark', async () => {
    const made = marksFixture(YES, {
      ended: { sent: 3, counts: { succeeded: 3 } },
      gone: { sent: 3, brake: CANCELLED },
      open: { sent: 3 },
    });
    const cancel = (batch: string): Promise<void> => cancelBatchCommand(made.ui, batchNode(batch));
    await assert.rejects(cancel('ended'), { code: 'invalid-input', message: /nothing to cancel/ });
    await assert.rejects(cancel('gone'), {
      code: 'invalid-input',
      message: /cancelled already \(.*2026.*, by hand\)/,
    });
    await assert.rejects(cancel('a\u202eb'), { code: 'invalid-input', message: /a\\u\{202e\}b/ });
    made.fake.stacks.stack = stackOf('UPDATE_COMPLETE', { outputs: olderOutputs() });
    await assert.rejects(cancel('open'), { code: 'unsupported', message: /"Deploy Pipeline…" to update/ });
    assert.deepEqual([made.marks, made.stub.shown], [[], []]);
  });
});
