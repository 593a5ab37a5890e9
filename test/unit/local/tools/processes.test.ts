import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import {
  freePort,
  hasExited,
  signalGroup,
  stopProcessGroup,
} from '../../../../src/local/tools/process-group.ts';
import { runLogged } from '../../../../src/local/tools/run-logged.ts';

const STUBBORN = "process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000);";
const WITH_CHILD = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(STUBBORN)}], { stdio: ['ignore', 'inherit', 'inherit'] }); setInterval(() => {}, 1000);`;

type Started = ChildProcess & { readonly pid: number; readonly stdout: Readable };

describe('process groups', () => {
  let child: ChildProcess | undefined;
  /** Starts a group and waits for the first line of its output. */
  const start = async (script: string): Promise<Started> => {
    child = spawn(process.execPath, ['-e', script], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout!, 'data');
    assert.ok(child.pid !== undefined);
    return child as Started;
  };
  afterEach(() => {
    if (child?.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  });

  it('end with SIGTERM where that is enough', async () => {
    const started = await start('console.log(1); setInterval(() => {}, 1000);');
    assert.equal(hasExited(started), false);
    await stopProcessGroup(started, 60_000);
    assert.deepEqual([hasExited(started), started.signalCode], [true, 'SIGTERM']);
    assert.equal(signalGroup(started.pid, 'SIGKILL'), false);
  });

  it('end with SIGKILL where the leader ignores SIGTERM', async () => {
    const started = await start(STUBBORN);
    await stopProcessGroup(started, 20);
    assert.equal(started.signalCode, 'SIGKILL');
  });

  it('end with all their members, also those that outlive the leader', async () => {
    const started = await start(WITH_CHILD);
    await stopProcessGroup(started, 60_000);
    assert.equal(started.signalCode, 'SIGTERM');
    // The pipe closes when its last holder, the stubborn member, has ended.
    if (!started.stdout.closed) await once(started.stdout.resume(), 'close');
  });

  it('are over where the leader has exited, or never started', async () => {
    const started = await start('console.log(1)');
    if (!hasExited(started)) await once(started, 'exit');
    await stopProcessGroup(started, 60_000);
    const none = spawn(join(tmpdir(), 'media-batch-no-such-program'));
    none.on('error', () => undefined);
    assert.equal(none.pid, undefined);
    await stopProcessGroup(none, 60_000);
  });

  it('raise a signal that the system does not know', () => {
    assert.throws(() => signalGroup(process.pid, 'SIGNONE' as NodeJS.Signals), {
      code: 'ERR_UNKNOWN_SIGNAL',
    });
  });

  it('have ports that are free', async () => {
    const server = createServer().listen(await freePort(), '127.0.0.1');
    await once(server, 'listening');
    server.close();
  });
});

describe('a program that runs with a log', () => {
  let folder: string;
  let log: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-run-'));
    log = join(folder, 'run.log');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });
  const run = (script: string, options: { signal?: AbortSignal; env?: NodeJS.ProcessEnv } = {}) =>
    runLogged(process.execPath, ['-e', script], { log, cwd: folder, ...options });

  it('adds its command line and both of its outputs, after what is there', async () => {
    await run('console.log(process.cwd()); console.error("careful")');
    await run('console.log(process.env.SEEN, process.env.HOME)', { env: { SEEN: 'yes' } });
    const text = await readFile(log, 'utf8');
    assert.equal(text.match(/^\$ .* -e console\.log/gm)?.length, 2);
    assert.match(text, /media-batch-run-/);
    assert.match(text, /careful/);
    assert.match(text, /^yes undefined$/m);
  });

  it('fails with the code, with the signal that ended it, or without a program', async () => {
    await assert.rejects(run('process.exit(3)'), /ended with code 3$/);
    await assert.rejects(run("process.kill(process.pid, 'SIGKILL')"), /ended with code none$/);
    await assert.rejects(runLogged(join(folder, 'none'), [], { log }), { code: 'ENOENT' });
  });

  it('raises the reason of an abort, before and during the run', async () => {
    const reason = new Error('stopped by the user');
    await assert.rejects(run('', { signal: AbortSignal.abort(reason) }), reason);
    await assert.rejects(readFile(log), { code: 'ENOENT' });
    const control = new AbortController();
    const running = run('setInterval(() => {}, 1000)', { signal: control.signal });
    setImmediate(() => {
      control.abort(reason);
    });
    await assert.rejects(running, reason);
  });
});
