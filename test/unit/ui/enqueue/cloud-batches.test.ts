import assert from 'node:assert/strict';
import type { BatchMeta, Checkpoint } from '../../../../src/core/batch/batch.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { enqueueAgainCommand } from '../../../../src/ui/enqueue/enqueue-again.ts';
import { enqueueMissingCommand } from '../../../../src/ui/enqueue/enqueue-missing.ts';
import { enqueueRestCommand } from '../../../../src/ui/enqueue/enqueue-rest.ts';
import { resumeEnqueueCommand } from '../../../../src/ui/enqueue/resume-enqueue.ts';
import { batchNode, CANCELLED } from '../../../helpers/ui/batch-marks.ts';
import { enqueueFixture, metaOf, onEnter, type Script } from '../../../helpers/ui/enqueue-fixture.ts';

const RUN = { execution: 'arn:execution', ordinal: 0 };
const START = { shard: 0, lastKey: '', listed: 0, sent: 0, skipped: {}, done: false, run: RUN };

/** The bucket `film`, of which Step Functions has sent three files as batch b1. */
function bench(script: Script, { done = true, meta }: { done?: boolean; meta?: Partial<BatchMeta> } = {}) {
  const made = enqueueFixture(['a.mp4', 'b.mp4', 'c.mp4'], script);
  made.batches.metas.set('b1', metaOf('b1', meta));
  const read = made.batches.read.bind(made.batches);
  made.batches.read = async (table, id) => {
    const record = await read(table, id);
    if (id !== 'b1') return record;
    const part: Checkpoint = { ...START, run: undefined, shard: 7, listed: 3, sent: 3, done: true };
    return { ...record, checkpoints: [{ ...START, done }, part] };
  };
  const has = (status: ResultItem['status'], ...keys: string[]): void => {
    made.batches.items = keys.map((key) => ({ batch: 'b1', bucket: 'film', key, status }) as ResultItem);
  };
  return { ...made, has };
}

describe('a batch that Step Functions enqueues', () => {
  it('is not resumed by the editor, which would send all again', async () => {
    const made = bench({}, { done: false });
    await assert.rejects(resumeEnqueueCommand(made.ui, batchNode('b1')), {
      code: 'enqueued-in-cloud',
      message: /resume it there, in the Pipeline view\.$/,
    });
    // From the palette it is not even offered.
    await resumeEnqueueCommand(made.ui);
    assert.equal(made.stub.shown.at(-1)?.text, 'There is no unfinished enqueue.');
    assert.deepEqual([made.sent(), made.batches.saved], [[], []]);
  });

  it('has no missing files before the run has ended', async () => {
    const made = bench({}, { done: false });
    await assert.rejects(enqueueMissingCommand(made.ui, batchNode('b1')), { code: 'enqueued-in-cloud' });
    assert.deepEqual(made.sent(), []);
  });

  it('gets its missing files after that, and its counts stay those of the run', async () => {
    const made = bench({ 'Send the': 'Enqueue the Missing' });
    made.has('succeeded', 'a.mp4');
    await enqueueMissingCommand(made.ui, batchNode('b1'));
    assert.deepEqual(made.sent(), ['b.mp4', 'c.mp4']);
    assert.deepEqual(made.batches.saved, []);
  });

  for (const [name, command, meta] of [
    ['Enqueue the Rest', enqueueRestCommand, { brake: { disarmed: [], ...CANCELLED } }],
    ['Enqueue Again', enqueueAgainCommand, {}],
  ] as const) {
    it(`is left as it is by ${name}, which makes a batch of its own in the editor`, async () => {
      const made = bench({ 'Nothing has been sent': onEnter }, { done: false, meta });
      made.has('succeeded', 'a.mp4', 'b.mp4');
      await command(made.ui, batchNode('b1'));
      assert.deepEqual(made.sent(), ['c.mp4']);
      const [own] = [...made.batches.metas.keys()].filter((id) => id !== 'b1');
      const { checkpoints } = await made.batches.read('t', own ?? '');
      assert.deepEqual(
        checkpoints.map(({ done, run, sent }) => [done, run, sent]),
        [[true, undefined, 1]],
      );
      assert.deepEqual(made.batches.metas.get('b1'), metaOf('b1', meta));
    });
  }
});
