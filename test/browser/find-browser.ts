import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { posix, win32 } from 'node:path';

/** What is looked at to find a browser. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** Node's name of the processor's kind, e.g. `x64` */
  readonly arch: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** @returns whether this file is a browser that starts */
  readonly starts: (path: string) => boolean;
}

/** There is no browser here, and none can be brought. The message says how to get one. */
export class BrowserMissingError extends Error {
  override readonly name = 'BrowserMissingError';
}

/** The programs' names on a PATH, in the order in which they are tried. */
const PROGRAMS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'msedge',
  'microsoft-edge',
  'microsoft-edge-stable',
];
/** Where the browsers' own installers put them, below the folders that each system has for programs. */
const MAC_APPS = ['Chromium', 'Google Chrome', 'Microsoft Edge'].map(
  (name) => `${name}.app/Contents/MacOS/${name}`,
);
const WINDOWS_PROGRAMS = [
  'Chromium\\Application\\chrome.exe',
  'Google\\Chrome\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];
/** A first start of a large program from a slow disk. */
const VERSION_TIMEOUT_MS = 30_000;

/** The machine that this runs on. */
export const THIS_MACHINE: Machine = {
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  starts: (path) => isFile(path) && (process.platform === 'win32' || saysItsVersion(path)),
};

/**
 * Finds the Chromium, Chrome or Edge of a machine: the one that `CHROMIUM` names, then those on the PATH, then the usual places.
 * @returns its path; undefined when there is none
 * @throws BrowserMissingError when `CHROMIUM` names none
 */
export function findBrowser(machine: Machine = THIS_MACHINE): string | undefined {
  const named = machine.env['CHROMIUM'] ?? '';
  if (named === '') return [...onPath(PROGRAMS, machine), ...usualPlaces(machine)].find(machine.starts);
  const isPath = /[\\/]/.test(named);
  const found = (isPath ? [named] : onPath([named], machine)).find(machine.starts);
  if (found !== undefined) return found;
  throw new BrowserMissingError(
    `CHROMIUM names ${named}, which is no browser that starts: set it to the path of a Chromium, Chrome or Edge, or unset it.`,
  );
}

/** True where the npm package of a browser has one that runs. */
export function canBringBrowser({ platform, arch }: Machine = THIS_MACHINE): boolean {
  return platform === 'linux' && arch === 'x64';
}

/** The sentence for a machine that has no browser, where none can be brought. */
export function explainMissingBrowser({ platform }: Machine = THIS_MACHINE): string {
  const remedy =
    platform === 'darwin'
      ? 'brew install --cask google-chrome'
      : platform === 'win32'
        ? 'winget install Google.Chrome'
        : 'on Debian: sudo apt install chromium';
  return `No Chromium, Chrome or Edge was found: install one (${remedy}) or set CHROMIUM to its path, then try again.`;
}

function onPath(names: readonly string[], { platform, env }: Machine): string[] {
  const windows = platform === 'win32';
  const path = windows ? win32 : posix;
  // Windows has "Path", which only the process's own environment finds under any case.
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(path.delimiter);
  return names.flatMap((name) =>
    folders
      .filter((folder) => path.isAbsolute(folder))
      .map((folder) => path.join(folder, windows ? `${name}.exe` : name)),
  );
}

function usualPlaces({ platform, env }: Machine): string[] {
  if (platform === 'darwin') {
    const folders = ['/Applications', ...(env['HOME'] ? [posix.join(env['HOME'], 'Applications')] : [])];
    return MAC_APPS.flatMap((app) => folders.map((folder) => posix.join(folder, app)));
  }
  if (platform === 'win32') {
    const folders = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => env[name] ?? []);
    return WINDOWS_PROGRAMS.flatMap((program) => folders.map((folder) => win32.join(folder, program)));
  }
  // A shell without a login has no snaps on its PATH.
  return ['/snap/bin/chromium'];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Not on Windows, where the option opens a window. A script that only says what to install ends with an error. */
function saysItsVersion(path: string): boolean {
  const { status } = spawnSync(path, ['--version'], { stdio: 'ignore', timeout: VERSION_TIMEOUT_MS });
  return status === 0;
}
