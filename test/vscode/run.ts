/**
 * Runs the suites of test/vscode/suite in a real extension host: in VS Code's server and a browser, or with
 * MEDIA_BATCH_VSCODE=desktop in the desktop editor that @vscode/test-electron downloads.
 */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
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
  const ends: (() => Promise<void>)[] = [];
  try {
    const isDesktop = process.env['MEDIA_BATCH_VSCODE'] === 'desktop';
    // First: without one, nothing else is of use.
    const browser = isDesktop ? undefined : await launchChromium(print);
    if (browser) ends.push(() => browser.close());
    print('Building the extension and the suites');
    await promisify(execFile)(process.execPath, ['esbuild.mjs', '--production'], { cwd: PROJECT });
    const suites = await bundleSuites();
    ends.push(() => rm(suites, { recursive: true, force: true }));
    print('Starting the local cloud');
    const world = await startHostWorld(print);
    ends.push(() => world.stop());
    return browser ? await server(browser, world, suites) : await desktop(world, suites);
  } catch (error) {
    console.error(error);
    return 1;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

function desktop(world: HostWorld, suites: string): Promise<number> {
  print('Starting the desktop editor');
  return runOnDesktop(world.connected, suites, (window) => {
    world.window = window;
  });
}

async function server(browser: Browser, world: HostWorld, suites: string): Promise<number> {
  print('Starting VS Code');
  const editor = await startEditorServer({ ...world.connected, forTests: true, onProgress: print });
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
    await editor.stop();
  }
}

function print(line: string): void {
  console.log(line);
}
