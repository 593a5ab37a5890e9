import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { createServices } from '../../../src/aws/services.ts';
import { newBatchId } from '../../../src/core/batch/batch.ts';
import { DEFAULT_BATCH } from '../../../src/core/batch/queue-message.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../src/core/ittybit/job-options.ts';
import { driver, hostTest } from './driver.ts';
import { clearNotifications, notification, showOnly, start, step } from './editor.ts';
import { eventually } from './eventually.ts';

const { pipeline } = hostTest;

describe('the operator', () => {
  const services = createServices(hostTest.root);

  afterEach(clearNotifications);
  after(async () => {
    services.dispose();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('has the API key asked of Ittybit before the box closes', async () => {
    const done = start('mediaBatch.setApiKey');
    await step(/API key for the pipeline/);
    await driver.enter('ittybit_live_that_never_was');
    await step(/Ittybit refuses this key/);
    await driver.enter(hostTest.apiKey);
    await notification(/^The API key of "media-batch" is stored/);
    await clearNotifications();
    await done();
  });

  it('finds a file by the id of its job, which the stack asks Ittybit about', async () => {
    const file = { batch: DEFAULT_BATCH, bucket: hostTest.bucket, key: 'asked for by its job.mp4' };
    const body = JSON.stringify({ bucket: file.bucket, key: file.key });
    assert.deepEqual(await services.queues.send(pipeline.workQueueUrl, [{ body }]), []);
    const jobId = await eventually(async () => {
      const item = await services.batches.result(pipeline.resultsTable, file);
      assert.ok(item?.job_id);
      return item.job_id;
    });
    const done = start('mediaBatch.findFile');
    await step(/or a job id/);
    await driver.type(jobId);
    await step(/or a job id/, /the stack asks Ittybit/);
    await driver.accept();
    await done();
    const text = vscode.window.activeTextEditor?.document.getText() ?? '{}';
    assert.equal((JSON.parse(text) as { job_id?: string }).job_id, jobId);
  });

  it('is asked about an enqueue that was interrupted, with the planned total', async () => {
    const batch = newBatchId(Date.now(), Math.random());
    const table = pipeline.resultsTable;
    const meta = { batch, bucket: hostTest.bucket, prefix: 'interrupted/', job: DEFAULT_JOB_OPTIONS };
    const created_at = new Date().toISOString();
    await services.batches.create(table, { ...meta, extensions: ['mp4'], planned: 50_000, created_at });
    const checkpoint = { shard: 0, lastKey: 'interrupted/x', listed: 12_000, sent: 12_000, skipped: {} };
    await services.batches.saveCheckpoint(table, batch, { ...checkpoint, done: false }, undefined);
    try {
      await showOnly('Batches');
      await vscode.commands.executeCommand('mediaBatch.refresh');
      const text = await eventually(
        () => notification(/interrupted\/ was interrupted at 12,000 of about 50,000 files/, 'Not Now'),
        40_000,
      );
      assert.match(text, /^The enqueue of /);
    } finally {
      await services.batches.cancel(table, batch, { at: created_at, by: 'operator' });
    }
  });
});
