import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../src/ui/base/command-ids.ts';
import { driver } from './driver.ts';
import { answerDialog, clearNotifications, notifications, showOnly } from './editor.ts';
import { eventually, untilRow } from './eventually.ts';

describe('commands', () => {
  before(async () => {
    await showOnly('Pipeline');
    await untilRow('Pipeline', 'Dispatch', /^running/);
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('workbench.action.closePanel');
    await showOnly('Pipeline');
    await untilRow('Pipeline', 'Dispatch', /^running/);
  });

  for (const id of COMMAND_IDS) {
    it(`${id} without a row asks, or says what to do`, async () => {
      const said: string[] = [];
      const question = await answerDialog(undefined, async () => {
        let isDone = false;
        const running = Promise.resolve(vscode.commands.executeCommand(id)).finally(() => {
          isDone = true;
        });
        await eventually(async () => {
          if (!(await driver.quickInputIsClosed())) {
            await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
          }
          const shown = await notifications();
          said.push(...shown);
          if (shown.length > 0) await clearNotifications();
          assert.ok(isDone, `${id} has not ended`);
        });
        await running;
      });
      assert.doesNotMatch([...said, question].join('\n'), /went wrong inside|undefined|\[object/);
    });
  }
});
