import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { exists } from '../../src/local/tools/exists.ts';
import { withFileLock } from '../../src/local/tools/file-lock.ts';
import { freePort, hasExited, stopProcessGroup } from '../../src/local/tools/process-group.ts';

/** A running ElasticMQ: an SQS that has StartMessageMoveTask. It accepts any credentials and region. */
export interface ElasticMq {
  /** `http://127.0.0.1:<port>`, also the start of its queue URLs. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Why ElasticMQ cannot run here, for the reporter. */
export interface Skipped {
  readonly skipped: string;
}

const SOURCES = join(import.meta.dirname, 'elasticmq');
const HOME = resolve(import.meta.dirname, '../../.local/elasticmq');
const JARS = join(HOME, '1.6.15');
const COPY_JARS = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy-dependencies';
const START_TIMEOUT_MS = 60_000;
/** We run its main class from source, which needs Java 11 and the compiler of a JDK. */
const OLDEST_JDK = 11;

/** @returns the sentence for a machine on which ElasticMQ cannot run, with the command to install what is missing; undefined when nothing is missing */
export async function explainMissingJava(
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  const remedy =
    platform === 'darwin'
      ? 'brew install --cask temurin && brew install maven'
      : 'on Debian: sudo apt install default-jdk-headless maven';
  const lack = !hasCompiler(await output('java', ['--list-modules']))
    ? `a JDK ${OLDEST_JDK} or newer was not found`
    : !(await exists(JARS)) && (await output('mvn', ['-v'])) === undefined
      ? 'Maven was not found'
      : undefined;
  return lack && `ElasticMQ does not run here: ${lack} (${remedy})`;
}

/** @param modules what `java --list-modules` says, such as `jdk.compiler@17.0.9` in a line; undefined when it does not run */
export function hasCompiler(modules: string | undefined): boolean {
  const version = /^jdk\.compiler@(\d+)/m.exec(modules ?? '')?.[1];
  return version !== undefined && Number(version) >= OLDEST_JDK;
}

/**
 * Starts ElasticMQ 1.6.15 on a free port of 127.0.0.1; the first time, Maven downloads its 36 MB (about 10 s).
 * It needs a JDK 11 or newer on the PATH, and Maven the first time; without them it returns the reason to skip the tests.
 * @throws Error when Maven fails or ElasticMQ does not start; the message names the log file
 */
export async function startElasticMq(): Promise<ElasticMq | Skipped> {
  const skipped = await explainMissingJava();
  if (skipped !== undefined) return { skipped };
  if (!(await exists(JARS))) {
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

/** Downloads into another folder first, so that `JARS` exists only when it is complete. */
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

/** @returns what a program says on standard output; undefined when the program is missing or broken */
async function output(command: string, args: string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)(command, args, { timeout: 30_000 })).stdout;
  } catch {
    // The caller skips the tests and says why.
    return undefined;
  }
}
