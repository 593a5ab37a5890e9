import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { exists } from './exists.ts';
import { withFileLock } from './file-lock.ts';
import { runLogged } from './run-logged.ts';

/** A large program that comes in an npm package. It is not a dependency: it is installed when it is first needed. */
export interface NpmProgram {
  /** its name for people, e.g. `VS Code` */
  readonly title: string;
  /** the package's name, e.g. `code-server` */
  readonly package: string;
  /** an exact version */
  readonly version: string;
  /** how long the installation takes, e.g. `about a minute` */
  readonly takes: string;
  /** a file that a complete installation has, as a path below its folder */
  readonly entry: string;
  /** Finishes the installation, when the package is in `node_modules` below the folder `part`. */
  readonly finish: (part: string, run: RunInPart) => Promise<void>;
}

/** Runs a command in a folder, with this Node first on the PATH. `env` is added to the environment. */
export type RunInPart = (
  command: string,
  args: readonly string[],
  cwd: string,
  env?: Readonly<Record<string, string>>,
) => Promise<void>;

export interface EnsureProgramOptions {
  /** Called with one line at a time for the user. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Where programs are kept; the default is the project's git-ignored `.vscode-test`. */
  readonly directory?: string;
}

/** A program could not be installed. The message names the log file. */
export class NpmProgramError extends Error {
  override readonly name = 'NpmProgramError';
}

const DEFAULT_DIRECTORY = resolve(import.meta.dirname, '../../../.vscode-test');
const INSTALL = [
  'install',
  '--ignore-scripts',
  '--omit=dev',
  '--no-audit',
  '--no-fund',
  '--no-save',
  '--loglevel=error',
];

/** The arguments with which npm installs these packages; without packages, what the folder's package.json names. */
export function npmInstall(...packages: readonly string[]): readonly string[] {
  return [...INSTALL, ...packages];
}

/**
 * Finds a pinned program, and lets npm install it the first time. Later calls only look at one file. No install script runs.
 * Several processes may call it at once, and it may be interrupted: a complete installation is moved into its place.
 * @returns the program's folder, absolute
 * @throws NpmProgramError when npm or the program's own `finish` fails
 * @throws the signal's reason when aborted
 */
export async function ensureNpmProgram(
  program: NpmProgram,
  options: EnsureProgramOptions = {},
): Promise<string> {
  const { directory = DEFAULT_DIRECTORY, onProgress, signal } = options;
  const home = join(directory, folderOf(program));
  const entry = join(home, program.entry);
  if (await exists(entry)) return home;
  await mkdir(directory, { recursive: true });
  await withFileLock(
    `${home}.lock`,
    async () => {
      if (!(await exists(entry))) await install(program, directory, home, options);
    },
    {
      onWait: () => onProgress?.(`Waiting for another process that installs ${program.title}`),
      ...(signal && { signal }),
    },
  );
  return home;
}

/** `@scope/name` is one folder, as `scope-name`. */
function folderOf(program: NpmProgram): string {
  return `${program.package.replace('@', '').replace('/', '-')}-${program.version}`;
}

async function install(
  program: NpmProgram,
  directory: string,
  home: string,
  { onProgress, signal }: EnsureProgramOptions,
): Promise<void> {
  const { title, version, takes } = program;
  onProgress?.(`Installing ${title} (${program.package} ${version}), ${takes}, once`);
  for (const entry of await readdir(directory)) {
    if (entry.startsWith(`${folderOf(program)}.part`)) await remove(join(directory, entry));
  }
  await remove(home);
  const part = `${home}.part-${process.pid}`;
  const log = `${home}.log`;
  const run: RunInPart = (command, args, cwd, env) =>
    runLogged(command, args, { log, cwd, env: { ...npmEnvironment(), ...env }, ...(signal && { signal }) });
  try {
    await mkdir(part);
    // Without a package.json in this folder, npm would install into the project.
    await writeFile(join(part, 'package.json'), '{ "private": true }\n');
    await run('npm', npmInstall(`${program.package}@${version}`), part);
    await program.finish(part, run);
    await rename(part, home);
  } catch (cause) {
    signal?.throwIfAborted();
    const message = `${title.charAt(0).toUpperCase()}${title.slice(1)} could not be installed: read ${log}, check the network connection, then try again.`;
    throw new NpmProgramError(message, { cause });
  }
}

/** The caller's environment with this Node first, and without the variables in which npm describes our own project. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command|config_local_prefix)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
  };
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
