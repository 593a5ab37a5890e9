import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { driver, hostTest } from './driver.ts';
import {
  answerDialog,
  changeSetting,
  clearNotifications,
  notification,
  notifications,
  showOnly,
  step,
} from './editor.ts';
import { enqueueAll } from './enqueue-flow.ts';
import { eventually, untilHint, untilRow } from './eventually.ts';

const VIEW = 'Failures';

describe('the Failures view and the status bar', () => {
  before(async () => {
    await changeSetting('refreshSeconds', 2);
    // The number of dead letters alone is looked at once a minute; the Pipeline view has it follow the work.
    await showOnly('Pipeline', VIEW);
  });

  after(async () => {
    await driver.clearFaults();
    await clearNotifications();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await changeSetting('refreshSeconds', undefined);
  });

  it('has a hint and a quiet status bar without dead letters', async () => {
    await untilHint(VIEW, /^No failures\./);
    await untilStatus(/^Media Batch: about 0 dead letters/);
  });

  it('shows files that Ittybit rejects, grouped by reason, and tells once', async () => {
    await reject('footage/locked/', 'cannot read input');
    await notification(/^The pipeline "media-batch" has a dead letter/);
    await clearNotifications();
    await reject('footage/corrupt/', 'codec [is](command:x) not supported');
    await untilRow(VIEW, /^1 +.*cannot read input/, / · newest /);
    await untilRow(VIEW, /^1 +.*codec \[is\]\(command:x\) not supported/, / · newest /);
    await untilStatus(/^Media Batch: about 2 dead letters/);
    const told = (await notifications()).filter((text) => /^The pipeline .*dead letter/.test(text));
    assert.deepEqual(told, []);
    await clearNotifications();
  });

  it('opens a group to its files with their attempts, and a file to its document', async () => {
    await driver.expand(VIEW, /cannot read input/);
    await untilRow(VIEW, /^footage\/locked\/reel 0/, /, 1 attempt$/);
    await driver.click(VIEW, /^footage\/locked\/reel 0/);
    await eventually(() => {
      const text = vscode.window.activeTextEditor?.document.getText() ?? '{}';
      const result = JSON.parse(text) as Record<string, unknown>;
      assert.match(String(result['file']), /footage\/locked\/reel 0/);
      assert.match(String(result['error']), /cannot read input/);
    });
  });

  it('comes to the front from the status bar', async () => {
    await vscode.commands.executeCommand('workbench.view.explorer');
    await driver.clickStatusBar(/dead letter/);
    await untilRow(VIEW, /cannot read input/);
  });

  it('retries the files of one cause after it is fixed, and leaves the others', async () => {
    await driver.clearFaults();
    const question = await answerDialog('Retry', async () => {
      await driver.inlineAction(VIEW, /codec/, /^Retry/);
      await notification(/^1 of 1 were sent again\.$/);
    });
    assert.match(question, /^Retry 1 file\?/);
    assert.match(question, /1 dead: sent again/);
    assert.match(question, /1 × .*codec/);
    await clearNotifications();
    await eventually(async () => {
      const labels = (await driver.tree(VIEW)).map(({ label }) => label);
      assert.ok(!labels.some((label) => label.includes('codec')), labels.join('\n'));
      assert.ok(
        labels.some((label) => label.includes('cannot read input')),
        labels.join('\n'),
      );
    });
  });

  it('redrives all dead letters after the cause is fixed', async () => {
    const question = await answerDialog('Continue', async () => {
      await driver.titleAction(VIEW, /^Redrive All/);
      await step(/How fast/);
    });
    assert.match(question, /^Send about [12] dead letters? back/);
    assert.match(question, /1 × .*cannot read input/);
    await driver.accept();
    await notification(/^Redriven: .*[12] went back/);
    await clearNotifications();
    await untilHint(VIEW, /^No failures\./);
    await untilStatus(/^Media Batch: about 0 dead letters/);
  });
});

/** Has Ittybit reject the files under a prefix, and enqueues them. */
async function reject(prefix: string, message: string): Promise<void> {
  const effect = { type: 'status', status: 422, kind: 'invalid_input', message } as const;
  await driver.addFault({ effect, match: prefix });
  await enqueueAll(`s3://${hostTest.bucket}/${prefix}`);
}

function untilStatus(label: RegExp): Promise<void> {
  return eventually(async () => {
    const entries = await driver.statusBar();
    assert.ok(
      entries.some((entry) => label.test(entry)),
      entries.join('\n'),
    );
  });
}
