import assert from 'node:assert/strict';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { registerCommand } from '../../../../src/ui/base/register-command.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const ID = 'mediaBatch.showLog';

async function runWith(error: Error, answer: Answer = () => undefined) {
  const { ui, stub } = fixture(answer);
  registerCommand(ui, ID, () => Promise.reject(error));
  await ui.vs.commands.executeCommand(ID);
  return stub;
}

describe('registerCommand', () => {
  it('shows an unexpected error as a plain sentence and keeps its stack for the log', async () => {
    const stub = await runWith(new TypeError('x is not a function', { cause: new Error('deeper') }));
    assert.equal(stub.shown.length, 1);
    assert.equal(stub.shown[0]?.text, 'Something went wrong inside Media Batch; the log has the details.');
    const line = stub.logged.find((text) => text.startsWith('error:'));
    assert.match(line ?? '', /TypeError: x is not a function\n {4}at [\s\S]*caused by Error: deeper/);
  });

  it('offers the setting that cannot be used', async () => {
    const error = new InvalidInputError('mediaBatch.region', 'The region cannot be used.');
    const stub = await runWith(error, ({ choices }) => choices[0]);
    assert.deepEqual(stub.shown[0]?.choices, ['Open Settings', 'Show Log']);
    assert.deepEqual(stub.executed.at(-1), {
      id: 'workbench.action.openSettings',
      args: [{ query: 'mediaBatch.region' }],
    });
    assert.ok(!stub.logged.some((line) => line.includes('    at ')), 'no stack for an error of ours');
  });

  it('takes the keyboard from the walkthrough, which would take it from a question; not for a row', async () => {
    const { ui, stub } = fixture(() => undefined);
    registerCommand(ui, ID, () => undefined);
    const group = ui.vs.window.tabGroups.activeTabGroup as { activeTab?: unknown };
    for (const activeTab of [undefined, { input: {} }, { input: undefined }]) {
      group.activeTab = activeTab;
      await ui.vs.commands.executeCommand(ID);
    }
    await ui.vs.commands.executeCommand(ID, { id: 'row', label: '', tokens: [] });
    const focused = stub.executed.filter(({ id }) => id === 'mediaBatch.pipeline.focus');
    assert.equal(focused.length, 1);
  });

  it('is silent about a cancel', async () => {
    const stub = await runWith(new DOMException('The user cancelled.', 'AbortError'));
    assert.deepEqual(stub.shown, []);
    assert.ok(stub.logged.every((line) => line.startsWith('debug:')));
  });

  it('is gone when it is disposed', () => {
    const { ui, stub } = fixture(() => undefined);
    registerCommand(ui, ID, () => undefined).dispose();
    assert.equal(stub.commands.size, 0);
  });
});
