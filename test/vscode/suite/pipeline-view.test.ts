import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { driver, hostTest } from './driver.ts';
import { showOnly } from './editor.ts';
import { eventually, untilRow } from './eventually.ts';

const VIEW = 'Pipeline';

describe('the Pipeline view', () => {
  before(() => showOnly(VIEW));

  it('shows dispatch, queue, dead letters and stack with their numbers and units', async () => {
    await untilRow(VIEW, 'Dispatch', /^running, \d+ at once/);
    await untilRow(VIEW, 'Queue', /^\d+ waiting, \d+ in flight/);
    await untilRow(VIEW, 'Dead letters', /^(none|about \d+)$/);
    await untilRow(VIEW, 'Stack', /^CREATE_COMPLETE, (just now|.+ ago)$/);
    const { aria } = await untilRow(VIEW, 'Stack');
    assert.match(aria, /Stack media-batch: create complete/);
  });

  it('names stack, region, account, profile and endpoint beside its title', async () => {
    await eventually(async () => {
      assert.match(
        await driver.viewDescription(VIEW),
        /^media-batch · eu-west-1 · 0000-0000-0000 \(role: media-batch\) · localhost:\d+$/,
      );
    });
  });

  it('has every output of the stack to copy', async () => {
    await driver.expand(VIEW, 'Outputs');
    await untilRow(VIEW, 'WorkQueueUrl');
    await driver.contextMenu(VIEW, 'WorkQueueUrl', 'Copy Value');
    await eventually(async () => {
      assert.equal(await vscode.env.clipboard.readText(), hostTest.pipeline.workQueueUrl);
    });
    await driver.inlineAction(VIEW, 'ResultsTableName', 'Copy Value');
    await eventually(async () => {
      assert.equal(await vscode.env.clipboard.readText(), hostTest.pipeline.resultsTable);
    });
  });

  it('opens the dead letters from their row', async () => {
    await driver.inlineAction(VIEW, 'Dead letters', 'Show Failures');
    await eventually(async () => {
      const rows = (await driver.tree('Failures')).map(({ label }) => label);
      // Those that the suite of the Failures view has left, where it ran.
      assert.match([...rows, await driver.viewHint('Failures')].join('\n'), /No failures|no such track/);
    });
  });
});
