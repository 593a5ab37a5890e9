import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';
import * as vscode from 'vscode';
import { driver, hostTest } from './driver.ts';

/** A step in the page waits 15 s at most; deploys take longer. */
const TIMEOUT_MS = 60_000;

/**
 * Called by the editor in the extension host: runs the suites beside this file and reports line by line. With
 * MEDIA_BATCH_ONLY, a pattern, only the tests whose full titles fit.
 * @throws Error when a test failed
 */
export async function run(): Promise<void> {
  let printed = Promise.resolve();
  const print = (...parts: unknown[]): void => {
    const line = format(...parts);
    printed = printed.then(() => driver.log(line));
  };
  Mocha.reporters.Base.consoleLog = print;
  const mocha = new Mocha({ timeout: TIMEOUT_MS, reporter: hostTest.reporter, color: false });
  const only = process.env['MEDIA_BATCH_ONLY'];
  if (only !== undefined) mocha.grep(new RegExp(only));
  mocha.rootHooks({
    async afterEach() {
      const { state, title } = (this as unknown as Mocha.Context).currentTest ?? {};
      if (state !== 'failed') return;
      print(`      see ${await driver.screenshot(title ?? '')}`);
      // What a failed test left open is not in the way of the next.
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      await driver.press('Escape');
    },
  });
  for (const name of readdirSync(__dirname).sort()) {
    if (name.endsWith('.test.cjs')) mocha.addFile(join(__dirname, name));
  }
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  await printed;
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}
