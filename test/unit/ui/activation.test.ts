import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { COMMAND_IDS } from '../../../src/ui/base/command-ids.ts';
import { stubMemento } from '../../helpers/ui/vscode-stub-basics.ts';
import { importWith } from '../../helpers/ui/import-with.ts';
import { stubVscode } from '../../helpers/ui/vscode-stub.ts';

interface Extension {
  activate(context: object): void;
}

describe('activation', () => {
  it('registers every command, loads no AWS code, and disposes of everything', async () => {
    const stub = stubVscode();
    const url = new URL('../../../src/extension.ts', import.meta.url);
    const { exports, imported, release } = await importWith(stub.vs, url);
    const subscriptions: { dispose(): void }[] = [];
    (exports as Extension).activate({
      subscriptions,
      extension: { id: 'media-batch.media-batch' },
      extensionUri: { path: '/ext' },
      workspaceState: stubMemento(),
      globalState: stubMemento(),
    });
    await setImmediate();
    release();
    assert.deepEqual([...stub.commands.keys()], [...COMMAND_IDS]);
    assert.ok(imported.includes('vscode'));
    assert.deepEqual(
      imported.filter((specifier) => /^@(aws|smithy)|\/aws\/|^node:(net|https?|dns)/.test(specifier)),
      [],
    );
    for (const subscription of subscriptions) subscription.dispose();
    assert.equal(stub.commands.size, 0);
  });
});
