import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from '../../../../src/local/tools/file-lock.ts';

describe('the lock of a file', () => {
  let folder: string;
  let path: string;
  let waits: number;
  const onWait = () => void (waits += 1);
  /** Waits for the lock only until another process turns out to have it. */
  const attempt = async () => {
    const control = new AbortController();
    const stop = () => {
      onWait();
      control.abort();
    };
    return withFileLock(path, async () => 'done', { onWait: stop, signal: control.signal });
  };
  /** @returns the id of a process that has ended */
  const endedProcess = () => spawnSync(process.execPath, ['--version']).pid;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-lock-'));
    path = join(folder, 'x.lock');
    waits = 0;
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('is held during the work, and gone after it, also when the work fails', async () => {
    const held = await withFileLock(path, () => readFile(path, 'utf8'));
    assert.match(held, new RegExp(`^${process.pid} [0-9a-f-]{36}$`));
    assert.deepEqual(await readdir(folder), []);
    const failing = withFileLock(path, async () => Promise.reject(new Error('no space')));
    await assert.rejects(failing, /no space/);
    assert.deepEqual(await readdir(folder), []);
  });

  it('lets one caller work at a time', async () => {
    let busy = 0;
    let most = 0;
    const work = async () => {
      busy += 1;
      most = Math.max(most, busy);
      await readdir(folder);
      busy -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withFileLock(path, work, { onWait })));
    assert.equal(most, 1);
    assert.deepEqual(await readdir(folder), []);
  });

  it('waits for a process that runs, says so once, and ends with an abort', async () => {
    await writeFile(path, `${process.pid} other`);
    await assert.rejects(attempt(), { name: 'AbortError' });
    assert.equal(waits, 1);
    assert.equal(await readFile(path, 'utf8'), `${process.pid} other`);
  });

  it('waits for a lock whose holder has not written its name yet', async () => {
    await writeFile(path, '');
    await assert.rejects(attempt(), { name: 'AbortError' });
    assert.equal(await readFile(path, 'utf8'), '');
  });

  it('takes over from a process that has ended, and leaves no file behind', async () => {
    await writeFile(path, `${endedProcess()} other`);
    assert.equal(await attempt(), 'done');
    assert.equal(waits, 0);
    assert.deepEqual(await readdir(folder), []);
  });

  it('takes over from a holder that was silent for a minute, whatever its file says', async () => {
    const silent = new Date(Date.now() - 61_000);
    for (const token of [`${process.pid} other`, '', 'no number', '99999999999999999999 x']) {
      await writeFile(path, token);
      await utimes(path, silent, silent);
      assert.equal(await attempt(), 'done', token);
    }
    assert.deepEqual(await readdir(folder), []);
  });

  it('does not delete the lock of another process that has taken over', async () => {
    await withFileLock(path, () => writeFile(path, '1 other'));
    assert.equal(await readFile(path, 'utf8'), '1 other');
  });

  it('raises what stands in the way, rather than wait for ever', async () => {
    const nowhere = join(folder, 'missing', 'x.lock');
    await assert.rejects(
      withFileLock(nowhere, async () => 'done'),
      { code: 'ENOENT' },
    );
    await mkdir(path);
    await assert.rejects(
      withFileLock(path, async () => 'done'),
      { code: 'EISDIR' },
    );
  });
});
