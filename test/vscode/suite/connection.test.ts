import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { driver } from './driver.ts';
import {
  changeSetting,
  clearNotifications,
  notification,
  notifications,
  setting,
  showOnly,
  start,
  step,
} from './editor.ts';
import { eventually, untilHint, untilRow } from './eventually.ts';

const VIEW = 'Pipeline';
const CREDENTIALS = join(homedir(), '.aws/credentials');

describe('the connection', () => {
  before(() => showOnly(VIEW));

  const given = { region: setting('region'), profile: setting('profile') };

  afterEach(async () => {
    await changeSetting('stackName', undefined);
    for (const name of ['region', 'profile'] as const) {
      if (setting(name) !== given[name]) await changeSetting(name, given[name]);
    }
    await clearNotifications();
    await untilRow(VIEW, 'Stack', /CREATE_COMPLETE/);
    await untilDescription(/^media-batch · eu-west-1 · 0000-0000-0000 \(role: media-batch\)/);
  });

  it('follows another stack name, which shows what to do', async () => {
    await changeSetting('stackName', 'media-batch-two');
    await untilHint(VIEW, /There is no pipeline here yet[^]*Select Stack…/);
    await untilDescription(/^media-batch-two · /);
    await eventually(async () => {
      assert.ok(!(await driver.statusBar()).some((entry) => entry.startsWith('Media Batch')));
    });
  });

  it('offers the pipelines of the region, and takes a name that is typed', async () => {
    const picked = start('mediaBatch.selectStack');
    await step(/Account 000000000000 · eu-west-1 · profile media-batch · custom endpoint/, /^media-batch$/);
    await driver.pick('Another name…');
    await step(/Name of the pipeline's stack/);
    await driver.type('9 lives');
    await step(/Use letters, digits and hyphens/);
    await driver.enter('media-batch-two');
    await picked();
    await untilDescription(/^media-batch-two · /);
    const again = start('mediaBatch.selectStack');
    await step(/Account 000000000000/);
    await driver.pick('media-batch');
    await again();
    await untilRow(VIEW, 'Stack', /CREATE_COMPLETE/);
  });

  it('takes another region from its picker', async () => {
    const done = start('mediaBatch.selectRegion');
    await step(/region/i);
    await driver.type('us-east-1');
    await driver.accept();
    await done();
    await untilDescription(/ · us-east-1 · /);
    await untilHint(VIEW, /There is no pipeline here yet/);
  });

  it('takes another profile from its picker', async () => {
    const done = start('mediaBatch.selectProfile');
    const { items } = await step(/profile to call AWS with/, /^owner$/);
    assert.deepEqual(items, ["The AWS CLI's choice", 'media-batch', 'owner']);
    await driver.pick('owner');
    await done();
    await untilDescription(/ · 0000-0000-0000 \(keys: owner\) · localhost/);
  });

  it('asks for the region again where the setting holds none', async () => {
    await changeSetting('region', 'Mars');
    await untilHint(VIEW, /Which AWS account and region hold your media files\?[^]*Select AWS Region…/);
  });

  it('keeps what it has read without a network, and says so', async () => {
    await driver.cutNetwork(true);
    try {
      await vscode.commands.executeCommand('mediaBatch.refresh');
      await untilHint(VIEW, /it could not be read again: /);
      await untilRow(VIEW, 'Queue', /waiting/);
    } finally {
      await driver.cutNetwork(false);
    }
    await vscode.commands.executeCommand('mediaBatch.refresh');
    await eventually(async () => {
      assert.equal(await driver.viewHint(VIEW), '');
    });
  });

  it('says quietly that keys are refused, offers no login, and sees new ones', async () => {
    const good = await readFile(CREDENTIALS, 'utf8');
    try {
      await writeFile(CREDENTIALS, good.replace(/(aws_access_key_id = ).*/, '$1AKIAEXPIREDEXPIRED00'));
      const refused = /AWS does not accept the credentials of AWS profile "media-batch" .*renew its keys/;
      await untilRow(VIEW, refused);
      assert.doesNotMatch(await driver.viewHint(VIEW), /Log In to AWS/);
      assert.deepEqual(await notifications(), []);
      start('mediaBatch.logIn');
      await notification(refused);
      await clearNotifications();
    } finally {
      await writeFile(CREDENTIALS, good);
    }
    await untilRow(VIEW, 'Stack', /CREATE_COMPLETE/);
    assert.deepEqual(await notifications(), []);
  });
});

function untilDescription(pattern: RegExp): Promise<void> {
  return eventually(async () => {
    assert.match(await driver.viewDescription(VIEW), pattern);
  });
}
