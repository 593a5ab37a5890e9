import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emulatorEnvironment } from '../../../src/local/cloud/emulator.ts';
import { withFileLock } from '../../../src/local/tools/file-lock.ts';
import {
  explainMissingPython,
  findPython,
  isRecentEnough,
  parsePythonVersion,
} from '../../../src/local/tools/python-interpreter.ts';
import { installingLine, pinnedVersion } from '../../../src/local/tools/python-tools.ts';

describe('python interpreter', () => {
  it('reads the probe’s answer and nothing else', () => {
    assert.deepEqual(parsePythonVersion('3.11.7\n'), [3, 11, 7]);
    assert.deepEqual(parsePythonVersion('3.14.0\r\n'), [3, 14, 0]);
    assert.equal(parsePythonVersion('Python was not found; run without arguments to install'), undefined);
    assert.equal(parsePythonVersion(''), undefined);
  });

  for (const refused of ['*"-m venv"*', '*ensurepip*', '*venv*']) {
    it(`sees that a Python which refuses ${refused} makes no environments`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'media-batch-python-'));
      const before = process.env['PATH'];
      try {
        const script = `#!/bin/sh\ncase "$*" in ${refused}) exit 1;; *-c*) echo 3.12.1;; esac\n`;
        await writeFile(join(folder, 'python3'), script, { mode: 0o755 });
        process.env['PATH'] = folder;
        await assert.rejects(
          findPython(),
          /^PythonMissingError: Python 3\.12 is installed but .*venv module/,
        );
      } finally {
        process.env['PATH'] = before;
        await rm(folder, { recursive: true });
      }
    });
  }

  it('takes 3.10 as the oldest, comparing numbers and not text', () => {
    assert.equal(isRecentEnough([3, 9, 18]), false);
    assert.equal(isRecentEnough([3, 10, 0]), true);
    assert.equal(isRecentEnough([2, 7, 18]), false);
    assert.equal(isRecentEnough([4, 0, 0]), true);
  });

  it('says what to install for each missing part', () => {
    assert.match(
      explainMissingPython([], 'linux'),
      /^Python was not found: install Python 3\.10 or newer .*python3-venv/,
    );
    assert.match(explainMissingPython([], 'darwin'), /brew install python/);
    assert.match(
      explainMissingPython([{ version: [3, 8, 2], hasVenv: true }], 'linux'),
      /^Python 3\.8\.2 is too old/,
    );
    const bareDebian = explainMissingPython([{ version: [3, 11, 2], hasVenv: false }], 'linux');
    assert.match(bareDebian, /python3-venv .*sudo apt install python3\.11-venv/);
  });
});

describe('python tools', () => {
  it('finds a pin in any case, with comments and markers', () => {
    const pins = '# x==9\nHypercorn==0.18.0\nnetworkx==3.6.1; python_version >= "3.11"\nministack==1.5.33\n';
    assert.equal(pinnedVersion(pins, 'ministack'), '1.5.33');
    assert.equal(pinnedVersion(pins, 'hypercorn'), '0.18.0');
    assert.equal(pinnedVersion(pins, 'networkx'), '3.6.1');
    assert.throws(() => pinnedVersion(pins, 'x'), /no version of x/);
  });

  it('tells what it installs and how long that takes', () => {
    assert.equal(
      installingLine('ministack', '1.5.33'),
      'Installing the AWS emulator (ministack 1.5.33), about 15 s, once',
    );
    assert.equal(
      installingLine('checkov', '3.3.30'),
      'Installing the security checker (checkov 3.3.30), about a minute, once',
    );
  });
});

describe('file lock', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('lets one process in at a time and leaves no files', async () => {
    let inside = 0;
    const worker = (): Promise<void> =>
      withFileLock(join(folder, 'lock'), async () => {
        assert.equal((inside += 1), 1);
        await new Promise(setImmediate);
        inside -= 1;
      });
    await Promise.all([worker(), worker(), worker()]);
    assert.deepEqual(await readdir(folder), []);
  });

  it('takes over from a process that is gone, and frees the lock after an error', async () => {
    const path = join(folder, 'lock');
    // Larger than every system's largest process id, so no process has it.
    await writeFile(path, '2147483646 gone');
    await assert.rejects(
      withFileLock(path, async () => {
        assert.match(await readFile(path, 'utf8'), new RegExp(`^${process.pid} `));
        throw new Error('failed inside');
      }),
      /failed inside/,
    );
    assert.deepEqual(await readdir(folder), []);
  });

  it('stops waiting when aborted', async () => {
    const path = join(folder, 'lock');
    await writeFile(path, `${process.pid} held`);
    const abort = new AbortController();
    const waiting = withFileLock(path, async () => undefined, {
      signal: abort.signal,
      onWait: () => {
        abort.abort();
      },
    });
    await assert.rejects(waiting, { name: 'AbortError' });
  });
});

describe('emulator environment', () => {
  const settings = { port: 4711, iam: true, home: '/h', nodeBinDir: '/n', nodePath: '/m' };

  it('passes on nothing that leads to a real account or another endpoint', () => {
    const caller = {
      PATH: '/usr/bin',
      AWS_ENDPOINT_URL: '',
      AWS_ENDPOINT_URL_SQS: 'x',
      AWS_PROFILE: 'prod',
      AWS_CONFIG_FILE: '/c',
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SESSION_TOKEN: 't',
      LOCALSTACK_HOSTNAME: 'x',
      PERSIST_STATE: '1',
      NODE_OPTIONS: '--inspect',
      PYTHONHOME: '/p',
      LANG: 'C',
    };
    const environment = emulatorEnvironment(caller, settings);
    assert.deepEqual(
      Object.keys(environment).filter((name) => /AWS|LOCALSTACK|PERSIST|NODE_OPTIONS|PYTHONHOME/.test(name)),
      [],
    );
    assert.equal(environment['LANG'], 'C');
  });

  it('puts the handlers’ node first and keeps to loopback and its own folder', () => {
    const environment = emulatorEnvironment({ PATH: '/usr/bin', HOME: '/root' }, settings);
    assert.match(environment['PATH'] ?? '', /^\/n[:;]\/usr\/bin$/);
    assert.equal(environment['BIND_HOST'], '127.0.0.1');
    assert.equal(environment['HOME'], '/h');
    assert.equal(environment['TMPDIR'], '/h');
    assert.equal(environment['AUTH'], 'true');
    assert.equal(environment['GATEWAY_PORT'], '4711');
  });
});
