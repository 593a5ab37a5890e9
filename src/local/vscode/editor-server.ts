import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasExited, stopProcessGroup } from '../tools/process-group.ts';
import { ensureEditor } from './editor-install.ts';

/** A VS Code server; any browser on this machine can open its pages. */
export interface EditorServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** receives the server's output; stays when the server stops */
  readonly logFile: string;
  /** The home directory of all its processes, until the server stops; pages open the folder `workspace` in it. */
  readonly home: string;
  /** The address of a page with a window of the editor. */
  pageUrl(window?: EditorWindow): string;
  /** @returns what the extension hosts of all windows have logged. @param names which log files; absent: all */
  hostLogs(names?: RegExp): Promise<string>;
  /** Stops the server and all processes that it started, and removes its files. A second call does nothing. */
  stop(): Promise<void>;
}

export interface EditorWindow {
  /** absolute path of an extension's source folder, to load it from there */
  readonly extensionPath?: string;
  /** absolute path of a module whose `run` is called in the extension host */
  readonly testsPath?: string;
}

export interface EditorServerOptions {
  /** added to this process's environment, which loses its own settings for AWS first */
  readonly env?: Readonly<Record<string, string>>;
  /** the settings of the machine, as in settings.json */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** absolute path of a packaged extension to install first */
  readonly vsix?: string;
  /** texts of files by path below `home`: `.aws/config`, `workspace/…` */
  readonly files?: Readonly<Record<string, string>>;
  /** True: pages take an `EditorWindow.testsPath`, and show no notifications. */
  readonly forTests?: boolean;
  /** names the log file; the process id is added */
  readonly name?: string;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** The editor did not start. The message names its log file. */
export class EditorStartError extends Error {
  override readonly name = 'EditorStartError';
}

const LOGS = resolve(import.meta.dirname, '../../../.local/logs');
const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 2_000;
/** Runs the server. When this process ends, the standard input closes, and the launcher ends the server's process group. */
const LAUNCHER = `process.stdin.on('end', () => process.kill(-process.pid, 'SIGKILL')).resume();
process.execArgv.length = 0; // otherwise its children would run this launcher, too
import(require('node:url').pathToFileURL(process.argv[1]).href);`;
/** Port 0 means any free port. The server uses this process's environment, not that of the user's login shell. */
const SERVER_FLAGS = [
  '--host=127.0.0.1',
  '--port=0',
  '--without-connection-token',
  '--disable-workspace-trust',
  '--telemetry-level=off',
  '--force-disable-user-env',
] as const;
/** Settings against questions, welcome pages and requests to other servers. */
const QUIET_SETTINGS = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
};
/** The caller's settings for AWS and for how Node starts, and the variables of an editor that we may run in. */
const FOREIGN_SETTINGS = /^(AWS_|AMAZON_|NODE_OPTIONS$|NODE_V8_COVERAGE$|npm_|VSCODE_|ELECTRON_)/;

/**
 * Starts VS Code's server on a free port of 127.0.0.1 with new, empty data, installing it the first time.
 * @throws NpmProgramError see `ensureEditor`
 * @throws EditorStartError when the start or the installation of the vsix fails, or takes longer than 60 s
 * @throws the signal's reason when aborted during the start; an abort later does nothing
 */
export async function startEditorServer(options: EditorServerOptions = {}): Promise<EditorServer> {
  const { onProgress, signal, name = 'editor' } = options;
  const { serverMain } = await ensureEditor({ ...(onProgress && { onProgress }), ...(signal && { signal }) });
  const home = await mkdtemp(join(tmpdir(), 'media-batch-editor-'));
  const logFile = join(LOGS, `${name}-${process.pid}.log`);
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (child) await stopProcessGroup(child, STOP_GRACE_MS);
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await mkdir(LOGS, { recursive: true });
    await mkdir(join(home, 'server', 'data', 'logs'), { recursive: true });
    await writeFile(logFile, '');
    await fillHome(home, options);
    if (options.vsix !== undefined) {
      child = await spawnServer(serverMain, options, home, logFile, ['--install-extension', options.vsix]);
      await untilInstalled(child, logFile, signal);
    }
    child = await spawnServer(serverMain, options, home, logFile, [...SERVER_FLAGS]);
    const port = await untilListening(child, logFile, signal);
    return {
      url: `http://127.0.0.1:${port}`,
      logFile,
      home,
      pageUrl: (window = {}) => pageUrl(port, join(home, 'workspace'), window),
      hostLogs: (names) => hostLogs(join(home, 'server', 'data', 'logs'), names),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function fillHome(home: string, { settings, files }: EditorServerOptions): Promise<void> {
  const machine = join(home, 'server', 'data', 'Machine');
  await mkdir(machine, { recursive: true });
  await writeFile(
    join(machine, 'settings.json'),
    JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, 2),
  );
  await mkdir(join(home, 'workspace'));
  for (const [path, text] of Object.entries(files ?? {})) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), text);
  }
}

