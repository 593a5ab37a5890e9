import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { driver } from './driver.ts';
import { clearNotifications, notification, showOnly, start, step } from './editor.ts';
import { eventually, untilRow } from './eventually.ts';

const VIEW = 'Pipeline';

describe('dispatch', () => {
  before(() => showOnly(VIEW));
  afterEach(clearNotifications);

  it('pauses from its row, says why, and offers to resume', async () => {
    await untilRow(VIEW, 'Dispatch', /^running/);
    assert.deepEqual(await offered('Dispatch'), ['Media Batch: Pause Dispatch']);
    await driver.inlineAction(VIEW, 'Dispatch', 'Pause Dispatch');
    await notification(/^Dispatch of "media-batch" is paused/);
    await untilRow(VIEW, 'Dispatch', /^paused: by hand in VS Code, just now$/);
    assert.deepEqual(await offered('Dispatch'), ['Media Batch: Resume Dispatch']);
  });

  it('resumes from its row', async () => {
    await driver.inlineAction(VIEW, 'Dispatch', 'Resume Dispatch');
    await notification(/^Dispatch is resumed/);
    await untilRow(VIEW, 'Dispatch', /^running/);
  });

  it('is tuned by a preset at once, and back by hand', async () => {
    const { description } = await untilRow(VIEW, 'Dispatch', /^running/);
    const [, concurrency = '', batchSize = ''] = /(\d+) x (\d+)/.exec(description) ?? [];
    const tuned = start('mediaBatch.tuneThroughput');
    await step(/How many files at Ittybit at once\? Account 000000000000 · eu-west-1/);
    const { items } = await driver.quickInput();
    const other = items.find((item) => !item.startsWith(`${Number(concurrency) * Number(batchSize)} `));
    await driver.pick(other ?? '');
    await notification(/^Ittybit gets up to \d+ at once now/);
    await clearNotifications();
    await tuned();
    await eventually(async () => {
      const row = await untilRow(VIEW, 'Dispatch', /^running/);
      assert.ok(!row.description.includes(`${concurrency} x ${batchSize} `));
    });

    const back = start('mediaBatch.tuneThroughput');
    await step(/How many files/);
    await driver.pick('Custom…');
    await step(/Invocations of the consumer at once/);
    await driver.type('0');
    await step(/Type a whole number/);
    await driver.enter(concurrency);
    await step(/Files that each of/);
    await driver.enter(batchSize);
    await step(/Seconds that SQS may wait/);
    await driver.accept();
    await notification(/The next stack update keeps it/);
    await clearNotifications();
    await back();
    await untilRow(VIEW, 'Dispatch', new RegExp(`^running, ${concurrency} x ${batchSize} `));
  });
});

/** @returns the commands of Media Batch that the palette offers for a text */
async function offered(text: string): Promise<string[]> {
  await driver.press('F1');
  await driver.type(`>Media Batch: ${text}`);
  const found = await eventually(async () => {
    const { items } = await driver.quickInput();
    const ours = items.filter((item) => item.startsWith('Media Batch:') && item.includes(text));
    assert.ok(ours.length > 0);
    return ours;
  });
  await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
  return found;
}
