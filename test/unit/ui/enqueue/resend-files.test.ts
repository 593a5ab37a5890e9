import assert from 'node:assert/strict';
import { zeroCounts } from '../../../../src/core/batch/batch.ts';
import { isRedriven } from '../../../../src/core/batch/dead-letter.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { resendFilesCommand } from '../../../../src/ui/enqueue/resend-files.ts';
import { OUTPUT_VALUES } from '../../../helpers/fake-stacks.ts';
import { enqueueFixture, metaOf, QUEUE, type Script } from '../../../helpers/ui/enqueue-fixture.ts';

const DEAD_LETTERS = String(OUTPUT_VALUES['DeadLetterQueueUrl']);
const YES: Script = { 'Send ': 'Send Again' };
const AT = '2026-11-23T15:00:00.000Z';

/** Batches with dead files, by their keys. */
function bench(script: Script, dead: Readonly<Record<string, readonly string[]>>) {
  const made = enqueueFixture([], script);
  for (const id of Object.keys(dead)) made.batches.metas.set(id, metaOf(id));
  made.batches.items = Object.entries(dead).flatMap(([batch, keys]) =>
    keys.map(
      (key) => ({ batch, bucket: 'film', key, status: 'dead', attempts: 1, updated_at: AT }) as ResultItem,
    ),
  );
  made.batches.read = async (_table, id) => ({
    meta: made.batches.metas.get(id),
    checkpoints: [],
    counts: { ...zeroCounts(), dead: dead[id]?.length ?? 0 },
  });
  return { ...made, said: () => made.stub.shown.at(-1)?.text };
}

const row: ViewNode = { id: 'batch b1', label: 'x', tokens: ['batch', 'resendable'], data: { batch: 'b1' } };

describe('Send Dead Files Again', () => {
  it('sends those of all batches, after a question that says what is paid', async () => {
    const made = bench(YES, { b1: ['a.mp4', 'b.mp4'], b2: ['c.mp4'] });
    await resendFilesCommand(made.ui);
    const [question] = made.stub.shown;
    assert.equal(question?.text, 'Send 3 files again?');
    assert.match(
      question.detail ?? '',
      /^Account 111122223333.*\n2 batches\n3 dead, 0 waiting for another attempt\n\nTheir messages are gone/,
    );
    assert.match(question.detail ?? '', /Ittybit charges for the others, once each\.$/);
    assert.deepEqual(made.sent(), ['a.mp4', 'b.mp4', 'c.mp4']);
    assert.ok((made.queues.queues.get(QUEUE) ?? []).every(({ attributes }) => isRedriven(attributes)));
    assert.equal(made.said(), '3 files are in the queue again.');
  });

  it('sends those of one batch from its row', async () => {
    const made = bench(YES, { b1: ['a.mp4'], b2: ['c.mp4'] });
    await resendFilesCommand(made.ui, row);
    assert.match(made.stub.shown[0]?.detail ?? '', /\nBatch b1\n/);
    assert.deepEqual(made.sent(), ['a.mp4']);
    assert.equal(made.said(), '1 file is in the queue again.');
  });

  it('sends nothing after Escape, while there are letters, or where nothing is dead', async () => {
    const escaped = bench({ 'Send ': undefined }, { b1: ['a.mp4'] });
    await assert.rejects(resendFilesCommand(escaped.ui), { name: 'AbortError' });
    const letters = bench(YES, { b1: ['a.mp4'] });
    letters.queues.add(DEAD_LETTERS, { body: '{}' });
    await assert.rejects(resendFilesCommand(letters.ui), { code: 'queue-not-empty' });
    const none = bench(YES, { b1: [] });
    await assert.rejects(resendFilesCommand(none.ui), { code: 'nothing-to-enqueue' });
    assert.deepEqual([escaped.sent(), letters.sent(), none.sent()], [[], [], []]);
    assert.deepEqual([letters.stub.shown, none.stub.shown], [[], []]);
  });

  it('can be stopped, and says that another run sends the others', async () => {
    const made = bench(YES, { b1: ['a.mp4'] });
    made.queues.refuse = () => {
      made.stub.cancel();
      return [{ index: 0, code: 'Busy', message: 'later', senderFault: false }];
    };
    await resendFilesCommand(made.ui);
    assert.equal(made.said(), 'Stopped after 0 files, which stay sent. Run it again to send the others.');
  });
});
