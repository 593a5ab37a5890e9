import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const HEARTBEAT_MS = 5_000;
const SILENT_HOLDER_MS = 60_000;
const RETRY_MS = 200;

/** How to wait for a lock. */
export interface LockOptions {
  /** Called once, when another process has the lock. */
  readonly onWait?: () => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` while holding the lock file `path` (its folder must exist), waiting for other processes first.
 * It takes over a lock whose process has ended, or has not renewed the lock for 60 s.
 * @throws what `work` throws; the signal's reason when aborted while waiting
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const token = `${process.pid} ${randomUUID()}`;
  let told = false;
  while (!(await tryCreate(path, token))) {
    if (await dropIfStale(path)) continue;
    if (!told) options.onWait?.();
    told = true;
    await delay(RETRY_MS, undefined, { ...(options.signal && { signal: options.signal }) });
  }
  const heartbeat = setInterval(() => {
    utimes(path, new Date(), new Date()).catch(() => {
      clearInterval(heartbeat);
    });
  }, HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await readToken(path)) === token) await rm(path, { force: true });
  }
}

async function tryCreate(path: string, token: string): Promise<boolean> {
  try {
    await writeFile(path, token, { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function dropIfStale(path: string): Promise<boolean> {
  const seen = await readToken(path);
  if (seen === undefined) return true;
  const age = Date.now() - (await modifiedAt(path));
  const pid = Number.parseInt(seen, 10);
  if (age < SILENT_HOLDER_MS && (Number.isNaN(pid) || isAlive(pid))) return false;
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    // Another process may have replaced the stale lock between the read and the rename: give that lock back.
    if ((await readToken(aside)) !== seen) await link(aside, path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'EEXIST')) throw error;
  }
  await rm(aside, { force: true });
  return true;
}

async function readToken(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function modifiedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return Date.now();
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process runs, as another user.
    return hasCode(error, 'EPERM');
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
