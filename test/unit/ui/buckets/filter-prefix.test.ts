import assert from 'node:assert/strict';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { clearPrefixFilterCommand, filterPrefixCommand } from '../../../../src/ui/buckets/filter-prefix.ts';
import { placeNode } from '../../../helpers/ui/enqueue-fixture.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';

function filtering(answer: Answer, present?: string, selected?: ViewNode) {
  const { ui, stub } = fixture(answer);
  const set: (string | undefined)[] = [];
  const view = {
    selected,
    filterOf: () => present,
    filter: (node: ViewNode, prefix: string | undefined) => void set.push(node.id, prefix),
  };
  return { ui, stub, set, view };
}

describe('the filter of a level', () => {
  it('asks for a bucket or prefix without a row, and on a row that is none', async () => {
    for (const node of [undefined, { id: 'x', label: 'x', tokens: [] }]) {
      const { ui, stub, set, view } = filtering(() => undefined);
      await filterPrefixCommand(ui, view, node);
      assert.equal(stub.shown[0]?.text, 'Select a bucket or a prefix in the Buckets view first.');
      clearPrefixFilterCommand(view);
      assert.deepEqual(set, []);
    }
  });

  it('takes the selected row where the command has none', async () => {
    const { ui, set, view } = filtering(() => 're', undefined, placeNode('film', '1999/'));
    await filterPrefixCommand(ui, view);
    clearPrefixFilterCommand(view);
    assert.deepEqual(set, ['1999/', '1999/re', '1999/', undefined]);
  });

  it('stays where its text is accepted unchanged, and goes where the text is empty', async () => {
    const kept = filtering(({ choices }) => choices[0], '1999/ re');
    await filterPrefixCommand(kept.ui, kept.view, placeNode('film', '1999/'));
    assert.deepEqual(kept.set, []);
    const emptied = filtering(() => '', '1999/re');
    await filterPrefixCommand(emptied.ui, emptied.view, placeNode('film', '1999/'));
    assert.deepEqual(emptied.set, ['1999/', undefined]);
  });

  it('takes no address outside the level', async () => {
    for (const text of ['s3://tape/1999/re', 's3://film/2000/', 's3://film']) {
      const { ui, stub, set, view } = filtering(() => text);
      await assert.rejects(filterPrefixCommand(ui, view, placeNode('film', '1999/')), { name: 'AbortError' });
      assert.match(stub.shown.at(-1)?.problem ?? '', /^This address is not under s3:\/\/film\/1999\//, text);
      assert.deepEqual(set, []);
    }
  });
});
