import assert from 'node:assert/strict';
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
import { untilRow } from './eventually.ts';

const VIEW = 'Batches';
const BUCKET = 'wrong-reels';
const ROW = `${BUCKET}/`;

describe('a batch that is stopped', () => {
  before(async () => {
    await makeBucket(
      BUCKET,
      Array.from({ length: 12 }, (_, i) => `reel ${i}.mov`),
    );
    await changeSetting('refreshSeconds', 2);
    await showOnly('Pipeline', VIEW);
    await untilRow('Pipeline', 'Dispatch', /^running/);
    await driver.inlineAction('Pipeline', 'Dispatch', 'Pause Dispatch');
    await untilRow('Pipeline', 'Dispatch', /^paused/);
    await clearNotifications();
    assert.match(await enqueueAll(`s3://${BUCKET}/`), /^12 files/);
  });

  afterEach(clearNotifications);

  after(async () => {
    await changeSetting('refreshSeconds', undefined);
    await clearNotifications();
    await showOnly('Pipeline');
    await untilRow('Pipeline', 'Dispatch', /^running/);
  });

  it('is held and resumed from its row', async () => {
    await untilRow(VIEW, ROW, /^0 %  paused/);
    await driver.contextMenu(VIEW, ROW, 'Hold Batch');
    await notification(/^Batch .* is held: its files wait/);
    await untilRow(VIEW, ROW, /^held by hand  0 %/);
    await driver.inlineAction(VIEW, ROW, 'Resume Batch');
    await notification(/^Batch .* is resumed/);
    await untilRow(VIEW, ROW, /^0 %  paused/);
  });

  it('is cancelled after a question with its numbers, and keeps them', async () => {
    const question = await answerDialog('Cancel Batch', async () => {
      await driver.contextMenu(VIEW, ROW, 'Cancel Batch…');
      await notification(/^Batch .* is cancelled.*Dispatch is paused: nothing is drained/);
    });
    assert.match(question, /Not sent to Ittybit: 12\..*At Ittybit: 0\..*Done: 0\..*Dispatch is paused/s);
    await untilRow(VIEW, ROW, /^cancelled: 12 of 12, not drained while dispatch stands still/);
  });

  it('drains without a job, and its rest is sent as a new batch with its answers', async () => {
    const before = (await driver.requests()).length;
    await driver.inlineAction(VIEW, ROW, 'Enqueue the Rest…');
    await step(/Enqueue the Rest[^]*Nothing has been sent yet/);
    await driver.pick(/^\s*Enqueue 12 files/);
    await notification(/^12 files are in the queue/);
    assert.ok((await driver.requests()).slice(before).some((each) => /SendMessageBatch/.test(each)));
    await clearNotifications();
    const resumed = start('mediaBatch.resumeDispatch');
    await notification(/^Dispatch is resumed/);
    await clearNotifications();
    await resumed();
    await untilRow(VIEW, ROW, /^done/);
    await untilRow(VIEW, ROW, /^cancelled: 12 of 12(, draining)? · /);
  });
});
