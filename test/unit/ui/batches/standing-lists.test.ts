import assert from 'node:assert/strict';
import type { Status } from '../../../../src/core/batch/result-item.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { batchesWorld, item, meta, record } from '../../../helpers/ui/batches-world.ts';

describe('an open list of files in the Batches view', () => {
  /** A batch whose failed files are listed, and what the poll then says. */
  async function open(count: number) {
    const b1 = meta('b1');
    const made = batchesWorld((t) => {
      t.metas = [b1];
      t.records.set('b1', record(b1, { failed: count }));
      t.items = Array.from({ length: count }, (_, index) => item(`1999/reel ${index}.mov`));
    });
    const [batch] = await made.tree.rows();
    const [failed] = await made.tree.rows(batch?.node);
    const files = async () => (await made.tree.rows(failed?.node)).map(({ label }) => label);
    await files();
    const tell = (counts: Partial<Record<Status, number>>) => {
      made.table.records.set('b1', record(b1, counts));
      const batches = new Map([['b1', record(b1, counts)]]);
      made.watch.tell({ reading: { batches, problems: {}, busy: true }, error: undefined });
    };
    const statuses = async () =>
      (await made.tree.rows((await made.tree.rows())[0]?.node)).map(
        ({ label, description }) => `${label} ${description}`,
      );
    return { ...made, list: failed?.node as ViewNode, files, tell, statuses };
  }

  it('changes it only on Show New, which keeps its rows', async () => {
    const { batches, list, files, tell, table, statuses } = await open(2);
    table.items = ['x', 'y', 'reel 0', 'reel 1'].map((name) => item(`1999/${name}.mov`));
    tell({ failed: 4, succeeded: 9 });
    assert.deepEqual(await files(), ['2 new, show', 'reel 0.mov', 'reel 1.mov']);
    assert.ok((await statuses()).includes('Failed 4'), 'the number in front is that of now');
    batches.showNew(list);
    assert.deepEqual(await files(), ['x.mov', 'y.mov', 'reel 0.mov', 'reel 1.mov']);
  });

  it('keeps its row while it is open, also when it has no files any more', async () => {
    const { list, files, tell, table, statuses, tree } = await open(1);
    table.items = [];
    tell({ succeeded: 9 });
    assert.ok((await statuses()).includes('Failed 0'));
    assert.deepEqual(await files(), ['1 fewer, show', 'reel 0.mov']);
    tree.setExpanded(list, false);
    assert.ok(!(await statuses()).some((row) => row.startsWith('Failed')));
  });

  it('shows a filter and an order in the row, and keeps both over Refresh', async () => {
    const { batches, list, files, statuses, stub } = await open(3);
    batches.arrange(list, { order: 'size', text: 'REEL 1' });
    assert.deepEqual(await files(), ['reel 1.mov']);
    assert.ok((await statuses()).includes('Failed 3 · "REEL 1" · by size'));
    batches.refresh();
    await statuses();
    assert.deepEqual(await files(), ['reel 1.mov']);
    assert.ok(stub.treeViews.has('mediaBatch.batches'));
  });

  it('shows at most 2,000 rows of what is loaded, and says of an order what it is about', async () => {
    const { batches, list, files } = await open(2_300);
    batches.arrange(list, { order: 'name', text: '' });
    assert.equal((await files())[0], 'The 100 loaded, by name');
    const how = { signal: new AbortController().signal, onRead: () => undefined };
    await batches.loadAll(list, how);
    const rows = await files();
    assert.equal(rows.length, 2_001);
    assert.equal(rows[0], 'The first 2,000 of 2,300 loaded: filter by a part of the name');
    assert.deepEqual(rows.slice(1, 3), ['reel 0.mov', 'reel 1.mov']);
  });

  it('has the files that are on their way under one row, with others or alone', async () => {
    const { tell, statuses, tree } = await open(1);
    tell({ submitted: 5 });
    assert.equal((await statuses())[0], 'In progress 5');
    const [batch] = await tree.rows();
    const [progress] = await tree.rows(batch?.node);
    const [submitted] = await tree.rows(progress?.node);
    assert.deepEqual([submitted?.label, submitted?.item.collapsibleState], ['Submitted to Ittybit', 2]);
  });
});
