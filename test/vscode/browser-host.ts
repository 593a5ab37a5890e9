import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { EditorServer } from '../../src/local/vscode/editor-server.ts';
import { Workbench } from '../browser/workbench.ts';

const PROJECT = join(import.meta.dirname, '../..');
/** Nothing that a suite waits for in the page takes longer. */
const STEP_TIMEOUT_MS = 15_000;

/**
 * Opens a window of the editor with the extension's source folder, and runs the suites in its extension host.
 * @param tests the module whose `run` is called there
 * @param onWindow gets the window before the suites start
 * @param limit ends the wait for suites that hang
 * @returns the exit code: 0 when all passed
 * @throws Error with the extension host's log when the suites are not done at the limit
 */
export async function runInBrowser(
  editor: EditorServer,
  browser: Browser,
  tests: string,
  onWindow: (window: Workbench) => void,
  limit: AbortSignal,
): Promise<number> {
  limit.throwIfAborted();
  const page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  onWindow(new Workbench(page));
  try {
    const exit = Promise.withResolvers<number>();
    // VS Code's own names: it reports through them, and calls the second when the suites are done.
    await page.exposeFunction('codeAutomationLog', () => undefined);
    await page.exposeFunction('codeAutomationExit', exit.resolve);
    page.on('crash', () => {
      exit.reject(new Error('The page crashed.'));
    });
    limit.addEventListener('abort', () => {
      exit.reject(limit.reason as Error);
    });
    await page.goto(editor.pageUrl({ extensionPath: PROJECT, testsPath: tests }));
    return await exit.promise;
  } catch (cause) {
    throw new Error(`The suites did not finish.\n${await editor.hostLogs()}`, { cause });
  } finally {
    await page.close();
  }
}
