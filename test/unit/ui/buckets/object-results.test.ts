import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { zeroCounts, type BatchRecord } from '../../../../src/core/batch/batch.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { openResultCommand } from '../../../../src/ui/batches/result-commands.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { BucketsView } from '../../../../src/ui/buckets/buckets-view.ts';
import { FakeBatches } from '../../../helpers/fakes.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { MemoryBuckets } from '../../../helpers/ui/memory-buckets.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

describe('results beside objects', () => {
  const result = (key: string, status: ResultItem['status'], created_at: string): ResultItem =>
    ({ bucket: 'film', key, batch: `of ${created_at}`, status, created_at }) as ResultItem;

  function withResults(stack: boolean) {
    const batches = new FakeBatches();
    const asked: string[] = [];
    batches.resultsOf = async (_table, { key }) => {
      asked.push(key);
      return key === 'a.mp4'
        ? [result(key, 'succeeded', '2026-01-02'), result(key, 'failed', '2026-01-01')]
        : [];
    };
    const buckets = new MemoryBuckets({ film: ['a.mp4', 'b.mp4'] });
    const made = fixture(undefined, {
      services: { buckets, batches },
      ...(stack && { existing: stackOf('CREATE_COMPLETE') }),
    });
    const view = new BucketsView(made.ui);
    const shown = made.stub.treeViews.get('mediaBatch.buckets');
    assert.ok(shown);
    shown.visible = true;
    return { asked, shown, view, batches, watch: made.watch, ui: made.ui };
  }

  it('come behind the level, the newest of each object', async () => {
    const { asked, shown, ui } = withResults(true);
    const redrawn = new Promise((resolve) => shown.provider.onDidChangeTreeData?.(resolve));
    const [film] = await shown.rows();
    const first = await shown.rows(film?.node);
    assert.deepEqual(
      first.map(({ description }) => description),
      ['10 B', '10 B'],
    );
    await redrawn;
    const second = await shown.rows(film?.node);
    assert.deepEqual(
      second.map(({ description }) => description),
      ['10 B, succeeded', '10 B'],
    );
    assert.deepEqual(asked, ['a.mp4', 'b.mp4']);
    const opened: unknown[] = [];
    const documents = { openResult: async (file: unknown) => void opened.push(file) };
    for (const row of second) {
      const node = row.node as ViewNode;
      if (node.tokens.includes('result')) await openResultCommand(ui, documents, node);
    }
    assert.deepEqual(opened, [{ batch: 'of 2026-01-02', bucket: 'film', key: 'a.mp4' }]);
  });

  it('are read again when a batch of the bucket has ended, except for files that succeeded', async () => {
    const { asked, shown, batches, watch } = withResults(true);
    const redrawn = () => new Promise((resolve) => shown.provider.onDidChangeTreeData?.(resolve));
    const first = redrawn();
    const [film] = await shown.rows();
    await shown.rows(film?.node);
    await first;
    batches.resultsOf = async (_table, { key }) => {
      asked.push(key);
      return [result(key, 'dead', '2026-01-03')];
    };
    const tell = (bucket: string, dead: number): void => {
      const record: BatchRecord = {
        meta: metaOf('b', { bucket }),
        checkpoints: [{ shard: 0, lastKey: 'b.mp4', listed: 1, sent: 1, skipped: {}, done: true }],
        counts: { ...zeroCounts(), dead },
      };
      watch.tell({
        reading: { batches: new Map([['b', record]]), problems: {}, busy: true },
        error: undefined,
      });
    };
    tell('other', 0);
    tell('other', 1);
    tell('film', 0);
    const second = redrawn();
    tell('film', 1);
    await second;
    const rows = await shown.rows(film?.node);
    assert.deepEqual(
      rows.map(({ description }) => description),
      ['10 B, succeeded', '10 B, dead'],
    );
    const retriable = rows.filter(({ node }) => (node as ViewNode).tokens.includes('retriable'));
    assert.deepEqual(
      retriable.map(({ label }) => label),
      ['b.mp4'],
      'a dead file can be retried from its row',
    );
    assert.deepEqual(asked, ['a.mp4', 'b.mp4', 'b.mp4']);
  });

  it('say that another batch does the work, or has done it', async () => {
    const { shown, batches } = withResults(true);
    batches.resultsOf = async (_table, { key }) => [
      result(key, key === 'a.mp4' ? 'waiting' : 'covered', '2026-01-03'),
    ];
    const redrawn = new Promise((resolve) => shown.provider.onDidChangeTreeData?.(resolve));
    const [film] = await shown.rows();
    await shown.rows(film?.node);
    await redrawn;
    assert.deepEqual(
      (await shown.rows(film?.node)).map(({ description }) => description),
      ['10 B, waits for another batch', '10 B, covered by another batch'],
    );
  });

  it('are left out without a stack, and while the view is hidden', async () => {
    for (const [stack, visible] of [
      [false, true],
      [true, false],
    ] as const) {
      const { asked, shown } = withResults(stack);
      shown.visible = visible;
      const [film] = await shown.rows();
      assert.equal((await shown.rows(film?.node)).length, 2);
      await setImmediate();
      assert.deepEqual(asked, []);
    }
  });
});
