import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MediaBatchError } from '../../core/errors.ts';

const run = promisify(execFile);

/**
 * Kills the processes in which this emulator runs a function, in the middle of what they do.
 * @param emulatorPid only its own children are looked at
 * @param functionName as CloudFormation named it
 * @returns how many were killed
 */
export async function killWorkers(emulatorPid: number, functionName: string): Promise<number> {
  let killed = 0;
  for (const pid of await workersOf(emulatorPid, functionName)) {
    try {
      process.kill(pid, 'SIGKILL');
      killed += 1;
    } catch (error) {
      // It has ended by itself meanwhile.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
  return killed;
}

/** The emulator keeps each worker's code in a folder that is named after its function. */
async function workersOf(emulatorPid: number, functionName: string): Promise<number[]> {
  if (emulatorPid <= 0) throw new MediaBatchError('local-cloud', 'The emulator has no process.');
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    const isWorker = Number(parent) === emulatorPid && args.includes(`ministack-lambda-${functionName}-`);
    return isWorker ? [Number(pid)] : [];
  });
}
