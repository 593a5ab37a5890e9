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
    // The world's stack has batch size 5 and concurrency 4.
    await untilRow(VIEW, 'Dispatch', /^running, 20 at once/);
    const tuned = start('mediaBatch.tuneThroughput');
    await step(/How many files at Ittybit at once, or a second\? Account 000000000000 · eu-west-1/);
    await driver.pick('50 at once');
    await notification(/^Ittybit gets up to 50 at once now: batch size 10 × concurrency 5/);
    await clearNotifications();
    await tuned();
    await untilRow(VIEW, 'Dispatch', /^running, 50 at once/);

    const back = start('mediaBatch.tuneThroughput');
    await step(/How many files/);
    await driver.pick('Custom…');
    await step(/Concurrency: invocations of the consumer at once/);
    await driver.type('0');
    await step(/Type a whole number/);
    await driver.enter('4');
    await step(/Batch size: files that each of 4 invocations takes/);
    await driver.enter('5');
    await step(/Batching window: seconds that SQS may wait/);
    await driver.accept();
    await notification(/^Ittybit gets up to 20 at once now.*The next stack update keeps this/);
    await clearNotifications();
    await back();
    await untilRow(VIEW, 'Dispatch', /^running, 20 at once/);
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
