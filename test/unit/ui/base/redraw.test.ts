import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type * as vscode from 'vscode';
import { NodeTree } from '../../../../src/ui/base/node-tree.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

/** A tree of texts: the rows that a view would show, with how often each level was read. */
class Content {
  readonly text = new Map<string, string>();
  levels: Readonly<Record<string, readonly string[]>>;
  readonly reads: string[] = [];
  /** what a reading waits for */
  hold: () => Promise<void> = () => Promise.resolve();

  constructor(levels: Readonly<Record<string, readonly string[]>>) {
    this.levels = levels;
  }

  async read(level: string, signal: AbortSignal): Promise<readonly ViewNode[]> {
    this.reads.push(level);
    // As AWS does, it answers with what there was when it was asked.
    const rows = (this.levels[level] ?? []).map((id) => ({
      id,
      label: id,
      description: this.text.get(id),
      tokens: [],
      ...(this.levels[id] && { children: (asked: AbortSignal) => this.read(id, asked) }),
    }));
    await this.hold();
    signal.throwIfAborted();
    return rows;
  }
}

/** The editor's side of a tree: it knows rows by their objects, and forgets those that it is told to ask for again. */
class Editor {
  readonly #tree: NodeTree;
  readonly #known = new Map<string, ViewNode>();
  readonly #items = new Map<string, vscode.TreeItem>();
  readonly #levels = new Map<string, readonly string[]>();
  readonly expanded = new Set<string>();
  readonly forgotten: string[] = [];
  #work = Promise.resolve();

  constructor(tree: NodeTree) {
    this.#tree = tree;
    tree.onDidChangeTreeData((change) => {
      this.#work = this.#work.then(() => this.#refresh(change));
    });
  }

  async ask(node?: ViewNode): Promise<void> {
    this.#forget(node?.id ?? '');
    const rows = await this.#tree.getChildren(node);
    for (const row of rows) {
      this.#known.set(row.id, row);
      this.#items.set(row.id, this.#tree.getTreeItem(row));
    }
    this.#levels.set(
      node?.id ?? '',
      rows.map(({ id }) => id),
    );
    await Promise.all(rows.filter(({ id }) => this.expanded.has(id)).map((row) => this.ask(row)));
  }

  row(id: string): ViewNode | undefined {
    return this.#known.get(id);
  }

  /** @returns what is on screen: a line for each row */
  lines(level = ''): string[] {
    return (this.#levels.get(level) ?? []).flatMap((id) => {
      const below = this.expanded.has(id) ? this.lines(id) : [];
      return [`${id} ${String(this.#items.get(id)?.description)}`.trim(), ...below];
    });
  }

  async settled(): Promise<void> {
    for (let i = 0; i < 50; i++) await setImmediate();
    await this.#work;
  }

  #forget(level: string): void {
    for (const id of this.#levels.get(level) ?? []) {
      this.#forget(id);
      this.#known.delete(id);
      this.forgotten.push(id);
    }
    this.#levels.delete(level);
  }

  async #refresh(change: ViewNode | ViewNode[] | undefined): Promise<void> {
    if (!change) {
      await this.ask();
      return;
    }
    for (const row of [change].flat()) {
      if (this.#known.get(row.id) !== row) continue;
      this.#items.set(row.id, this.#tree.getTreeItem(row));
      this.#forget(row.id);
      if (this.expanded.has(row.id)) await this.ask(row);
    }
  }
}

function shown(levels: Readonly<Record<string, readonly string[]>>) {
  const stub = stubVscode();
  const content = new Content(levels);
  const log = stub.vs.window.createOutputChannel('x', { log: true });
  const tree = new NodeTree({ vs: stub.vs, log }, { roots: (signal) => content.read('', signal) });
  tree.show('mediaBatch.pipeline');
  const view = stub.treeViews.get('mediaBatch.pipeline')!;
  view.setVisible(true);
  return { content, tree, view };
}

