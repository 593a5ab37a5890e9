import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { visibleText } from '../../../src/core/visible-text.ts';
import { makeBucket } from './bucket-owner.ts';
import { driver, hostTest } from './driver.ts';
import { changeSetting, clearNotifications, notification, showOnly, start, step } from './editor.ts';
import { answerPlace, answerUpToReview, enqueueAll } from './enqueue-flow.ts';
import { eventually, untilRow } from './eventually.ts';

const VIEW = 'Batches';
const PREFIX = 'footage/wild/';
const REELS = 'reels';
const TRIED = 'tried-reels';

describe('Enqueue Prefix… and the Batches view', () => {
  before(async () => {
    await makeBucket(
      REELS,
      Array.from({ length: 30 }, (_, i) => `reel ${i}.mov`),
    );
    await makeBucket(
      TRIED,
      Array.from({ length: 12 }, (_, i) => `reel ${i}.${i % 2 === 0 ? 'mov' : 'mp4'}`),
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
    // Typing filters the rows, of which not all are in sight.
    await driver.type(PREFIX);
    await eventually(async () => {
      const shown = await driver.quickInput();
      assert.ok(shown.items.some((item) => item.startsWith(`${PREFIX}100% final`)));
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
    assert.equal(items[0], 'Change the Answers');
    await driver.pick('Change the Answers');
    await step(/What to enqueue/, new RegExp(`^s3://${hostTest.bucket}/Footage/`));
    await driver.escape();
    await done();
  });

  it('offers the answers that were left with Escape', async () => {
    const done = start('mediaBatch.enqueuePrefix');
    await step(/What to enqueue/);
    await driver.pick(/The answers that you left/);
    await step(/What to enqueue/, new RegExp(`^s3://${hostTest.bucket}/Footage/`));
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
    await driver.pick(/^\s*Enqueue 30 files/);
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

  it('tries five files first, waits for their results, and then sends the rest', async () => {
    const done = start('mediaBatch.enqueuePrefix');
    await answerUpToReview(`s3://${TRIED}/`);
    await driver.accept();
    const { items } = await step(/5 of 5 tried files succeeded/);
    assert.ok(items.includes('Enqueue the other 7 files'), items.join('\n'));
    await driver.accept();
    await notification(/^12 files are in the queue/);
    await clearNotifications();
    await done();
    await untilRow(VIEW, 'Trial of 5', /^done/);
    await untilRow(VIEW, `${TRIED}/`, /^done/);
    await driver.expand(VIEW, `${TRIED}/`);
    // The five are paid once, by the trial.
    await untilRow(VIEW, 'Succeeded', /^7$/);
    await untilRow(VIEW, 'Covered by another batch', /^5$/);
  });

  it('gives a batch a name, and enqueues it again without what is done', async () => {
    await driver.contextMenu(VIEW, 'Trial of 5', 'Rename Batch…');
    await step(/What the batch is called/);
    await driver.enter('Five reels');
    await untilRow(VIEW, 'Five reels', /^done/);
    await driver.contextMenu(VIEW, 'Five reels', 'Enqueue Again…');
    const { items } = await step(/nothing to enqueue/);
    assert.equal(items[0], 'Change the Answers');
    await driver.escape();
  });

  it('takes the keys of a file', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'media-batch-keys-')), 'keys.csv');
    await writeFile(file, `bucket,key\n${REELS},reel 3.mov\n${REELS},gone.mov\n`);
    const done = vscode.commands.executeCommand('mediaBatch.enqueueFromFile', vscode.Uri.file(file));
    const { items } = await step(/What to enqueue/);
    assert.ok(items.includes('keys.csv'), items.join('\n'));
    await driver.accept();
    await step(/nothing to enqueue/);
    await driver.pick(/Take What Is Done, Too/);
    await step(/Nothing has been sent yet/);
    await driver.pick(/^\s*Enqueue 1 file/);
    assert.match(
      await notification(/is in the queue/),
      /^1 file is in the queue, of 2 objects\. Skipped: 1 not in the bucket\./,
    );
    await clearNotifications();
    await done;
  });

  it('takes the job from a JSON document, whose lens enqueues with it', async () => {
    const done = start('mediaBatch.enqueuePrefix');
    await answerPlace(`s3://${REELS}/`);
    await driver.pick(/^\s*(As in batch|Web video)/);
    await step(/What should Ittybit make/);
    await driver.pick('From a JSON document…');
    await notification(/Edit the job/, 'Enqueue with This Document');
    const { items } = await step(/What to enqueue/);
    assert.ok(items.includes('Open document: video.media-batch-job.json'), items.join('\n'));
    const uri = vscode.window.activeTextEditor?.document.uri;
    assert.match(uri?.path ?? '', /\.media-batch-job\.json$/);
    await driver.escape();
    await done();
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      uri,
    );
    assert.deepEqual(
      lenses.flatMap(({ command }) => (command ? [[command.title, command.command]] : [])),
      [['$(run-all) Enqueue with this job…', 'mediaBatch.enqueueWithJob']],
    );
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
