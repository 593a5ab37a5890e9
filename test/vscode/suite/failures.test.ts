import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { makeBucket } from './bucket-owner.ts';
import { driver } from './driver.ts';
import {
  answerDialog,
  changeSetting,
  clearNotifications,
  notification,
  showOnly,
  start,
  step,
} from './editor.ts';
import { enqueueAll } from './enqueue-flow.ts';
import { eventually, untilRow } from './eventually.ts';

const VIEW = 'Failures';
const BUCKET = 'left-reels';
const NOTE = 'the owner [wants](command:x) it back';
const labelsOf = async (view: string) => (await driver.tree(view)).map(({ label }) => label);

describe('failures that are left out, and lists that stand', () => {
  before(async () => {
    await makeBucket(
      BUCKET,
      Array.from({ length: 3 }, (_, index) => `reel ${index}.mov`),
    );
    await changeSetting('refreshSeconds', 2);
    const effect = { type: 'status', status: 422, kind: 'invalid_input', message: 'no such track' } as const;
    await driver.addFault({ effect, match: BUCKET });
    await showOnly('Batches', VIEW);
    await enqueueAll(`s3://${BUCKET}/`);
    await untilRow(VIEW, /^3 +.*no such track/);
    await clearNotifications();
  });

  afterEach(clearNotifications);

  after(async () => {
    await driver.clearFaults();
    await vscode.commands.executeCommand('mediaBatch.refresh');
    await changeSetting('refreshSeconds', undefined);
  });

  it('leaves one out from the palette, with a note, and counts it apart', async () => {
    const done = start('mediaBatch.leaveOut');
    await step(/Files of which cause/, /^3 .*no such track/);
    await driver.pick(/no such track/);
    await step(/Which files/, /reel 1\.mov$/);
    await driver.pick(/reel 1\.mov/);
    await step(/Leave Out 1 file/);
    await driver.enter(NOTE);
    await notification(/^1 file left out\./);
    await clearNotifications();
    await done();
    await untilRow(VIEW, /^2 +.*no such track/);
    await untilRow(VIEW, '1 left out');
    await driver.expand(VIEW, '1 left out');
    await untilRow(VIEW, 'reel 1.mov', /^the owner \[wants\]\(command:x\) it back · .*, by /);
    assert.match(await driver.viewDescription(VIEW), /^2 files/);
  });

  it('takes it in again from its row', async () => {
    await driver.inlineAction(VIEW, 'reel 1.mov', 'Take In Again');
    await notification(/^1 file taken in again\./);
    await untilRow(VIEW, /^3 +.*no such track/);
    await eventually(async () => {
      assert.ok(!(await labelsOf(VIEW)).includes('1 left out'));
    });
  });

  it('keeps an open list of a batch as it is until Show New', async () => {
    await driver.expand('Batches', `${BUCKET}/`);
    await untilRow('Batches', 'Dead', /^3/);
    await driver.expand('Batches', 'Dead');
    await untilRow('Batches', 'reel 2.mov');
    await driver.clearFaults();
    await driver.expand(VIEW, /no such track/);
    await answerDialog('Retry', async () => {
      await driver.inlineAction(VIEW, 'reel 2.mov', /^Retry/);
      await notification(/^1 of 1 were sent again\.$/);
    });
    await untilRow('Batches', 'Dead', /^2/);
    await untilRow('Batches', '1 fewer, show');
    const reels = async () => (await labelsOf('Batches')).filter((label) => /^reel \d/.test(label));
    await eventually(async () => {
      assert.equal((await reels()).length, 3);
    });
    await driver.click('Batches', '1 fewer, show');
    await eventually(async () => {
      assert.deepEqual((await reels()).sort(), ['reel 0.mov', 'reel 1.mov']);
    });
  });
});
