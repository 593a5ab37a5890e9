import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, hasExited, stopProcessGroup } from '../tools/process-group.ts';
import { ensurePythonTool } from '../tools/python-tools.ts';

/** A running AWS emulator. It accepts `test`/`test` as the account's root; the account is 000000000000. */
export interface Emulator {
  /** `http://localhost:<port>`: the name that the emulator's queue URLs use too, so the SDK sees one host. */
  readonly endpoint: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** Stops the emulator and all its handlers, and removes its files. A second call does nothing. */
  stop(): Promise<void>;
}

/** How to start the emulator. */
export interface EmulatorOptions {
  /** True: IAM policies are enforced, each handler runs under its function's role. */
  readonly iam: boolean;
  /** Receives the emulator's and the handlers' output; each start empties it. */
  readonly logFile: string;
  /** Folder of the `node` that runs the handlers; the default is this process's own. */
  readonly nodeBinDir?: string;
  /** Called with a line when the emulator is installed for the first time. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** The emulator did not start. The message names its log file. */
export class EmulatorStartError extends Error {
  override readonly name = 'EmulatorStartError';
  readonly logFile: string;
  constructor(message: string, logFile: string, options?: ErrorOptions) {
    super(message, options);
    this.logFile = logFile;
  }
}

const PROJECT = resolve(import.meta.dirname, '../../..');
const START_TIMEOUT_MS = 60_000;
/** The emulator keeps nothing on disk, so it needs little time to stop. */
const STOP_GRACE_MS = 500;
const START_ATTEMPTS = 3;

/** Starts ministack, stops it when this process dies, and corrects it where it differs from AWS. */
const LAUNCHER = join(import.meta.dirname, 'run-ministack.py');

/**
 * Starts the AWS emulator on a free port of 127.0.0.1 and waits until it answers (2 to 4 s, plus its installation the
 * first time). All its data is in memory; `stop` removes its temporary files.
 * @throws PythonMissingError, PythonToolInstallError see `ensurePythonTool`
 * @throws EmulatorStartError when it exits or is not up within 60 s
 * @throws the signal's reason when aborted during the start; an abort later does nothing
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  if (process.platform === 'win32') {
    throw new EmulatorStartError(
      'The local cloud needs Linux, macOS or WSL: start it there.',
      options.logFile,
    );
  }
  const { onProgress, signal } = options;
  const tool = await ensurePythonTool('ministack', {
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  await mkdir(dirname(options.logFile), { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return await startOn(port, tool.bin('python'), options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (attempt === START_ATTEMPTS || !(await lostPort(options.logFile))) throw error;
    }
  }
}

/**
 * The environment of the emulator and its handlers: the caller's, with the emulator's own settings, and without anything
 * that could lead the handlers to a real account or another endpoint.
 * @param home folder for its temporary files; also its home directory, so that it does not read the user's ~/.aws
 */
export function emulatorEnvironment(
  caller: NodeJS.ProcessEnv,
  settings: { port: number; iam: boolean; home: string; nodeBinDir: string; nodePath: string },
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(caller)) {
    if (value !== undefined && !FOREIGN_SETTINGS.test(name)) kept[name] = value;
  }
  return {
    ...kept,
    PATH: `${settings.nodeBinDir}${delimiter}${caller['PATH'] ?? ''}`,
    NODE_PATH: settings.nodePath,
    HOME: settings.home,
    TMPDIR: settings.home,
    GATEWAY_PORT: String(settings.port),
    BIND_HOST: '127.0.0.1',
    AUTH: String(settings.iam),
    // The MQTT and SFTP listeners use fixed ports, so two emulators would clash; nothing here needs them.
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    PYTHONUNBUFFERED: '1',
  };
}

/** The caller's settings for AWS, for emulators, and for how Python and Node start. */
const FOREIGN_SETTINGS =
  /^(AWS_|AMAZON_|MINISTACK_|LOCALSTACK_|LAMBDA_|PYTHON|NODE_OPTIONS$|NODE_V8_COVERAGE$|npm_|(AUTH|SERVICES|PERSIST_STATE|S3_PERSIST|STATE_DIR|S3_DATA_DIR|EDGE_PORT|USE_SSL|LOG_LEVEL|DOCKER_HOST)$)/;

async function startOn(port: number, python: string, options: EmulatorOptions): Promise<Emulator> {
  const home = await mkdtemp(join(tmpdir(), 'media-batch-emulator-'));
  const log = await open(options.logFile, 'w');
  const child = spawn(python, [LAUNCHER], {
    cwd: home,
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
    env: emulatorEnvironment(process.env, {
      port,
      iam: options.iam,
      home,
      nodeBinDir: options.nodeBinDir ?? dirname(process.execPath),
      nodePath: join(PROJECT, 'node_modules'),
    }),
  });
  await log.close();
  const stop = async (): Promise<void> => {
    await stopProcessGroup(child, STOP_GRACE_MS);
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await untilReady(child, port, options);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint: `http://localhost:${port}`, port, pid: child.pid ?? 0, logFile: options.logFile, stop };
}

async function untilReady(child: ChildProcess, port: number, options: EmulatorOptions): Promise<void> {
  const { logFile, signal } = options;
  let failure: unknown;
  child.once('error', (error) => (failure = error));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    if (failure !== undefined || hasExited(child)) {
      throw new EmulatorStartError(`The AWS emulator ended while starting: see ${logFile}.`, logFile, {
        cause: failure,
      });
    }
    // The emulator writes this line after it has the port: without it, another process on the port could answer.
    if (
      (await readFile(logFile, 'utf8')).includes(`Running on http://127.0.0.1:${port}`) &&
      (await isHealthy(port))
    )
      return;
    await delay(50, undefined, { ...(signal && { signal }) });
  }
  throw new EmulatorStartError(`The AWS emulator did not answer within 60 s: see ${logFile}.`, logFile);
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/_ministack/health`, {
      signal: AbortSignal.timeout(5_000),
    });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    // It does not listen yet: the caller asks again until its own deadline.
    return false;
  }
}

async function lostPort(logFile: string): Promise<boolean> {
  return /already in use|EADDRINUSE/i.test(await readFile(logFile, 'utf8'));
}
