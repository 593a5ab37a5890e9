import assert from 'node:assert/strict';
import type { PipelineSnapshot } from '../../../../src/app/stack/pipeline-snapshot.ts';
import type { Reading } from '../../../../src/app/watch/reading.ts';
import { zeroCounts, type BatchMeta, type BatchRecord } from '../../../../src/core/batch/batch.ts';
import type { BatchBrake } from '../../../../src/core/batch/brake.ts';
import type { Status } from '../../../../src/core/batch/result-item.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { BatchesView } from '../../../../src/ui/batches/batches-view.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { FakeBatches } from '../../../helpers/fakes.ts';
import { BY_HAND, CANCELLED, HOLD } from '../../../helpers/ui/batch-marks.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

/** As the list has it: it does not know yet that the batch is stopped. */
const LISTED = metaOf('b1', { prefix: '1999/' });

function record(meta: BatchMeta, counts: Partial<Record<Status, number>>, done: boolean): BatchRecord {
  const checkpoint = { shard: 0, lastKey: 'x', listed: 50, sent: 50, skipped: {}, done };
  return { meta, checkpoints: [checkpoint], counts: { ...zeroCounts(), ...counts } };
}

describe('the row of a batch that is stopped', () => {
  const bench = () => {
    const batches = new FakeBatches();
    batches.metas.set('b1', LISTED);
    const made = fixture(undefined, { existing: stackOf('UPDATE_COMPLETE'), services: { batches } });
    const view = new BatchesView(made.ui);
    const tree = made.stub.treeViews.get('mediaBatch.batches');
    assert.ok(tree);
    const show = async (
      brake: Partial<BatchBrake>,
      counts: Partial<Record<Status, number>>,
      {
        done = true,
        deleting,
        ...read
      }: Pick<BatchMeta, 'deleting'> & { done?: boolean } & Partial<Reading> = {},
    ) => {
      const stopped = { ...LISTED, ...(deleting && { deleting }), brake: { disarmed: [], ...brake } };
      const batches = new Map([['b1', record(stopped, counts, done)]]);
      const rates = new Map([['b1', 0.01]]);
      made.watch.tell({
        reading: { batches, rates, problems: {}, busy: false, ...read },
        error: undefined,
      });
      const [row] = await tree.rows();
      assert.ok(row);
      const node = row.node as ViewNode;
      const [state] = row.description.split(' · ');
      return { state, row, node, tooltip: node.tooltip ?? '', tokens: node.tokens.slice(3) };
    };
    const under = async (node: ViewNode) =>
      (await tree.rows(node)).map(({ label, description }) => [label, description]);
    return { ...made, view, tree, show, under };
  };
  const counts = { succeeded: 2, dead: 1, submitted: 5, processing: 1, cancelled: 3, retrying: 1 };

  it('says first that it is cancelled, how many files are, and that they drain until the queue is empty', async () => {
    const { show, under } = bench();
    const draining = await show(CANCELLED, counts);
    assert.equal(draining.state, 'cancelled: 41 of 50, draining, 6 at Ittybit, 3 done, 1 failed');
    assert.match(
      draining.tooltip,
      /\nCancelled .*2026.*, by hand\nIts files leave the queue without a job\./,
    );
    assert.deepEqual([draining.node.icon?.id, draining.tokens], ['circle-slash', ['cancelled']]);
    assert.deepEqual((await under(draining.node)).slice(-2), [
      ['Cancelled', '3'],
      ['Draining', '37'],
    ]);
    const drained = { ...counts, cancelled: 4, retrying: 0 };
    const gone = await show(CANCELLED, drained, { neverClaimed: new Set(['b1']) });
    assert.equal(gone.state, 'cancelled: 41 of 50, 6 at Ittybit, 3 done, 1 failed');
    assert.deepEqual((await under(gone.node)).slice(-2), [
      ['Cancelled', '4'],
      ['Cancelled in the queue', '37'],
    ]);
    assert.deepEqual(gone.tokens, ['cancelled'], 'nothing of it is missing');
  });

  it('is drained where every file has an item with its end, and is not resumable', async () => {
    const { show } = bench();
    const { state, tokens } = await show(CANCELLED, { cancelled: 48, succeeded: 2 }, { done: false });
    assert.deepEqual([state, tokens], ['cancelled: 48 of 50, 2 done', ['cancelled', 'over']]);
  });

  it('does not say that it drains while dispatch stands still', async () => {
    const { show } = bench();
    const pipeline = { mapping: { state: 'Disabled' }, dispatch: undefined } as unknown as PipelineSnapshot;
    const { state } = await show(CANCELLED, {}, { pipeline });
    assert.equal(state, 'cancelled: 50 of 50, not drained while dispatch stands still');
  });

  it('says first why it is held, in few words, and in the tooltip the whole reason, when and by whom', async () => {
    const { show } = bench();
    const reason = `${HOLD.reason} ${'x'.repeat(200)}\u0000`;
    const { state, tooltip, node, tokens } = await show({ hold: { ...HOLD, reason } }, { dead: 10 });
    assert.match(state ?? '', /^held: 10 files in a row ended so: n…  20 %  10 failed$/);
    assert.doesNotMatch(state ?? '', /left/, 'nothing of it moves');
    assert.match(tooltip, /\nHeld .*2026.*, by the consumer\n10 files in a row .*x{200}\\u\{0\}\n/);
    assert.match(tooltip, /\nIts files wait in the queue\. Other batches go on\.\n/);
    assert.deepEqual([node.icon?.id, tokens], ['warning', ['cancellable', 'braked']]);
  });

  it('says in its own words that the user has held it', async () => {
    const { show } = bench();
    const held = await show({ hold: BY_HAND }, { succeeded: 1 });
    assert.equal(held.state, 'held by hand  2 %');
    assert.doesNotMatch(held.tooltip, /You held/);
    assert.deepEqual(held.tokens, ['cancellable', 'held']);
    const strange = await show({ hold: { ...HOLD, reason: '', at: 'x', by: 'a\u202eb' } }, {});
    assert.match(strange.state ?? '', /^held: no reason recorded  0 %/);
    assert.match(strange.tooltip, /Held at an unknown time, by a\\u\{202e\}b\n/);
  });

  it('is drawn again when only the hold has changed, and offers to hold it again', async () => {
    const { show, tree } = bench();
    await show({ hold: HOLD }, { succeeded: 1 });
    let drawn = 0;
    tree.provider.onDidChangeTreeData?.(() => (drawn += 1));
    const { state, tokens } = await show({ disarmed: [HOLD.cause] }, { succeeded: 1 });
    assert.equal(drawn, 1);
    assert.match(state ?? '', /^2 %  1 h 22 min$/);
    assert.deepEqual(tokens, ['cancellable', 'holdable']);
    const ended = await show({}, { succeeded: 50 });
    assert.deepEqual(ended.tokens, ['over']);
  });

  it('says that the deletion of its records is not finished, and offers only to go on with it', async () => {
    const { show } = bench();
    const deleting = { at: '2026-11-23T15:00:00.000Z', by: 'operator' };
    const { state, node, tokens, tooltip } = await show(CANCELLED, { succeeded: 2 }, { deleting });
    assert.deepEqual([state, tokens, node.icon?.id], ['deletion not finished', ['deleting'], 'trash']);
    assert.match(
      tooltip,
      /\nThe deletion of its records began .*2026.*, by hand\n"Delete Batch Records…" goes on/,
    );
  });
});
