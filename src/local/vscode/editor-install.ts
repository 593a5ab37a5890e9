import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { withFileLock } from '../file-lock.ts';
import { EDITOR_FILE_LOG } from './editor-file-log.ts';

/** The npm package that carries VS Code's server, workbench and extension host; its version is VS Code's plus 3. */
const PACKAGE = 'code-server';
const VERSION = '4.139.1';
const DEFAULT_DIRECTORY = resolve(import.meta.dirname, '../../../.vscode-test');
/** VS Code's server inside the package. */
const SERVER = join('node_modules', PACKAGE, 'lib', 'vscode');
const NPM_OPTIONS = [
  '--ignore-scripts',
  '--omit=dev',
  '--no-audit',
  '--no-fund',
  '--no-save',
  '--loglevel=error',
];

/** A VS Code that runs in a browser. */
export interface InstalledEditor {
  readonly version: string;
  /** the server's entry point, for Node 24 */
  readonly serverMain: string;
}

export interface InstallEditorOptions {
  /** Gets one line at a time for the user. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Where editors are kept; the default is the project's git-ignored `.vscode-test`. */
  readonly directory?: string;
}

/** The editor could not be installed. The message names the log file with npm's output. */
export class EditorInstallError extends Error {
  override readonly name = 'EditorInstallError';
}

/**
 * Gives the pinned VS Code server, installed by npm the first time (600 MB); afterwards it costs one look at a file. No
 * install script runs and nothing is compiled: what only those bring (Kerberos for proxies, a watchdog) is not needed here.
 * Safe in several processes at once and after an interruption: it is made aside and moved into its place when whole.
 * @throws EditorInstallError when npm fails
 * @throws the signal's reason when aborted
 */
export async function ensureEditor(options: InstallEditorOptions = {}): Promise<InstalledEditor> {
  const { directory = DEFAULT_DIRECTORY, onProgress, signal } = options;
  const home = join(directory, `${PACKAGE}-${VERSION}`);
  const editor = { version: VERSION, serverMain: join(home, SERVER, 'out', 'server-main.js') };
  if (await exists(editor.serverMain)) return editor;
  await mkdir(directory, { recursive: true });
  await withFileLock(
    `${home}.lock`,
    async () => {
      if (!(await exists(editor.serverMain))) await install(directory, home, options);
    },
    {
      onWait: () => onProgress?.('Waiting for another process that installs VS Code'),
      ...(signal && { signal }),
    },
  );
  return editor;
}

async function install(directory: string, home: string, options: InstallEditorOptions): Promise<void> {
  options.onProgress?.(`Installing VS Code (${PACKAGE} ${VERSION}), about a minute, once`);
  for (const entry of await readdir(directory)) {
    if (entry.startsWith(`${PACKAGE}-${VERSION}.part`)) await remove(join(directory, entry));
  }
  await remove(home);
  const part = `${home}.part-${process.pid}`;
  const log = `${home}.log`;
  await mkdir(part);
  // Without a package.json here npm would install into the project.
  await writeFile(join(part, 'package.json'), '{ "private": true }\n');
  await npm(['install', ...NPM_OPTIONS, `${PACKAGE}@${VERSION}`], part, log, options.signal);
  await npm(['install', ...NPM_OPTIONS], join(part, SERVER), log, options.signal);
  const libraries = join(part, SERVER, 'node_modules', '@vscode');
  await writeFile(join(libraries, 'spdlog', 'index.js'), EDITOR_FILE_LOG);
  // It ends a host whose server hangs; without its native part each host would start with an error in the log.
  await writeFile(join(libraries, 'native-watchdog', 'index.js'), 'exports.start = () => {};\n');
  await rename(part, home);
}

async function npm(args: string[], cwd: string, log: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const output = await open(log, 'a');
  try {
    await output.write(`$ npm ${args.join(' ')}\n`);
    const child = spawn('npm', args, {
      cwd,
      stdio: ['ignore', output.fd, output.fd],
      env: npmEnvironment(),
      ...(signal && { signal }),
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`npm ended with code ${code ?? 'none'}`);
  } catch (error) {
    signal?.throwIfAborted();
    const message = `VS Code could not be installed: look into ${log}, check the network connection, then try again.`;
    throw new EditorInstallError(message, { cause: error });
  } finally {
    await output.close();
  }
}

/** The caller's, without what an npm that started this process said about its own project; and this Node first. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command|config_local_prefix)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Whatever keeps it from being read: it is installed (again).
    return false;
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
