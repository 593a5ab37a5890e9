import assert from 'node:assert/strict';
import { driver, hostTest } from './driver.ts';
import {
  answerDialog,
  changeSetting,
  clearNotifications,
  notification,
  showOnly,
  start,
  step,
} from './editor.ts';
import { makeBucket } from './bucket-owner.ts';
import { enqueueAll } from './enqueue-flow.ts';
import { eventually, untilHint, untilRow } from './eventually.ts';

/** Under the default name, as the other suites: this one is the last by its name, as it takes their stack away. */
const STACK = 'media-batch';
/** Of this suite's own: what another has enqueued is done. */
const BUCKET = 'come-and-go';
const NO_PIPELINE = /^There is no pipeline (here )?yet/;
/** CloudFormation, and a consumer that waits 10 s for a full batch, take longer than a poll. */
const LIMIT_MS = 60_000;

describe('what is shown when the stack goes and comes', function () {
  this.timeout(3 * LIMIT_MS);

  before(async () => {
    await makeBucket(BUCKET, ['reel 1.mov', 'reel 2.mov']);
    await changeSetting('refreshSeconds', 2);
    await showOnly('Pipeline', 'Batches', 'Failures');
    await untilRow('Pipeline', 'Stack', /CREATE_COMPLETE/);
  });

  after(async () => {
    await driver.clearFaults();
    await clearNotifications();
    await changeSetting('refreshSeconds', undefined);
  });

  it('is nothing of the stack that was deleted, in any view', async () => {
    await enqueueAll(`s3://${BUCKET}/`);
    await untilRow('Batches', `${BUCKET}/`);
    await clearNotifications();
    await answerDialog('Continue', async () => {
      start('mediaBatch.deletePipeline');
      await step(/Type the name of the stack/);
      await driver.enter(STACK);
      await eventually(() => notification(/is deleted/), LIMIT_MS);
    });
    for (const view of ['Pipeline', 'Batches', 'Failures']) {
      await untilHint(view, NO_PIPELINE);
      assert.deepEqual(await driver.tree(view), [], view);
    }
    assert.deepEqual(await statusBar(), []);
    await clearNotifications();
  });

  it('is nothing of the stack before it, once one of the same name is deployed', async () => {
    await deploy();
    await untilRow('Pipeline', 'Stack', /CREATE_COMPLETE/);
    await untilHint('Batches', /^No batch yet/);
    assert.deepEqual(await driver.tree('Batches'), []);
    await untilHint('Failures', /^No failures/);
  });

  it('lists the dead letters that are counted, after a first deploy and without Refresh', async () => {
    const message = 'cannot read input';
    const effect = { type: 'status', status: 422, kind: 'invalid_input', message } as const;
    await driver.addFault({ effect, match: BUCKET });
    await enqueueAll(`s3://${BUCKET}/`);
    await eventually(async () => {
      const said = (await statusBar()).join('\n');
      assert.match(said, /about [1-9]\d* dead letter/);
    }, LIMIT_MS);
    await untilRow('Failures', /^\d+ +.*cannot read input/, / · newest /);
    await untilRow('Batches', `${BUCKET}/`);
    assert.equal((await driver.tree('Batches')).filter(({ level }) => level === 1).length, 1);
  });
});

/** @returns what this extension says there */
async function statusBar(): Promise<readonly string[]> {
  return (await driver.statusBar()).filter((entry) => entry.startsWith('Media Batch'));
}

/** Deploys as its user does, up to the stored API key. */
async function deploy(): Promise<void> {
  const question = await answerDialog('Deploy', async () => {
    start('mediaBatch.deployPipeline');
    await step(/Stack name/);
    await driver.enter(STACK);
    await step(/results of a deleted stack/);
    await driver.pick(/Start with an Empty Table/);
    for (const asked of [/Ittybit connection/, /API key kept/, /How many calls/, /E-mail/]) {
      await step(asked);
      await driver.accept();
    }
    await step(/Ready/);
    await driver.pick(/Ittybit API address/);
    await step(/Ittybit API address/);
    await driver.enter(hostTest.ittybitUrl);
    await step(/Ready/);
    await driver.accept();
    await eventually(() => notification(/is deployed/, 'Set Ittybit API Key…'), LIMIT_MS);
  });
  assert.match(question, /^Create the stack "media-batch"\?/);
  await step(/API key for the pipeline/);
  await driver.enter(hostTest.apiKey);
  await notification(/The API key of "media-batch" is stored/);
  await clearNotifications();
}
