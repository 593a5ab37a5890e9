import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';

/** How to run a program. */
export interface RunOptions {
  /** Receives the command line and the program's output. */
  readonly log: string;
  /** folder to run in; absent: this process's */
  readonly cwd?: string;
  /** the whole environment; absent: this process's */
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/**
 * Runs a program to its end, without input.
 * @throws Error when it cannot be started or does not end with code 0
 * @throws the signal's reason when aborted
 */
export async function runLogged(
  command: string,
  args: readonly string[],
  { log, ...options }: RunOptions,
): Promise<void> {
  options.signal?.throwIfAborted();
  const output = await open(log, 'a');
  try {
    await output.write(`$ ${command} ${args.join(' ')}\n`);
    const child = spawn(command, args, {
      ...options,
      stdio: ['ignore', output.fd, output.fd],
      windowsHide: true,
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`${command} ended with code ${code ?? 'none'}`);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    await output.close();
  }
}
