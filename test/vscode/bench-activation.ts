/**
 * How long the extension's `activate` takes in a real extension host, by the editor's own account ("Developer: Startup
 * Performance", columns Load Code and Call Activate): the median of 20 fresh windows.
 */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEditorServer } from '../../src/local/vscode/editor-server.ts';
import { launchChromium } from '../browser/chromium.ts';
import { runInBrowser } from './browser-host.ts';
import { bundleSuites } from './bundle-suites.ts';
import { startControlServer } from './control-server.ts';
import type { HostTest } from './host-test.ts';

const PROJECT = join(import.meta.dirname, '../..');
const WINDOWS = 20;
const GOAL_MS = 25;
const WINDOW_LIMIT_MS = 60_000;

export interface BenchActions {
  report(text: string): Promise<void>;
}

interface Times {
  readonly load: number;
  readonly activate: number;
}

if (import.meta.main) await bench();

async function bench(): Promise<void> {
  await promisify(execFile)(process.execPath, ['esbuild.mjs', '--production'], { cwd: PROJECT });
  const times: Times[] = [];
  const report = async (text: string) => {
    times.push(timesIn(text));
  };
  const suites = await bundleSuites();
  const control = await startControlServer({ report });
  const hostTest: Pick<HostTest, 'control'> = { control: control.url };
  const env = { MEDIA_BATCH_HOST_TEST: JSON.stringify(hostTest) };
  const editor = await startEditorServer({ env, forTests: true, onProgress: console.log });
  const browser = await launchChromium(console.log);
  try {
    for (let i = 0; i < WINDOWS; i++) {
      const limit = AbortSignal.timeout(WINDOW_LIMIT_MS);
      await runInBrowser(editor, browser, join(suites, 'activation-times.cjs'), () => undefined, limit);
      const { load, activate } = times.at(-1) ?? { load: Number.NaN, activate: Number.NaN };
      console.log(`window ${i + 1}: activate ${activate} ms, and ${load} ms to load the code`);
    }
  } finally {
    await browser.close();
    await editor.stop();
    await control.stop();
    await rm(suites, { recursive: true, force: true });
  }
  const activate = median(times.map((each) => each.activate));
  console.log(`activate: ${activate} ms (median of ${WINDOWS}; the goal is at most ${GOAL_MS} ms)`);
  console.log(`loading the code: ${median(times.map((each) => each.load))} ms (median)`);
  process.exitCode = activate <= GOAL_MS ? 0 : 1;
}

/** @param report the editor's Markdown: a table whose rows are | id | eager | load | call | finish | event | by | */
function timesIn(report: string): Times {
  const row = report.split('\n').find((line) => line.includes('media-batch.media-batch')) ?? '';
  const [, , , load, activate] = row.split('|').map((cell) => cell.trim());
  return { load: Number(load), activate: Number(activate) };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (
    ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) /
    2
  );
}
