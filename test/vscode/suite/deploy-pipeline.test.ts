import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { driver } from './driver.ts';
import { notifications } from './editor.ts';

describe('Deploy Pipeline…', () => {
  it('asks for the stack first, and Escape cancels without a word', async () => {
    const running = vscode.commands.executeCommand('mediaBatch.deployPipeline');
    const { title, items, value } = await driver.quickInput();
    assert.match(title, /deploy/i);
    assert.ok(items.length > 0 || value !== '', 'a step with something in it');
    await driver.escape();
    await running;
    assert.deepEqual(await notifications(), []);
  });
});
