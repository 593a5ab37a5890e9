import assert from 'node:assert/strict';
import { PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { makeBucket } from './bucket-owner.ts';
import { driver, hostTest } from './driver.ts';
import { answerDialog, changeSetting, clearNotifications, notification, showOnly, start } from './editor.ts';
import { answerPlace } from './enqueue-flow.ts';
import { eventually, untilRow } from './eventually.ts';

const BUCKET = 'cloud-reels';
const ROW = 'reels/';
/** More than one part, and so many that there is something left to pause, also on a busy machine. */
const FILES = 8_000;

/** Other suites count what is in the queue, and to drain so many takes minutes. */
async function emptyWorkQueue(): Promise<void> {
  const sqs = new SQSClient({ ...hostTest.root, useQueueUrlAsEndpoint: false });
  await sqs.send(new PurgeQueueCommand({ QueueUrl: hostTest.pipeline.workQueueUrl }));
  sqs.destroy();
}

describe('an enqueue in the cloud', function () {
  this.timeout(240_000);

  before(async () => {
    await makeBucket(
      BUCKET,
      Array.from({ length: FILES }, (_, i) => `${ROW}${String(i).padStart(4, '0')}.mov`),
    );
    await changeSetting('refreshSeconds', 2);
    await showOnly('Pipeline', 'Batches');
    await untilRow('Pipeline', 'Dispatch', /^running/);
    await driver.inlineAction('Pipeline', 'Dispatch', 'Pause Dispatch');
    await untilRow('Pipeline', 'Dispatch', /^paused/);
    await clearNotifications();
  });

  afterEach(clearNotifications);

  after(async () => {
    await changeSetting('refreshSeconds', undefined);
    await emptyWorkQueue();
    const resumed = start('mediaBatch.resumeDispatch');
    await notification(/^Dispatch is resumed/);
    await clearNotifications();
    await resumed();
    await showOnly('Pipeline');
    await untilRow('Pipeline', 'Dispatch', /^running/);
  });

  it('says what it adds and costs, makes its stack, and starts', async () => {
    const question = await answerDialog('Enqueue in the Cloud', async () => {
      start('mediaBatch.enqueueInCloud');
      await answerPlace(`s3://${BUCKET}/${ROW}`);
      await driver.accept();
      await notification(/^Batch .* is enqueued in the cloud/);
    });
    assert.match(question, /Adds the stack "media-batch-enqueue-[0-9a-f]{8}"/);
    assert.match(question, /about \$0\.17 for each million objects listed/);
  });

  it('is paused from its batch, and goes on from its row under the stack', async () => {
    await untilRow('Batches', ROW, /%/);
    await driver.contextMenu('Batches', ROW, 'Pause Cloud Enqueue');
    await notification(/^Paused\. Up to [\d,]+ more files may still arrive/);
    await clearNotifications();
    await driver.expand('Pipeline', 'Stack');
    await driver.expand('Pipeline', 'Cloud enqueues');
    await untilRow('Pipeline', ROW, /^paused: /);
    await driver.inlineAction('Pipeline', ROW, 'Resume Cloud Enqueue');
    await notification(/^(The enqueue goes on|A new run lists everything again)/);
    await eventually(async () => {
      await driver.titleAction('Pipeline', 'Refresh');
      await untilRow('Pipeline', ROW, /^all 8,000 listed, 8,000 sent/);
    }, 120_000);
  });

  it('is cancelled from its row, and its stack removed', async () => {
    // All is sent: the row changes no more, and its menu belongs to it.
    await untilRow('Batches', ROW, /^0 %.*paused/);
    await answerDialog('Cancel Batch', async () => {
      await driver.contextMenu('Batches', ROW, 'Cancel Batch…');
      await notification(/^Batch .* is cancelled/);
    });
    await clearNotifications();
    const question = await answerDialog('Remove', async () => {
      await driver.contextMenu('Pipeline', BUCKET, 'Remove Cloud Enqueue…');
      await notification(/^The cloud enqueue of cloud-reels is removed/);
    });
    assert.match(question, /An enqueue that is paused can still be resumed from its batch/);
  });
});
