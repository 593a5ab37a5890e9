import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { visibleText } from '../../../src/core/visible-text.ts';
import { makeBucket } from './bucket-owner.ts';
import { driver, hostTest } from './driver.ts';
import { changeSetting, clearNotifications, notification, showOnly, start, step } from './editor.ts';
import { answerUpToReview, enqueueAll } from './enqueue-flow.ts';
import { eventually, untilRow } from './eventually.ts';

const VIEW = 'Batches';
const PREFIX = 'footage/wild/';
const REELS = 'reels';

describe('Enqueue Prefix… and the Batches view', () => {
  before(async () => {
    await makeBucket(
      REELS,
      Array.from({ length: 30 }, (_, i) => `reel ${i}.mov`),
    );
    await changeSetting('refreshSeconds', 2);
    await showOnly(VIEW);
  });

  afterEach(clearNotifications);

  after(async () => {
    await driver.release();
    await changeSetting('refreshSeconds', undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await clearNotifications();
  });

  it('counts first, and Escape at the review sends nothing', async () => {
    const before = (await driver.requests()).length;
    const done = start('mediaBatch.enqueuePrefix');
    await answerUpToReview(`s3://${hostTest.bucket}/${PREFIX}`);
    const { items } = await driver.quickInput();
    assert.ok(
      items.some((item) => /Enqueue 22 files/.test(item)),
      items.join('\n'),
    );
    assert.ok(
      items.some((item) => /AWS: less than \$0\.01/.test(item)),
      items.join('\n'),
    );
    await driver.pick(/Show Details/);
    await eventually(async () => {
      const shown = await driver.quickInput();
      assert.ok(shown.items.some((item) => item.includes(PREFIX)));
    });
    await driver.escape();
    await done();
    const sent = (await driver.requests()).slice(before).filter((each) => /SendMessage|PutItem/.test(each));
    assert.deepEqual(sent, []);
  });

  it('goes a step back, and says where there is nothing', async () => {
    const done = start('mediaBatch.enqueuePrefix');
    await answerUpToReview(`s3://${hostTest.bucket}/Footage/`);
    const { items } = await driver.quickInput();
    assert.deepEqual(items, ['Change the Answers']);
    await driver.pick('Change the Answers');
    await step(/Only some of these files/);
    await driver.back();
    const { value } = await step(/File extensions/);
    assert.match(value, /mp4, /);
    await driver.escape();
    await done();
  });

  it('sends what was counted, and the batch shows up with its numbers', async () => {
    const text = await enqueueAll(`s3://${hostTest.bucket}/${PREFIX}`);
    assert.match(text, /^22 files are in the queue, of 26 objects\. Skipped: /);
    await untilRow(VIEW, PREFIX, /^done/);
  });

  it('opens batch, status and file, down to the JSON document', async () => {
    await driver.expand(VIEW, PREFIX);
    await untilRow(VIEW, 'Succeeded', /^22$/);
    await driver.expand(VIEW, 'Succeeded');
    await driver.click(VIEW, 'a plain name.mp4');
    const result = await eventually(() => {
      const { document } = vscode.window.activeTextEditor ?? {};
      assert.equal(document?.uri.scheme, 'media-batch');
      return JSON.parse(document.getText()) as Record<string, unknown>;
    });
    assert.equal(result['status'], 'succeeded');
    assert.equal(result['file'], `s3://${hostTest.bucket}/${PREFIX}a plain name.mp4`);
    assert.ok(Array.isArray(result['history']) && result['history'].length > 1);
  });

  it('copies a job id and reveals a source from the file', async () => {
    await driver.contextMenu(VIEW, 'a plain name.mp4', 'Copy Job ID');
    await eventually(async () => {
      assert.match(await vscode.env.clipboard.readText(), /^job_/);
    });
    await driver.contextMenu(VIEW, 'a plain name.mp4', 'Reveal Source in Buckets');
    await untilRow('Buckets', `${PREFIX}a plain name.mp4`);
    await showOnly(VIEW);
  });

  it('opens the output of a file that has one', async () => {
    const label = await fileWithOutput();
    const opened: string[] = [];
    const { openExternal } = vscode.env;
    Object.assign(vscode.env, {
      openExternal: (uri: vscode.Uri) => {
        opened.push(uri.toString());
        return Promise.resolve(true);
      },
    });
    try {
      await driver.inlineAction(VIEW, label, 'Open Output');
      await eventually(() => {
        assert.match(opened.join(), /^https?:/);
      });
    } finally {
      Object.assign(vscode.env, { openExternal });
    }
  });

  it('filters the batches, and says so', async () => {
    const done = start('mediaBatch.filterBatches');
    await step(/Which batches/);
    await driver.pick('By bucket or prefix…');
    await step(/Part of the bucket/);
    await driver.enter('no such batch');
    await done();
    await eventually(async () => {
      assert.match(await driver.viewHint(VIEW), /No batch matches the filter/);
    });
    await driver.welcomeButton(VIEW, 'Clear Batch Filter');
    await untilRow(VIEW, PREFIX);
  });

  it('stops at Cancel, and the batch can be resumed from its row', async () => {
    await driver.hold('SendMessageBatch');
    const done = start('mediaBatch.enqueuePrefix');
    await answerUpToReview(`s3://${REELS}/`);
    const before = (await driver.requests()).length;
    await driver.pick(/Enqueue 30 files/);
    await eventually(async () => {
      assert.ok((await driver.requests()).slice(before).some((each) => each.endsWith('SendMessageBatch')));
    });
    await notification(/^Enqueuing/, 'Cancel');
    await notification(/^Stopped/);
    await driver.release();
    await clearNotifications();
    await done();
    await untilRow(VIEW, `${REELS}/`, /enqueue not finished/);
    await driver.inlineAction(VIEW, `${REELS}/`, 'Resume Enqueue');
    await notification(/30 files are in the queue/);
    await clearNotifications();
    await untilRow(VIEW, `${REELS}/`, /^done/);
  });

  it('takes the job from a JSON document', async () => {
    const done = start('mediaBatch.enqueuePrefix');
    await step(/Which bucket or prefix/);
    await driver.pick(/Type an S3 address/);
    await step(/whose address starts with this/);
    await driver.enter(`s3://${REELS}/`);
    await step(/What should Ittybit make/);
    await driver.pick('From a JSON document…');
    await notification(/Edit the job/, 'Enqueue with This Document');
    await step(/whose address starts with this/);
    assert.match(vscode.window.activeTextEditor?.document.uri.path ?? '', /\.media-batch-job\.json$/);
    await driver.accept();
    await step(/What should Ittybit make/);
    await driver.pick(/^Open document: video\.media-batch-job\.json$/);
    await step(/Where the results go/);
    await driver.escape();
    await done();
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});

/** @returns the label of a file whose webhook named an output: not every shape of Ittybit's does */
async function fileWithOutput(): Promise<string> {
  for (const { label } of (await driver.tree(VIEW)).filter(({ level }) => level === 3)) {
    await driver.click(VIEW, label);
    const result = await eventually(() => {
      const text = vscode.window.activeTextEditor?.document.getText() ?? '{}';
      const { file = '', output_url } = JSON.parse(text) as { file?: string; output_url?: string };
      // A row shows a hostile name as it can be seen, and any file may be the first one.
      assert.ok(visibleText(file, 2000).endsWith(label));
      return { output: output_url };
    });
    if (result.output) return label;
  }
  throw new Error('No file has an output.');
}
