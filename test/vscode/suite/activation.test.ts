import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../src/ui/base/command-ids.ts';
import { driver } from './driver.ts';

const EXTENSION_ID = 'media-batch.media-batch';

describe('activation', () => {
  let extension: vscode.Extension<unknown>;

  before(async () => {
    const found = vscode.extensions.getExtension(EXTENSION_ID);
    assert.ok(found);
    extension = found;
    await extension.activate();
  });

  it('loads no AWS code and sends no request', async () => {
    const loaded = Object.keys(createRequire(__filename).cache).filter((file) =>
      file.startsWith(extension.extensionPath),
    );
    assert.ok(loaded.some((file) => file.endsWith('extension.cjs')));
    assert.deepEqual(
      loaded.filter((file) => file.endsWith('aws.cjs')),
      [],
    );
    assert.deepEqual(await driver.requests(), []);
  });

  it('registers every command', async () => {
    const commands = await vscode.commands.getCommands(true);
    assert.deepEqual(
      COMMAND_IDS.filter((id) => !commands.includes(id)),
      [],
    );
  });
});
