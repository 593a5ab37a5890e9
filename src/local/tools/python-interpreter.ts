import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A Python that can create virtual environments: the command line that starts it, and its version. */
export interface PythonInterpreter {
  readonly command: string;
  readonly args: readonly string[];
  readonly version: string;
}

/** This machine has no usable Python. The message says what to install. */
export class PythonMissingError extends Error {
  override readonly name = 'PythonMissingError';
}

/** The oldest Python that ministack 1.5.33 and cfn-lint 1.58.0 accept ("Requires-Python: >=3.10"). */
const OLDEST: readonly [number, number] = [3, 10];

const VERSION = ['-I', '-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'];
/** Debian has the first module without the second, others leave both away; a wrapper may refuse to run it. */
const VENV = [
  ['-I', '-c', 'import venv, ensurepip'],
  ['-I', '-m', 'venv', '--help'],
];

/** What one candidate answered: its version, and whether it can create virtual environments. */
export interface PythonAnswer {
  readonly version: readonly [number, number, number];
  readonly hasVenv: boolean;
}

/** Reads the version. @returns undefined when it is not from a Python 3 (a shim's message, a store stub, Python 2) */
export function parsePythonVersion(output: string): PythonAnswer['version'] | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\s*$/.exec(output);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

/** @returns true from Python 3.10 on */
export function isRecentEnough(version: PythonAnswer['version']): boolean {
  return version[0] > OLDEST[0] || (version[0] === OLDEST[0] && version[1] >= OLDEST[1]);
}

/**
 * @param answers what the candidates answered; empty when none could be started
 * @param platform Node's name of the system, which decides what to install
 * @returns the sentence for a machine without a usable Python
 */
export function explainMissingPython(answers: readonly PythonAnswer[], platform: NodeJS.Platform): string {
  const recent = answers.find((answer) => isRecentEnough(answer.version));
  if (recent) {
    const minor = `${recent.version[0]}.${recent.version[1]}`;
    return platform === 'linux'
      ? `Python ${minor} is installed but its venv module is not: install the package python3-venv (on Debian and Ubuntu: sudo apt install python${minor}-venv), then try again.`
      : `Python ${minor} is installed but without its venv module: install a complete Python from python.org, then try again.`;
  }
  const found = answers[0] ? `Python ${answers[0].version.join('.')} is too old` : 'Python was not found';
  const remedy =
    platform === 'linux'
      ? 'sudo apt install python3 python3-venv, or your system’s equivalent'
      : platform === 'darwin'
        ? 'brew install python'
        : 'python.org';
  return `${found}: install Python 3.10 or newer (${remedy}), then try again.`;
}

function candidates(platform: NodeJS.Platform): readonly (readonly [string, ...string[]])[] {
  const numbered = [14, 13, 12, 11, 10].map((minor) => [`python3.${minor}`] as const);
  const launcher = platform === 'win32' ? ([['py', '-3']] as const) : [];
  return [['python3'], ['python'], ...launcher, ...numbered];
}

/**
 * Finds a Python 3.10 or newer that can create virtual environments. It tries plain `python3` first.
 * @throws PythonMissingError when there is none; its message says what to install
 */
export async function findPython(signal?: AbortSignal): Promise<PythonInterpreter> {
  const answers: PythonAnswer[] = [];
  for (const [command, ...args] of candidates(process.platform)) {
    const answer = await ask(command, args, signal);
    if (!answer) continue;
    if (answer.hasVenv && isRecentEnough(answer.version)) {
      return { command, args, version: answer.version.join('.') };
    }
    answers.push(answer);
  }
  throw new PythonMissingError(explainMissingPython(answers, process.platform));
}

async function ask(
  command: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<PythonAnswer | undefined> {
  const version = parsePythonVersion((await output(command, [...args, ...VERSION], signal)) ?? '');
  if (!version) return undefined;
  const answers = await Promise.all(VENV.map((asked) => output(command, [...args, ...asked], signal)));
  return { version, hasVenv: answers.every((answer) => answer !== undefined) };
}

/** @returns undefined for a program that is not there, or fails */
async function output(
  command: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const options = { timeout: 10_000, windowsHide: true, ...(signal && { signal }) };
  try {
    return (await promisify(execFile)(command, args, options)).stdout;
  } catch {
    signal?.throwIfAborted();
    // Most candidates are not installed: the next one is tried.
    return undefined;
  }
}
