import assert from 'node:assert/strict';
import { access, chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureNpmProgram, NpmProgramError, type NpmProgram } from '../../../src/local/tools/npm-program.ts';

/** Stands in for npm: writes what it was asked for. */
const FAKE_NPM = `#!/bin/sh
for last; do :; done
[ "$last" = @films/none@1.2.3 ] && { echo 'no such package' >&2; exit 1; }
mkdir node_modules && echo "$last" > node_modules/asked
`;

describe('programs that npm brings', () => {
  const { PATH } = process.env;
  let folder: string;
  let directory: string;
  let lines: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-program-'));
    directory = join(folder, 'programs');
    lines = [];
    await writeFile(join(folder, 'npm'), FAKE_NPM);
    await chmod(join(folder, 'npm'), 0o755);
    process.env['PATH'] = `${folder}:${PATH ?? ''}`;
  });
  afterEach(async () => {
    process.env['PATH'] = PATH;
    await rm(folder, { recursive: true });
  });

  const program = (name: string, finish: NpmProgram['finish']): NpmProgram => ({
    title: 'the player',
    package: `@films/${name}`,
    version: '1.2.3',
    takes: 'a moment',
    entry: 'bin',
    finish,
  });
  const ensure = (wanted: NpmProgram) =>
    ensureNpmProgram(wanted, { directory, onProgress: (line) => lines.push(line) });
  const whole = program('player', async (part, run) => {
    await run(process.execPath, ['-e', `fs.copyFileSync('node_modules/asked', 'bin')`], part);
  });

  it('are installed once, completely, at their exact version, also when several processes ask at once', async () => {
    const homes = await Promise.all([ensure(whole), ensure(whole), ensure(whole)]);
    const home = join(directory, 'films-player-1.2.3');
    assert.deepEqual(homes, [home, home, home]);
    assert.equal(await readFile(join(home, 'bin'), 'utf8'), '@films/player@1.2.3\n');
    assert.deepEqual(lines.toSorted(), [
      'Installing the player (@films/player 1.2.3), a moment, once',
      'Waiting for another process that installs the player',
      'Waiting for another process that installs the player',
    ]);
    assert.deepEqual((await readdir(directory)).sort(), ['films-player-1.2.3', 'films-player-1.2.3.log']);
    lines = [];
    await ensure(whole);
    assert.deepEqual(lines, []);
  });

  it('leave no folder when the installation fails, and are complete the next time', async () => {
    const broken = program('player', async () => {
      throw new Error('disk full');
    });
    for (const wanted of [broken, program('none', whole.finish)]) {
      await assert.rejects(ensure(wanted), (error) => {
        assert.ok(error instanceof NpmProgramError);
        assert.match(error.message, /^The player could not be installed: read .+\.log, check the network/);
        return error.cause !== undefined;
      });
    }
    await assert.rejects(access(join(directory, 'films-player-1.2.3')));
    assert.match(await readFile(join(directory, 'films-none-1.2.3.log'), 'utf8'), /no such package/);
    await ensure(whole);
    assert.ok(!(await readdir(directory)).some((name) => name.startsWith('films-player-1.2.3.part')));
  });
});