async function spawnServer(
  serverMain: string,
  { env, forTests }: EditorServerOptions,
  home: string,
  logFile: string,
  args: readonly string[],
): Promise<ChildProcess> {
  const own = Object.entries(process.env).filter(([name]) => !FOREIGN_SETTINGS.test(name));
  const folders = ['--server-data-dir', join(home, 'server'), '--extensions-dir', join(home, 'extensions')];
  const flags = ['--accept-server-license-terms', ...(forTests ? ['--enable-smoke-test-driver'] : [])];
  const log = await open(logFile, 'a');
  try {
    return spawn(process.execPath, ['-e', LAUNCHER, serverMain, ...args, ...folders, ...flags], {
      cwd: home,
      detached: true,
      stdio: ['pipe', log.fd, log.fd],
      env: { ...Object.fromEntries(own), HOME: home, ...env },
    });
  } finally {
    await log.close();
  }
}

async function untilInstalled(child: ChildProcess, logFile: string, signal?: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(START_TIMEOUT_MS);
  try {
    await once(child, 'exit', { signal: signal ? AbortSignal.any([signal, limit]) : limit });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new EditorStartError(`The vsix was not installed: see ${logFile}.`, { cause });
  }
  if (child.exitCode !== 0) throw new EditorStartError(`The vsix was not installed: see ${logFile}.`);
}

/** @returns the port, when the server says that it listens there and answers */
async function untilListening(child: ChildProcess, logFile: string, signal?: AbortSignal): Promise<number> {
  let failure: unknown;
  child.once('error', (error) => (failure = error));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    if (failure !== undefined || hasExited(child)) {
      throw new EditorStartError(`VS Code ended while starting: see ${logFile}.`, { cause: failure });
    }
    const port = /Extension host agent listening on (\d+)/.exec(await readFile(logFile, 'utf8'))?.[1];
    if (port !== undefined && (await answers(Number(port)))) return Number(port);
    await delay(50, undefined, { ...(signal && { signal }) });
  }
  throw new EditorStartError(`VS Code did not answer within 60 s: see ${logFile}.`);
}

async function answers(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/version`, { signal: AbortSignal.timeout(5_000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    // It is not ready yet: the caller asks again until its own deadline.
    return false;
  }
}

/** The page's parameters are those of VS Code for the Web; the authority must be the page's own host. */
function pageUrl(port: number, folder: string, { extensionPath, testsPath }: EditorWindow): string {
  const remote = (path: string) => `vscode-remote://127.0.0.1:${port}${path}`;
  const payload: string[][] = [];
  if (extensionPath !== undefined) payload.push(['extensionDevelopmentPath', remote(extensionPath)]);
  if (testsPath !== undefined) payload.push(['extensionTestsPath', remote(testsPath)]);
  const query = new URLSearchParams({ folder });
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `http://127.0.0.1:${port}/?${query.toString()}`;
}

async function hostLogs(folder: string, names = /./): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const logs = entries.filter(
    (entry) => entry.isFile() && /exthost/.test(entry.parentPath) && names.test(entry.name),
  );
  const texts = logs.map(
    async ({ parentPath, name }) => `== ${name}\n${await readFile(join(parentPath, name), 'utf8')}`,
  );
  return (await Promise.all(texts)).join('\n');
}
