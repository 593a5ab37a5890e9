import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const COLLECT_MS = 5_000;

/** @returns a TCP port of 127.0.0.1 that is free now; another process may take it before we use it */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The system gave no TCP port.');
  return address.port;
}

/** @returns true when the process has ended, for any reason */
export function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/**
 * Ends a child that was spawned with `detached: true`, and all other processes in its process group: SIGTERM, then SIGKILL
 * after `graceMs`. Returns when the child has exited and the group is empty, or 5 s after SIGKILL.
 */
export async function stopProcessGroup(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.pid === undefined) return;
  const exited = hasExited(child) ? Promise.resolve() : once(child, 'exit');
  if (signalGroup(child.pid, 'SIGTERM')) {
    await Promise.race([exited, delay(graceMs, undefined, { ref: false })]);
    signalGroup(child.pid, 'SIGKILL');
  }
  await exited;
  // A dead process stays in the group until the system's init collects it; in some containers that is late or never.
  const deadline = Date.now() + COLLECT_MS;
  while (signalGroup(child.pid, 'SIGKILL') && Date.now() < deadline) await delay(10);
}

/** Sends a signal to a process group. @returns false when the group is empty */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
