import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { chromium, type Browser } from 'playwright-core';
import { poll } from '../../src/app/poll.ts';
import type { ConnectedEditor } from '../../src/local/vscode/connected-editor.ts';
import { freePort } from '../../src/local/tools/process-group.ts';
import { Workbench } from '../browser/workbench.ts';

const PROJECT = join(import.meta.dirname, '../..');

/**
 * Runs the suites in the desktop editor, which @vscode/test-electron downloads; its window is driven over its debugging port.
 * @param suites folder of the bundled suites
 * @param onWindow gets the window while the suites start
 * @returns the exit code: 0 when all passed
 */
export async function runOnDesktop(
  connection: ConnectedEditor,
  suites: string,
  onWindow: (window: Workbench) => void,
): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), 'media-batch-desktop-'));
  const files = {
    ...connection.files,
    'user/User/settings.json': JSON.stringify(connection.settings),
    'workspace/README.md': '',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), text);
  }
  const port = await freePort();
  const done = new AbortController();
  let browser: Browser | undefined;
  const attach = async (): Promise<void> => {
    browser = await poll(() => connect(port), 200, done.signal);
    const page = await poll(
      async () =>
        browser
          ?.contexts()[0]
          ?.pages()
          .find((each) => each.url().includes('workbench')),
      200,
      done.signal,
    );
    onWindow(new Workbench(page));
  };
  try {
    const [code] = await Promise.all([
      runTests({
        extensionDevelopmentPath: PROJECT,
        extensionTestsPath: join(suites, 'index.cjs'),
        extensionTestsEnv: { ...connection.env, HOME: home },
        launchArgs: [
          join(home, 'workspace'),
          `--user-data-dir=${join(home, 'user')}`,
          `--extensions-dir=${join(home, 'extensions')}`,
          `--remote-debugging-port=${port}`,
          '--disable-workspace-trust',
        ],
      }),
      attach(),
    ]);
    return code;
  } finally {
    done.abort();
    await browser?.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function connect(port: number): Promise<Browser | undefined> {
  try {
    return await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  } catch {
    // Not up yet: the caller asks again.
    return undefined;
  }
}