async function world(levels: Readonly<Record<string, readonly string[]>>) {
  const { content, tree, view } = shown(levels);
  const editor = new Editor(tree);
  await editor.ask();
  /** Opens or closes a row, as the user does. */
  const toggle = async (id: string): Promise<void> => {
    const row = editor.row(id);
    if (!row) return;
    const opens = !editor.expanded.delete(id);
    view.setExpanded(row, opens);
    if (!opens) return;
    editor.expanded.add(id);
    if (editor.lines(id).length === 0) await editor.ask(row);
  };
  content.reads.length = 0;
  return { content, tree, view, editor, toggle };
}

describe('a tree that is redrawn', () => {
  it('forgets no row meanwhile, and draws those that differ', async () => {
    const { content, tree, editor } = await world({ '': ['a', 'b'] });
    const row = editor.row('b');
    content.text.set('b', 'about 3');
    tree.redraw();
    assert.equal(editor.row('b'), row);
    await editor.settled();
    assert.deepEqual(editor.lines(), ['a', 'b about 3']);
    assert.deepEqual([editor.forgotten, content.reads], [[], ['']]);
    assert.equal(editor.row('b'), row, 'a command has the same object');
    assert.equal(row?.description, 'about 3', 'with what was read last');
    content.text.delete('b');
    tree.redraw();
    await editor.settled();
    assert.deepEqual(editor.lines(), ['a', 'b']);
    assert.equal(row.description, undefined);
  });

  it('shows other rows where there are others, which it reads once', async () => {
    const { content, tree, editor } = await world({ '': ['a', 'b'] });
    content.levels = { '': ['b', 'c'] };
    tree.redraw();
    await editor.settled();
    assert.deepEqual(editor.lines(), ['b', 'c']);
    assert.deepEqual(content.reads, ['']);
  });

  it('draws a level as a whole where a hundred of its rows differ, as the editor draws rows one by one', async () => {
    const ids = Array.from({ length: 101 }, (_, i) => `row ${i}`);
    const { content, tree, editor } = await world({ '': ids });
    const changes: unknown[] = [];
    tree.onDidChangeTreeData((change) => changes.push(change));
    for (const id of ids.slice(1)) content.text.set(id, 'new');
    tree.redraw();
    await editor.settled();
    assert.deepEqual(changes, [ids.slice(1).map((id) => editor.row(id))]);
    for (const id of ids) content.text.set(id, 'newer');
    tree.redraw();
    await editor.settled();
    assert.equal(changes[1], undefined);
    assert.equal(editor.lines()[100], 'row 100 newer');
    assert.equal(content.reads.length, 2);
  });

  it('reads expanded levels only, and a collapsed one when it is expanded again', async () => {
    const { content, tree, editor, toggle } = await world({ '': ['a', 'b'], a: ['x'], b: ['y'] });
    await toggle('a');
    await toggle('b');
    await toggle('b');
    content.reads.length = 0;
    content.text.set('x', 'new').set('y', 'new');
    const row = editor.row('x');
    tree.redraw();
    assert.equal(editor.row('x'), row);
    await editor.settled();
    assert.deepEqual(content.reads, ['', 'a']);
    assert.deepEqual(editor.lines(), ['a', 'x new', 'b']);
    assert.equal(editor.row('x'), row);
    await toggle('b');
    assert.deepEqual(editor.lines(), ['a', 'x new', 'b', 'y new']);
  });

  it('reads a level anew that was closed before the editor could ask for it', async () => {
    const { content, tree, view } = shown({ '': ['a'], a: ['x'] });
    const [a] = await tree.getChildren();
    tree.getTreeItem(a!);
    await tree.getChildren(a);
    content.levels = { '': ['a'], a: ['x', 'y'] };
    const told = new Promise((resolve) => tree.onDidChangeTreeData(resolve));
    tree.redraw();
    assert.equal(await told, a);
    view.setExpanded(a, false);
    content.text.set('y', 'new');
    const rows = await tree.getChildren(a);
    assert.deepEqual(
      rows.map(({ description }) => description),
      [undefined, 'new'],
    );
  });

  it('reads nothing while it is hidden, and leaves it to the editor to ask', async () => {
    const { content, tree, view } = await world({ '': ['a'] });
    const changes: unknown[] = [];
    tree.onDidChangeTreeData((change) => changes.push(change));
    view.setVisible(false);
    tree.redraw();
    assert.deepEqual([changes, content.reads], [[undefined], []]);
  });

  it('draws what came while the editor was waiting for an older answer', async () => {
    const { content, tree, editor } = await world({ '': ['a'] });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    content.hold = () => promise;
    tree.refresh();
    await setImmediate();
    content.text.set('a', 'new');
    tree.redraw();
    content.hold = () => Promise.resolve();
    resolve(undefined);
    await editor.settled();
    assert.deepEqual(editor.lines(), ['a new']);
  });

  it('ends a reading that takes longer than the time to the next one, and reads once more', async () => {
    const { content, tree, editor, toggle } = await world({ '': ['a'], a: ['x'] });
    await toggle('a');
    content.reads.length = 0;
    content.hold = async () => {
      for (let i = 0; i < 10; i++) await setImmediate();
    };
    content.text.set('x', '1');
    for (let i = 0; i < 40; i++) {
      tree.redraw();
      await setImmediate();
    }
    assert.deepEqual(editor.lines(), ['a', 'x 1']);
    content.text.set('x', '2');
    tree.redraw();
    await editor.settled();
    assert.deepEqual(editor.lines(), ['a', 'x 2']);
    assert.ok(content.reads.length < 20, `${content.reads.length} readings`);
  });

  it('leaves its rows as they are when the reading is aborted', async () => {
    const { content, tree, editor } = await world({ '': ['a'] });
    content.hold = () => Promise.reject(new DOMException('stopped', 'AbortError'));
    tree.redraw();
    await editor.settled();
    assert.deepEqual([editor.lines(), editor.forgotten], [['a'], []]);
  });

  it('shows what there is, whatever is opened, closed, changed and asked for at the same time', async () => {
    const levels = fc.record({
      '': fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
      a: fc.uniqueArray(fc.constantFrom('p', 'q', 'r')),
      b: fc.constant(['x', 'y']),
      x: fc.uniqueArray(fc.constantFrom('deep', 'deeper')),
    });
    const id = fc.constantFrom('a', 'b', 'c', 'p', 'x', 'deep');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('toggle' as const), id }),
      fc.record({ kind: fc.constant('text' as const), id, text: fc.constantFrom('1', '2') }),
      fc.record({ kind: fc.constant('levels' as const), levels }),
      fc.constant({ kind: 'wait' as const }),
      fc.record(
        { kind: fc.constantFrom('redraw' as const, 'refresh' as const), id },
        { requiredKeys: ['kind'] },
      ),
    );
    const delays = fc.array(fc.nat({ max: 5 }));
    await fc.assert(
      fc.asyncProperty(levels, fc.array(step, { maxLength: 25 }), delays, async (first, steps, ticks) => {
        const { content, tree, editor, toggle } = await world(first);
        content.hold = async () => {
          const wait = ticks[content.reads.length % ticks.length] ?? 0;
          for (let i = 0; i < wait; i++) await setImmediate();
        };
        for (const each of steps) {
          const row = 'id' in each ? editor.row(each.id) : undefined;
          if (each.kind === 'toggle') void toggle(each.id);
          else if (each.kind === 'text') content.text.set(each.id, each.text);
          else if (each.kind === 'levels') content.levels = each.levels;
          else if (each.kind === 'wait') await setImmediate();
          else tree[each.kind](row);
        }
        tree.redraw();
        await editor.settled();
        const lines = (level: string): string[] =>
          (content.levels[level] ?? []).flatMap((row) => [
            `${row} ${content.text.get(row) ?? ''}`.trim(),
            ...(editor.expanded.has(row) && content.levels[row] ? lines(row) : []),
          ]);
        assert.deepEqual(editor.lines(), lines(''));
        tree.dispose();
      }),
      { numRuns: 1_000 },
    );
  });
});
