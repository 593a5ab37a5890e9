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
  start,
  step,
} from './editor.ts';
import { untilRow } from './eventually.ts';

const VIEW = 'Pipeline';

describe('the stack', () => {
  before(async () => {
    await showOnly(VIEW);
    await untilRow(VIEW, 'Stack', /CREATE_COMPLETE/);
  });

  afterEach(async () => {
    await changeSetting('stackName', undefined);
    await clearNotifications();
  });

  it('is kept when the question about its deletion is declined, which names what would go and stay', async () => {
    const question = await answerDialog(undefined, () =>
      vscode.commands.executeCommand('mediaBatch.deletePipeline'),
    );
    assert.match(question, /^Delete the pipeline "media-batch"\?/);
    assert.match(question, /Account 000000000000 · eu-west-1/);
    assert.match(question, /Lost for good:[^]*about 0[^]*Stays in your account/);
    assert.ok(question.includes(hostTest.pipeline.resultsTable));
    assert.deepEqual(await notifications(), []);
  });

  it('is kept until its name is typed', async () => {
    await answerDialog('Continue', async () => {
      const done = start('mediaBatch.deletePipeline');
      await step(/Type the name of the stack, media-batch, to delete it/);
      await driver.type('media-batc');
      await step(/This is not the name of the stack/);
      await driver.accept();
      await step(/This is not the name of the stack/);
      await driver.escape();
      await done();
    });
    await untilRow(VIEW, 'Stack', /CREATE_COMPLETE/);
  });

  it('says that there is no update to cancel and no rollback to continue', async () => {
    for (const [command, sentence] of [
      ['mediaBatch.cancelStackUpdate', /update/],
      ['mediaBatch.continueRollback', /rollback/i],
    ] as const) {
      const done = start(command);
      assert.doesNotMatch(await notification(sentence), /went wrong/);
      await clearNotifications();
      await done();
    }
  });

  it('says that there is nothing to delete under another name', async () => {
    await changeSetting('stackName', 'media-batch-two');
    const done = start('mediaBatch.deletePipeline');
    await notification(/There is no stack "media-batch-two" here/);
    await clearNotifications();
    await done();
  });
});
