import assert from 'node:assert/strict';
import { AS_READ } from '../../../../src/core/files/file-order.ts';
import { NodeTree } from '../../../../src/ui/base/node-tree.ts';
import { allRow, newsRow } from '../../../../src/ui/base/list-rows.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import {
  filterFilesCommand,
  loadAllCommand,
  showNewCommand,
  sortFilesCommand,
  type ListView,
  type Loading,
} from '../../../../src/ui/watch/list-commands.ts';
import { awsError } from '../../../helpers/fakes.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

/** A view with two lists, of which the first has news and more files; a second view with none. */
async function world(answers: ReturnType<Answer>[] = [], isOpen = true) {
  const made = fixture(() => answers.shift());
  const { vs } = made.ui;
  const list = (id: string): ViewNode => ({
    id,
    label: `list $(zap) ${id}`,
    tokens: ['list'],
    children: () => Promise.resolve([newsRow(vs, id, 3), allRow(vs, id, 9)]),
  });
  const lists = [list('a'), list('b')];
  const tree = new NodeTree(made.ui, { roots: () => Promise.resolve(lists) });
  await tree.getChildren();
  const [news, all] = await tree.getChildren(lists[0]);
  const done: string[] = [];
  const state = { how: AS_READ, load: async (_: Loading): Promise<void> => undefined };
  const view = {
    tree,
    refresh: () => undefined,
    dispose: () => undefined,
    lists: () => (isOpen ? lists : []),
    arrangementOf: () => state.how,
    arrange: ({ id }, how) => void done.push(`${id} ${how.order} "${how.text}"`),
    showNew: (each) => void done.push(`new ${each?.id ?? 'everywhere'}`),
    loadAll: async (each, how) => {
      done.push(`all ${each?.id ?? 'top'}`);
      await state.load(how);
    },
  } satisfies ListView;
  return { ...made, views: [view], done, state, lists, news, all };
}

describe('the commands of lists', () => {
  it('show what is new in the list of the row, or in all that are open', async () => {
    const { views, done, news } = await world();
    showNewCommand(views, news);
    showNewCommand(views);
    assert.deepEqual(done, ['new a', 'new everywhere']);
  });

  it('sort by the order that is chosen, with the present one first, and keep the filter', async () => {
    const made = await world(['by size']);
    made.state.how = { order: 'name', text: 'reel' };
    await sortFilesCommand(made.ui, made.views, made.lists[1]);
    assert.deepEqual(made.done, ['b size "reel"']);
    assert.deepEqual(made.stub.shown[0]?.choices, ['newest first', 'by name', 'by size']);
    assert.deepEqual(made.stub.shown[0].picked, ['by name']);
  });

  it('filter by a text, and show all again for none', async () => {
    const made = await world([' Reel ', '']);
    await filterFilesCommand(made.ui, made.views, made.lists[0]);
    await filterFilesCommand(made.ui, made.views, made.lists[0]);
    assert.deepEqual(made.done, ['a newest "Reel"', 'a newest ""']);
    await assert.rejects(filterFilesCommand(made.ui, made.views, made.lists[0]), { name: 'AbortError' });
    assert.equal(made.done.length, 2);
  });

  it('ask for the list where they have no row, and say what to do where none is open', async () => {
    const made = await world(['list \\$(zap) b', 'by name']);
    await sortFilesCommand(made.ui, made.views);
    assert.deepEqual(made.done, ['b name ""']);
    const none = await world([], false);
    for (const run of [sortFilesCommand, filterFilesCommand, loadAllCommand]) {
      await assert.rejects(run(none.ui, none.views), /Open a list first/);
    }
  });

  it('load a whole list with progress; a cancel is no error, another end is', async () => {
    const made = await world();
    made.state.load = async ({ onRead, signal }) => {
      onRead(1_000, 9_257);
      made.stub.cancel();
      signal.throwIfAborted();
    };
    await loadAllCommand(made.ui, made.views, made.all);
    assert.deepEqual(made.done, ['all a']);
    assert.ok(JSON.stringify(made.stub.progress).includes('1,000 of 9,257 read'));
    made.state.load = async () => {
      throw awsError('throttled');
    };
    await assert.rejects(loadAllCommand(made.ui, made.views, made.all), { code: 'throttled' });
  });
});
