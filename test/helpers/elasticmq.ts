import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { withFileLock } from '../../src/local/file-lock.ts';
import { freePort, hasExited, stopProcessGroup } from '../../src/local/process-group.ts';

/** A running ElasticMQ: an SQS that knows StartMessageMoveTask and its kin. Any credentials and region do. */
export interface ElasticMq {
  /** `http://127.0.0.1:<port>`, also the start of its queue URLs. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Why ElasticMQ cannot run here, for the test's "skipped" line. */
export interface Skipped {
  readonly skipped: string;
}

const SOURCES = join(import.meta.dirname, 'elasticmq');
const HOME = resolve(import.meta.dirname, '../../.local/elasticmq');
const JARS = join(HOME, '1.6.15');
const COPY_JARS = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy-dependencies';
const START_TIMEOUT_MS = 60_000;

/**
 * Starts ElasticMQ 1.6.15 on a free port of 127.0.0.1; the first time, Maven downloads its 36 MB (about 10 s).
 * It needs Java 11 or newer on the PATH, and Maven the first time; without them the answer is the reason to skip.
 * @throws Error when Maven fails or ElasticMQ does not start; the message names the log file
 */
export async function startElasticMq(): Promise<ElasticMq | Skipped> {
  if (!(await runs('java', ['-version']))) return { skipped: 'no Java' };
  if (!(await exists(JARS))) {
    if (!(await runs('mvn', ['-v']))) return { skipped: 'no Maven' };
    await mkdir(HOME, { recursive: true });
    await withFileLock(join(HOME, 'install.lock'), async () => {
      if (!(await exists(JARS))) await download();
    });
  }
  const folder = await mkdtemp(join(HOME, 'run-'));
  const port = await freePort();
  const logFile = join(folder, 'log.txt');
  const log = await open(logFile, 'w');
  const classPath = join(JARS, '*');
  const child = spawn(
    'java',
    ['-Xmx256m', '-cp', classPath, join(SOURCES, 'ElasticMqMain.java'), String(port)],
    {
      detached: true,
      stdio: ['pipe', log.fd, log.fd],
    },
  );
  await log.close();
  try {
    await untilReady(child, logFile);
  } catch (error) {
    await stopProcessGroup(child, 0);
    throw error;
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      await stopProcessGroup(child, 1_000);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Into a folder of its own first: `JARS` exists only when it is complete. */
async function download(): Promise<void> {
  const partial = await mkdtemp(join(HOME, 'download-'));
  const args = ['-q', '-B', '-f', join(SOURCES, 'pom.xml'), COPY_JARS, `-DoutputDirectory=${partial}`];
  try {
    await promisify(execFile)('mvn', args, { timeout: 300_000 });
    await rename(partial, JARS);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw new Error('Maven could not download ElasticMQ: check the network connection.', { cause: error });
  }
}

async function untilReady(child: ChildProcess, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!/^ready$/m.test(await readFile(logFile, 'utf8'))) {
    if (hasExited(child) || Date.now() > deadline)
      throw new Error(`ElasticMQ did not start: see ${logFile}.`);
    await delay(50);
  }
}

async function runs(command: string, args: string[]): Promise<boolean> {
  try {
    await promisify(execFile)(command, args, { timeout: 30_000 });
    return true;
  } catch {
    // Not installed or broken: the caller skips and says so.
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Absent: the caller makes it.
    return false;
  }
}
