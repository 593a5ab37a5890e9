import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { driver, hostTest } from './driver.ts';
import { changeSetting, setting, showOnly, type ViewTitle } from './editor.ts';
import { eventually, untilHint, untilRow } from './eventually.ts';

/** The shortest pause between two looks that can be set, in s. */
const REFRESH_SECONDS = 2;

describe('what views ask', () => {
  const region = setting('region');

  before(() => changeSetting('refreshSeconds', REFRESH_SECONDS));

  after(async () => {
    await driver.release();
    await driver.setFocus(true);
    await changeSetting('region', region);
    await changeSetting('refreshSeconds', undefined);
  });

  it('is nothing while the container is hidden and the window has no focus', async () => {
    await showOnly('Pipeline', 'Buckets', 'Batches', 'Failures');
    await untilRow('Pipeline', 'Dispatch', /^running/);
    await vscode.commands.executeCommand('workbench.action.closeSidebar');
    await driver.setFocus(false);
    await eventually(() => {
      assert.equal(vscode.window.state.focused, false);
    });
    await vscode.commands.executeCommand('mediaBatch.refresh');
    const before = await untilQuiet();
    await vscode.commands.executeCommand('mediaBatch.refresh');
    // That nothing happens shows only by waiting: two looks fit in.
    await delay(2 * REFRESH_SECONDS * 1000);
    assert.deepEqual((await driver.requests()).slice(before), []);
    await driver.setFocus(true);
  });

  it('is nothing while the window has no focus and only another container is open', async () => {
    await driver.setFocus(false);
    await vscode.commands.executeCommand('workbench.view.explorer');
    const before = await untilQuiet();
    await vscode.commands.executeCommand('mediaBatch.refresh');
    await changeSetting('pins', ['s3://elsewhere/']);
    assert.deepEqual((await driver.requests()).slice(before), []);
    await changeSetting('pins', undefined);
    await driver.setFocus(true);
  });

  const firstLevels: readonly {
    readonly view: ViewTitle;
    readonly operation: string;
    readonly isShown: () => Promise<unknown>;
  }[] = [
    {
      view: 'Pipeline',
      operation: 'cloudformation:DescribeStacks',
      isShown: () => untilRow('Pipeline', 'Stack', /CREATE_COMPLETE/),
    },
    { view: 'Buckets', operation: 's3:GET /', isShown: () => untilRow('Buckets', hostTest.bucket) },
    {
      view: 'Batches',
      operation: 'dynamodb:Query',
      isShown: () => untilRow('Batches', /^[a-z]+\//),
    },
    {
      view: 'Failures',
      operation: 'dynamodb:Query',
      isShown: () => untilHint('Failures', /^No failures/),
    },
  ];
  for (const { view, operation, isShown } of firstLevels) {
    it(`is ${operation} alone for the first level of ${view}, besides the shared connection and stack`, async () => {
      await driver.setFocus(false);
      await forgetRows(view);
      await untilQuiet();
      const shared = ['sts:.*', 'cloudformation:DescribeStacks'];
      await driver.hold(`^(?!(${[...shared, operation].join('|')})$)`);
      const before = (await driver.requests()).length;
      try {
        await showOnly(view);
        await isShown();
        // Welcome content is there before the answer is.
        await eventually(async () => {
          const asked = (await driver.requests()).slice(before);
          assert.ok(asked.includes(operation), asked.join('\n'));
        });
      } finally {
        await driver.release();
        await driver.setFocus(true);
      }
    });
  }
});

/**
 * Has a view empty, and connects again once every view is hidden: the editor keeps a hidden view's rows on screen until
 * there are others, and what is shown afterwards has to have been read afterwards.
 */
async function forgetRows(view: ViewTitle): Promise<void> {
  const region = setting('region');
  await showOnly(view);
  await changeSetting('region', 'Mars');
  await untilHint(
    view,
    /Which AWS account and region hold your media files\?|No AWS profile and region are chosen/,
  );
  await showOnly();
  const before = (await driver.requests()).length;
  await changeSetting('region', region);
  await eventually(async () => {
    assert.ok((await driver.requests()).slice(before).includes('sts:GetCallerIdentity'));
  });
}

/** Waits until what is under way has ended. @returns how many requests there were by then */
async function untilQuiet(): Promise<number> {
  let last = -1;
  return eventually(async () => {
    const { length } = await driver.requests();
    const isQuiet = length === last;
    last = length;
    await delay(300);
    assert.ok(isQuiet);
    return length;
  });
}
