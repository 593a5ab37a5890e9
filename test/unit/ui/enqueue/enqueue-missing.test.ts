import assert from 'node:assert/strict';
import { zeroCounts, type BatchRecord } from '../../../../src/core/batch/batch.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { enqueueMissingCommand } from '../../../../src/ui/enqueue/enqueue-missing.ts';
import { olderOutputs, stackOf } from '../../../helpers/fake-stacks.ts';
import { enqueueFixture, metaOf, QUEUE, type Script } from '../../../helpers/ui/enqueue-fixture.ts';

const FILM = ['1999/a.mp4', '1999/b.mp4', '1999/c.mp4', '2000/d.mp4'];
const GO = 'Enqueue the Missing';
const YES: Script = { 'Send the': GO };

/** Batches of the prefix `1999/`, each with what it sent and what was counted of that. */
function bench(
  script: Script,
  batches: Readonly<
    Record<string, { sent: number; counts?: Partial<Record<Status, number>>; done?: boolean }>
  >,
) {
  const made = enqueueFixture(FILM, script);
  for (const id of Object.keys(batches)) made.batches.metas.set(id, metaOf(id, { prefix: '1999/' }));
  made.batches.read = async (_table, id): Promise<BatchRecord> => {
    const { sent = 0, counts, done = true } = batches[id] ?? {};
    const checkpoint = { shard: 0, lastKey: 'z', listed: sent, sent, skipped: {}, done };
    return {
      meta: made.batches.metas.get(id),
      checkpoints: [checkpoint],
      counts: { ...zeroCounts(), ...counts },
    };
  };
  const has = (...keys: string[]): void => {
    made.batches.items = keys.map(
      (key) => ({ batch: 'b1', bucket: 'film', key, status: 'succeeded' }) as ResultItem,
    );
  };
  const said = () => made.stub.shown.at(-1)?.text;
  return { ...made, has, said };
}

const row: ViewNode = { id: 'batch b1', label: 'x', tokens: ['batch', 'missing'], data: { batch: 'b1' } };

describe('Enqueue the Missing', () => {
  it('sends what the batch has no item of, after a question that says what is paid', async () => {
    const made = bench(YES, { b1: { sent: 3, counts: { succeeded: 1 } } });
    made.has('1999/b.mp4');
    await enqueueMissingCommand(made.ui, row);
    const [question] = made.stub.shown;
    assert.equal(question?.text, 'Send the 2 files again that were sent and never claimed?');
    assert.match(question.detail ?? '', /^Account 111122223333.*\nBatch b1, s3:\/\/film\/1999\/\n\n/);
    assert.match(question.detail ?? '', /charges for what no other batch has done, or is doing\.$/);
    assert.deepEqual(made.sent(), ['1999/a.mp4', '1999/c.mp4']);
    assert.equal(made.said(), '2 files are in the queue again.');
    assert.deepEqual(made.batches.saved, []);
  });

  it('says how many were not found again', async () => {
    const made = bench(YES, { b1: { sent: 20, counts: { succeeded: 2 } } });
    made.has('1999/a.mp4', '1999/b.mp4');
    await enqueueMissingCommand(made.ui, row);
    assert.equal(
      made.said(),
      '1 file is in the queue again. 17 were not found: they were deleted, or do not match any more.',
    );
  });

  it('says how many are left out because they are done', async () => {
    const made = bench(YES, { b1: { sent: 3 }, b2: { sent: 3 } });
    const filter = { not_yet_done: true };
    made.batches.metas.set('b1', metaOf('b1', { prefix: '1999/', filter }));
    made.batches.items = [
      { batch: 'b2', bucket: 'film', key: '1999/a.mp4', status: 'succeeded' } as ResultItem,
    ];
    await enqueueMissingCommand(made.ui, row);
    assert.equal(made.said(), '2 files are in the queue again. 1 are done or under way in other batches.');
  });

  it('says what an older stack charges for', async () => {
    const made = bench(YES, { b1: { sent: 3 } });
    made.fake.stacks.stack = stackOf('CREATE_COMPLETE', { outputs: olderOutputs() });
    await enqueueMissingCommand(made.ui, row);
    assert.match(made.stub.shown[0]?.detail ?? '', /Ittybit charges for each of them\.$/);
  });

  it('sends nothing after Escape, while the queue holds messages, or where nothing is missing', async () => {
    const escaped = bench({ 'Send the': undefined }, { b1: { sent: 3 } });
    await assert.rejects(enqueueMissingCommand(escaped.ui, row), { name: 'AbortError' });
    const busy = bench(YES, { b1: { sent: 3 } });
    busy.queues.add(QUEUE, { body: '{"key":"other"}' });
    await assert.rejects(enqueueMissingCommand(busy.ui, row), { code: 'queue-not-empty' });
    const whole = bench(YES, { b1: { sent: 3, counts: { covered: 3 } } });
    await assert.rejects(enqueueMissingCommand(whole.ui, row), { code: 'nothing-to-enqueue' });
    assert.deepEqual([escaped.sent(), busy.sent(), whole.sent()], [[], ['other'], []]);
    assert.deepEqual([busy.stub.shown, whole.stub.shown], [[], []]);
  });

  it('can be stopped, and says that another run sends the others', async () => {
    const made = bench(YES, { b1: { sent: 3 } });
    made.queues.refuse = () => {
      made.stub.cancel();
      return [];
    };
    await enqueueMissingCommand(made.ui, row);
    assert.equal(made.said(), 'Stopped after 0 files, which stay sent. Run it again to send the others.');
  });

  it('offers only batches that are sent whole and not claimed whole, from the palette', async () => {
    const made = bench(
      { ...YES, '': ({ choices }) => choices[0] },
      {
        b1: { sent: 3, counts: { succeeded: 1 } },
        b2: { sent: 3, counts: { succeeded: 3 } },
        b3: { sent: 3, done: false },
      },
    );
    await enqueueMissingCommand(made.ui);
    const pick = made.stub.shown.find(({ kind }) => kind === 'pick');
    assert.deepEqual(
      pick?.items?.map(({ label, detail }) => [label, detail]),
      [['s3://film/1999/', '2 of 3 files not claimed']],
    );
    assert.equal(made.sent().length, 3);
    const none = bench(YES, { b2: { sent: 3, counts: { succeeded: 3 } } });
    await enqueueMissingCommand(none.ui);
    assert.equal(none.said(), 'No batch has files that were sent and never claimed.');
  });
});
