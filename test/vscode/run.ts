/**
 * Runs the suites of test/vscode/suite in a real extension host: in VS Code's server and Chromium, or with
 * MEDIA_BATCH_VSCODE=desktop in the desktop editor that @vscode/test-electron downloads.
 */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEditorServer } from '../../src/local/vscode/editor-server.ts';
import { launchChromium } from '../browser/chromium.ts';
import { runInBrowser } from './browser-host.ts';
import { bundleSuites } from './bundle-suites.ts';
import { runOnDesktop } from './desktop-host.ts';
import { startHostWorld, type HostWorld } from './host-world.ts';

const PROJECT = join(import.meta.dirname, '../..');
const LIMIT_MS = 15 * 60_000;

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    stop.abort();
  });
}
process.exitCode = await main();

async function main(): Promise<number> {
  print('Building the extension and the suites');
  await promisify(execFile)(process.execPath, ['esbuild.mjs', '--production'], { cwd: PROJECT });
  const suites = await bundleSuites();
  let world: HostWorld | undefined;
  try {
    print('Starting the local cloud');
    world = await startHostWorld(print);
    return process.env['MEDIA_BATCH_VSCODE'] === 'desktop'
      ? await desktop(world, suites)
      : await server(world, suites);
  } catch (error) {
    console.error(error);
    return 1;
  } finally {
    await world?.stop();
    await rm(suites, { recursive: true, force: true });
  }
}

function desktop(world: HostWorld, suites: string): Promise<number> {
  print('Starting the desktop editor');
  return runOnDesktop(world.connected, suites, (window) => {
    world.window = window;
  });
}

async function server(world: HostWorld, suites: string): Promise<number> {
  print('Starting VS Code');
  const editor = await startEditorServer({ ...world.connected, forTests: true, onProgress: print });
  try {
    const browser = await launchChromium();
    try {
      const code = await runInBrowser(
        editor,
        browser,
        join(suites, 'index.cjs'),
        (window) => {
          world.window = window;
        },
        AbortSignal.any([AbortSignal.timeout(LIMIT_MS), stop.signal]),
      );
      if (code !== 0) print(await editor.hostLogs(/^Media Batch/));
      return code;
    } finally {
      await browser.close();
    }
  } finally {
    await editor.stop();
  }
}

function print(line: string): void {
  console.log(line);
}
