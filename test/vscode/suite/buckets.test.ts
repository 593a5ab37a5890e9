import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { denyListing, makeBucket } from './bucket-owner.ts';
import { driver, hostTest } from './driver.ts';
import {
  changeSetting,
  clearNotifications,
  notification,
  notifications,
  setting,
  showOnly,
} from './editor.ts';
import { eventually, untilRow } from './eventually.ts';

const VIEW = 'Buckets';
/** More than one page of 200. */
const MANY = 'many-takes';
const ELSEWHERE = 'film-oregon';
const DENIED = 'vault-denied';
const HOSTILE = 'hostile-names';
const HOSTILE_KEYS = [
  'evil\u202Egpj.exe',
  '<img src=x onerror=alert(1)>.mp4',
  '[click](command:workbench.action.closeWindow).mp4',
  '$(trash) not an icon.mp4',
  'two\nlines.mp4',
];

describe('the Buckets view', () => {
  before(async () => {
    const takes = Array.from({ length: 205 }, (_, i) => `take ${String(i).padStart(3, '0')}.mp4`);
    await Promise.all([
      makeBucket(MANY, takes),
      makeBucket(ELSEWHERE, ['west coast.mp4'], 'us-west-2'),
      makeBucket(DENIED, ['secret.mp4']),
      makeBucket(HOSTILE, HOSTILE_KEYS),
    ]);
    await denyListing(DENIED);
    await showOnly(VIEW);
  });

  afterEach(async () => {
    await changeSetting('pins', undefined);
    await clearNotifications();
    await vscode.commands.executeCommand('workbench.actions.treeView.mediaBatch.buckets.collapseAll');
  });

  it('lists the buckets of all regions, each with its own', async () => {
    await untilRow(VIEW, hostTest.bucket, /^eu-west-1$/);
    await untilRow(VIEW, ELSEWHERE, /^us-west-2$/);
  });

  it('opens level by level, with size and date of each file', async () => {
    await driver.expand(VIEW, hostTest.bucket);
    await driver.expand(VIEW, 'footage/');
    await driver.expand(VIEW, 'wild/');
    await untilRow(VIEW, 'a plain name.mp4', /^\d+ B, .*\d{4}/);
  });

  it('opens a bucket of another region', async () => {
    await driver.expand(VIEW, ELSEWHERE);
    await untilRow(VIEW, 'west coast.mp4');
  });

  it('says why a bucket cannot be listed, and lists it when asked again', async () => {
    await driver.expand(VIEW, DENIED);
    const { label, level } = await untilRow(VIEW, /s3:ListBucket/);
    assert.equal(level, 2);
    const before = (await driver.requests()).length;
    await driver.inlineAction(VIEW, label, 'Read Again');
    await eventually(async () => {
      assert.ok((await driver.requests()).slice(before).some((each) => each.includes(DENIED)));
    });
    assert.deepEqual(await notifications(), []);
  });

  it('brings the next page where the first ends', async () => {
    await vscode.commands.executeCommand('mediaBatch.buckets.focus');
    await driver.expand(VIEW, MANY);
    await untilRow(VIEW, 'take 000.mp4');
    await driver.press('End');
    await driver.click(VIEW, 'Load 200 more');
    await eventually(async () => {
      await driver.press('End');
      const rows = await driver.tree(VIEW);
      assert.ok(rows.some(({ label }) => label === 'take 204.mp4'));
    });
  });

  it('has S3 filter a level by prefix, and shows everything again', async () => {
    await driver.contextMenu(VIEW, MANY, 'Filter by Prefix…');
    const before = (await driver.requests()).length;
    await driver.enter('take 20');
    await untilRow(VIEW, MANY, /filter: take 20/);
    await driver.expand(VIEW, MANY);
    await untilRow(VIEW, 'take 204.mp4');
    const rows = await driver.tree(VIEW);
    assert.equal(rows.filter(({ label }) => label.startsWith('take ')).length, 5);
    const listed = (await driver.requests()).slice(before).filter((each) => each.includes(MANY));
    assert.equal(listed.length, 1, listed.join());
    await driver.contextMenu(VIEW, MANY, 'Clear Prefix Filter');
    await untilRow(VIEW, 'take 000.mp4');
  });

  it('pins a place that was typed, and unpins it by its menu', async () => {
    await driver.titleAction(VIEW, 'Pin Bucket or Prefix…');
    await driver.enter(`s3://${hostTest.bucket}/footage/1990/`);
    await untilRow(VIEW, `${hostTest.bucket}/footage/1990/`);
    assert.deepEqual(setting('pins'), [`s3://${hostTest.bucket}/footage/1990/`]);
    await driver.contextMenu(VIEW, `${hostTest.bucket}/footage/1990/`, 'Unpin');
    await eventually(async () => {
      assert.deepEqual(setting('pins'), []);
      const labels = (await driver.tree(VIEW)).map(({ label }) => label);
      assert.ok(!labels.includes(`${hostTest.bucket}/footage/1990/`));
    });
  });

  it('follows the setting, and leaves out what is no address', async () => {
    await changeSetting('pins', [`s3://${ELSEWHERE}/`, 'no address']);
    const { level } = await eventually(async () => {
      const [first] = await driver.tree(VIEW);
      assert.equal(first?.label, ELSEWHERE);
      return first;
    });
    assert.equal(level, 1);
  });

  it('pins what cannot be listed, and says so', async () => {
    await driver.titleAction(VIEW, 'Pin Bucket or Prefix…');
    await driver.enter(`s3://${DENIED}/`);
    await notification(/is pinned, but cannot be listed now/);
    assert.deepEqual(setting('pins'), [`s3://${DENIED}/`]);
  });

  it('shows hostile names as plain text on one line each', async () => {
    await driver.expand(VIEW, HOSTILE);
    await untilRow(VIEW, 'evil\\u{202e}gpj.exe');
    await untilRow(VIEW, '<img src=x onerror=alert(1)>.mp4');
    await untilRow(VIEW, '[click](command:workbench.action.closeWindow).mp4');
    await untilRow(VIEW, '$(trash) not an icon.mp4');
    const { aria } = await untilRow(VIEW, 'two\\u{a}lines.mp4');
    assert.match(aria, /two\\u\{a\}lines\.mp4/);
  });

  it('copies the raw address of a file', async () => {
    await driver.expand(VIEW, HOSTILE);
    await driver.contextMenu(VIEW, 'evil\\u{202e}gpj.exe', 'Copy S3 Address');
    await eventually(async () => {
      assert.equal(await vscode.env.clipboard.readText(), `s3://${HOSTILE}/evil\u202Egpj.exe`);
    });
  });
});
