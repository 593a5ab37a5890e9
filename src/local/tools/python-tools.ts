import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { withFileLock } from './file-lock.ts';
import { findPython } from './python-interpreter.ts';
import { runLogged } from './run-logged.ts';

/** The Python programs that the project uses; `python-pins/<tool>.txt` has their exact versions. */
export type PythonTool = 'ministack' | 'cfn-lint' | 'checkov' | 'awscli';

/** An installed tool. */
export interface InstalledPythonTool {
  readonly version: string;
  /** Absolute path of a program of the tool's environment, e.g. `bin('aws')` or `bin('python')`. */
  bin(name: string): string;
}

/** How to install; everything is optional. */
export interface EnsureOptions {
  /** Called with one line at a time for the user: what is being installed and about how long it takes. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Where environments are kept; the default is the project's git-ignored `.local/python`. */
  readonly directory?: string;
}

/** An installation failed. The message names the log file with pip's output. */
export class PythonToolInstallError extends Error {
  override readonly name = 'PythonToolInstallError';
  readonly logFile: string;
  constructor(message: string, logFile: string, options?: ErrorOptions) {
    super(message, options);
    this.logFile = logFile;
  }
}

/** What each tool is, and about how long it takes to install. */
const TOOLS: Record<PythonTool, { readonly title: string; readonly takes: string }> = {
  ministack: { title: 'the AWS emulator', takes: '15 s' },
  'cfn-lint': { title: 'the template checker', takes: '15 s' },
  checkov: { title: 'the security checker', takes: 'a minute' },
  awscli: { title: 'the AWS CLI', takes: '15 s' },
};

const DEFAULT_DIRECTORY = resolve(import.meta.dirname, '../../../.local/python');

/**
 * Finds the pinned tool, and installs it into its own virtual environment the first time (15 s to a minute, needs the network).
 * Later calls only read two small files. Several processes may call it at once, and it may be interrupted.
 * @throws PythonMissingError without a Python 3.10+ that has venv
 * @throws PythonToolInstallError when venv or pip fails
 * @throws the signal's reason when aborted
 */
export async function ensurePythonTool(
  tool: PythonTool,
  options: EnsureOptions = {},
): Promise<InstalledPythonTool> {
  const pins = await readFile(pinsFile(tool), 'utf8');
  const home = join(options.directory ?? DEFAULT_DIRECTORY, tool);
  const ready = await findReady(home, pins, tool);
  if (ready) return ready;
  await mkdir(home, { recursive: true });
  return withFileLock(
    join(home, 'install.lock'),
    async () => (await findReady(home, pins, tool)) ?? (await install(tool, home, pins, options)),
    {
      ...options,
      onWait: () => options.onProgress?.(`Waiting for another process that installs ${TOOLS[tool].title}`),
    },
  );
}

/**
 * @returns the version that a pins file has for a package, e.g. `1.5.33`; case does not matter in names
 * @throws Error when the file does not pin it
 */
export function pinnedVersion(pins: string, name: string): string {
  for (const line of pins.split('\n')) {
    const [pinned, version] = line.split(/==|;/, 2);
    if (pinned?.trim().toLowerCase() === name.toLowerCase() && version) return version.trim();
  }
  throw new Error(`The pins file has no version of ${name}.`);
}

/** @returns the line for the user, such as `Installing the AWS emulator (ministack 1.5.33), about 15 s, once` */
export function installingLine(tool: PythonTool, version: string): string {
  const { title, takes } = TOOLS[tool];
  return `Installing ${title} (${tool} ${version}), about ${takes}, once`;
}

function pinsFile(tool: PythonTool): string {
  return join(import.meta.dirname, 'python-pins', `${tool}.txt`);
}

/** `ready.json` is written last, so an interrupted installation has none. Different pins make it outdated. */
async function findReady(
  home: string,
  pins: string,
  tool: PythonTool,
): Promise<InstalledPythonTool | undefined> {
  try {
    const marker: unknown = JSON.parse(await readFile(join(home, 'ready.json'), 'utf8'));
    if (!isMarker(marker) || marker.pins !== pins) return undefined;
    const found = installed(join(home, marker.environment), pinnedVersion(pins, tool));
    await access(found.bin('python'), constants.X_OK);
    return found;
  } catch {
    // The marker is missing or damaged, or the Python is gone: install (again).
    return undefined;
  }
}

function isMarker(value: unknown): value is { environment: string; pins: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'environment' in value &&
    typeof value.environment === 'string' &&
    'pins' in value &&
    typeof value.pins === 'string'
  );
}

function installed(environment: string, version: string): InstalledPythonTool {
  const windows = process.platform === 'win32';
  const folder = join(environment, windows ? 'Scripts' : 'bin');
  return { version, bin: (name) => join(folder, windows ? `${name}.exe` : name) };
}

async function install(
  tool: PythonTool,
  home: string,
  pins: string,
  options: EnsureOptions,
): Promise<InstalledPythonTool> {
  const version = pinnedVersion(pins, tool);
  const python = await findPython(options.signal);
  options.onProgress?.(installingLine(tool, version));
  await removeOldEnvironments(home);
  // A new folder each time: a pip that still runs after an interruption cannot write into it.
  const name = `env-${process.pid}-${Date.now().toString(36)}`;
  const environment = join(home, name);
  const result = installed(environment, version);
  const log = join(home, 'install.log');
  await run(python.command, [...python.args, '-m', 'venv', environment], tool, log, options.signal);
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '-c', pinsFile(tool)];
  await run(result.bin('python'), [...pip, `${tool}==${version}`], tool, log, options.signal);
  await writeFile(join(home, 'ready.json.new'), JSON.stringify({ environment: name, pins }));
  await rename(join(home, 'ready.json.new'), join(home, 'ready.json'));
  return result;
}

async function removeOldEnvironments(home: string): Promise<void> {
  await rm(join(home, 'ready.json'), { force: true });
  for (const entry of await readdir(home)) {
    if (entry.startsWith('env-'))
      await rm(join(home, entry), { recursive: true, force: true, maxRetries: 3 });
  }
}

async function run(
  command: string,
  args: string[],
  tool: PythonTool,
  log: string,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await runLogged(command, args, { log, ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    const message = `${TOOLS[tool].title.replace('the', 'The')} could not be installed: read ${log}, check the network connection, then try again.`;
    throw new PythonToolInstallError(message, log, { cause: error });
  }
}
