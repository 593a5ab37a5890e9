import assert from 'node:assert/strict';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { NodeTree } from '../../../../src/ui/base/node-tree.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

function leaf(id: string, change: Partial<ViewNode> = {}): ViewNode {
  return { id, label: id, tokens: ['leaf'], ...change };
}

function treeOf(roots: (signal: AbortSignal) => Promise<readonly ViewNode[]>) {
  const { vs, logged } = stubVscode();
  const tree = new NodeTree({ vs, log: vs.window.createOutputChannel('x', { log: true }) }, { roots });
  const changes: (ViewNode | ViewNode[] | undefined)[] = [];
  tree.onDidChangeTreeData((node) => changes.push(node));
  return { tree, logged, changes };
}

describe('NodeTree', () => {
  it('gives a row its id, context, icon and what a screen reader says', () => {
    const { tree } = treeOf(async () => []);
    const item = tree.getTreeItem(
      leaf('a', { description: 'about 3', tokens: ['queue', 'busy'], icon: { id: 'inbox', color: 'red' } }),
    );
    assert.equal(item.id, 'a');
    assert.equal(item.contextValue, 'queue busy');
    assert.equal(item.accessibilityInformation?.label, 'a, about 3');
    assert.equal(item.tooltip, 'a\nabout 3');
    assert.equal(item.command, undefined);
    const opens = tree.getTreeItem(leaf('b', { open: 'mediaBatch.openResult' }));
    assert.equal(opens.command?.command, 'mediaBatch.openResult');
  });

  it('says what to do where a level is empty, and nothing at the top, where the welcome content is', async () => {
    const empty = leaf('a', { children: async () => [], emptyHint: 'Nothing here: enqueue something.' });
    const { tree } = treeOf(async () => []);
    assert.deepEqual(await tree.getChildren(), []);
    assert.deepEqual(
      (await tree.getChildren(empty)).map(({ label }) => label),
      ['Nothing here: enqueue something.'],
    );
  });

  it('has the editor ask once more when its rows are gone', async () => {
    let rows = [leaf('a')];
    const { tree, changes } = treeOf(async () => rows);
    await tree.getChildren();
    rows = [];
    const asked = new Promise((resolve) => tree.onDidChangeTreeData(resolve));
    await tree.getChildren();
    await asked;
    await tree.getChildren();
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(changes, [undefined]);
    tree.dispose();
  });

  it('shows an error as a row, and asks the whole level again when it is read again', async () => {
    let fails = true;
    const parent = leaf('p', {
      children: async () => {
        if (fails) throw new MediaBatchError('aws', 'AWS denies it: \u202Eask your administrator.');
        return [leaf('p/x')];
      },
    });
    const { tree, changes, logged } = treeOf(async () => [parent]);
    await tree.getChildren();
    const [row] = await tree.getChildren(parent);
    assert.ok(row);
    assert.equal(row.label, 'AWS denies it: \\u{202e}ask your administrator.');
    assert.deepEqual(row.tokens, ['error']);
    assert.equal(logged.length, 1);
    fails = false;
    tree.readLevelAgain(row);
    assert.deepEqual(changes, [parent]);
    assert.deepEqual(
      (await tree.getChildren(parent)).map(({ id }) => id),
      ['p/x'],
    );
  });

  it('keeps the words of an unexpected error in the log', async () => {
    const { tree, logged } = treeOf(() => Promise.reject(new TypeError('secret detail')));
    const [row] = await tree.getChildren();
    assert.equal(row?.label, 'Something went wrong inside Media Batch; the log has the details.');
    assert.match(logged.join('\n'), /secret detail/);
  });

  it('stops a question that is overtaken, and gives both askers the newer answer', async () => {
    const signals: AbortSignal[] = [];
    const { tree } = treeOf(async (signal) => {
      signals.push(signal);
      const turn = signals.length;
      if (turn > 1) return [leaf('new')];
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new DOMException('stopped', 'AbortError'));
        });
      });
      return [leaf('old')];
    });
    const answers = await Promise.all([tree.getChildren(), tree.getChildren()]);
    assert.deepEqual(
      answers.map((rows) => rows.map(({ id }) => id)),
      [['new'], ['new']],
    );
    assert.equal(signals[0]?.aborted, true);
  });

  it('refreshes the row that is shown now, whatever copy of it a command holds', async () => {
    const { tree, changes } = treeOf(async () => [leaf('a', { children: async () => [] })]);
    const [old] = await tree.getChildren();
    const [shown] = await tree.getChildren();
    assert.ok(old);
    tree.refresh(old);
    assert.equal(changes[0], shown);
    assert.equal(tree.find('a'), shown);
  });
});
