import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ensureNpmProgram,
  npmInstall,
  type EnsureProgramOptions,
  type NpmProgram,
  type RunInPart,
} from '../tools/npm-program.ts';
import { EDITOR_FILE_LOG } from './editor-file-log.ts';

/** VS Code's server inside the package. */
const SERVER = join('node_modules', 'code-server', 'lib', 'vscode');
const SERVER_MAIN = join(SERVER, 'out', 'server-main.js');

/** The npm package that carries VS Code's server, workbench and extension host; its version is VS Code's plus 3. */
const EDITOR: NpmProgram = {
  title: 'VS Code',
  package: 'code-server',
  version: '4.139.1',
  takes: 'about a minute',
  entry: SERVER_MAIN,
  finish: finishServer,
};

/** A VS Code that runs in a browser. */
export interface InstalledEditor {
  readonly version: string;
  /** the server's entry point, for Node 24 */
  readonly serverMain: string;
}

/**
 * Finds the pinned VS Code server, and lets npm install it the first time (600 MB). Nothing is compiled: we do not need what
 * only install scripts make (Kerberos for proxies, a watchdog).
 * @throws as `ensureNpmProgram`
 */
export async function ensureEditor(options: EnsureProgramOptions = {}): Promise<InstalledEditor> {
  const home = await ensureNpmProgram(EDITOR, options);
  return { version: EDITOR.version, serverMain: join(home, SERVER_MAIN) };
}

async function finishServer(part: string, run: RunInPart): Promise<void> {
  await run('npm', npmInstall(), join(part, SERVER));
  const libraries = join(part, SERVER, 'node_modules', '@vscode');
  await writeFile(join(libraries, 'spdlog', 'index.js'), EDITOR_FILE_LOG);
  // The watchdog ends a host whose server hangs. Without its native part each host would log an error at its start.
  await writeFile(join(libraries, 'native-watchdog', 'index.js'), 'exports.start = () => {};\n');
}
