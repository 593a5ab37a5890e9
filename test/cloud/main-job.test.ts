import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signalGroup } from '../../src/local/tools/process-group.ts';
import type { Summary } from '../../src/local/summary.ts';
import { wildFiles } from '../../src/local/cloud/wild-files.ts';
import { eventually } from '../helpers/wait-for.ts';
import { buildTemplate } from '../template/built-template.ts';

const MAIN = join(import.meta.dirname, '../../src/local/main.ts');
const FILES = 40;
const FIELDS = [
  ...['listed', 'skipped', 'enqueued', 'submitted', 'succeeded', 'failed', 'deadLettered', 'redriven'],
  ...['unheard', 'covered', 'takenOver', 'duplicateJobs', 'lost', 'seconds'],
];

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the main job from the command line', function () {
  this.timeout(120_000);
  /** the temporary files of a run, the emulator's home among them */
  const folders = { whole: '', stopped: '' };
  let whole: Promise<Ended>;

  // The whole run mostly waits, so the other tests run meanwhile.
  before(async () => {
    await buildTemplate();
    folders.whole = await mkdtemp(join(tmpdir(), 'media-batch-main-'));
    folders.stopped = await mkdtemp(join(tmpdir(), 'media-batch-main-'));
    whole = run(['--files', String(FILES), '--json'], folders.whole);
  });
  after(async () => {
    await whole;
    for (const folder of Object.values(folders)) await rm(folder, { recursive: true, force: true });
  });

  /** `seen` gets the output so far, and the pid to signal. */
  const run = async (
    args: string[],
    folder = folders.stopped,
    seen?: (stderr: string, pid: number) => void,
  ): Promise<Ended> => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: folder },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      seen?.(stderr, child.pid!);
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return { code, signal, stdout, stderr };
  };
  /** Each emulator's home goes with it: none left means that none runs. */
  const emulators = async (folder: string) =>
    (await readdir(folder)).filter((name) => name.startsWith('media-batch-emulator-'));

  it('ends on Ctrl+C in the middle, and leaves nothing running', async () => {
    let pid = 0;
    const { code, signal, stdout, stderr } = await run(
      ['--files', '400', '--json'],
      folders.stopped,
      (output, child) => {
        if (pid === 0 && output.includes('4  Drain')) process.kill((pid = child), 'SIGINT');
      },
    );
    assert.notEqual(pid, 0, stderr);
    assert.deepEqual([code, signal, stdout], [130, null, '']);
    assert.match(stderr, /Stopped\./);
    assert.doesNotMatch(stderr, /Failed:|\w*Error:|\n\s+at /);
    await eventually(
      'the emulator is gone',
      async () => (await emulators(folders.stopped)).length === 0 || undefined,
    );
    assert.equal(signalGroup(pid, 'SIGKILL'), false);
  });

  const WRONG: [string[], RegExp][] = [
    [['--files', '0'], /^--files takes a whole number from 1 to 50,000\./],
    [['--files', 'many'], /^--files takes a whole number/],
    [['--files', '1.5'], /^--files takes a whole number/],
    [['--files'], /--files/],
    [['--fast'], /'--fast'/],
    [['footage'], /'footage'/],
  ];
  for (const [args, says] of WRONG) {
    it(`refuses "${args.join(' ')}" with a sentence and the help`, async () => {
      const { code, stdout, stderr } = await run(args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, says);
      assert.match(stderr, /npm start -- \[options\]/);
      assert.doesNotMatch(stderr, /\n\s+at /);
    });
  }

  it('ends clean, with every file accounted for in the last line', async () => {
    const { code, stdout, stderr } = await whole;
    assert.equal(code, 0, stderr);
    const last = stdout.trimEnd().split('\n').at(-1) ?? '';
    const summary = JSON.parse(last) as Summary & Record<string, unknown>;
    for (const field of FIELDS) assert.equal(typeof summary[field], 'number', field);
    const objects = wildFiles(FILES).length;
    assert.equal(summary.listed, objects);
    assert.equal(summary.listed, summary.enqueued + summary.skipped);
    assert.equal(summary.enqueued, FILES);
    assert.equal(summary.submitted, FILES);
    assert.equal(summary.succeeded + summary.failed, FILES);
    assert.equal(summary.failed, 1);
    assert.deepEqual([summary.deadLettered, summary.redriven], [2, 2]);
    assert.equal(summary.unheard, 1);
    assert.equal(summary.covered, FILES - 1);
    assert.equal(summary.takenOver, FILES - 1);
    const [, before, after] = /POST \/jobs before (\d+), after (\d+): 0 submitted again/.exec(stderr) ?? [];
    assert.ok(Number(before) >= FILES && before === after, stderr);
    assert.deepEqual([summary.lost, summary.duplicateJobs, summary.unfinished], [0, 0, 0]);
    assert.ok(summary.seconds > 0 && summary.seconds < 100);
    assert.equal(stdout.trimEnd().split('\n').length, 1, 'nothing but the summary is on standard output');
    assert.doesNotMatch(stderr, /\n\s+at .*\(|ittybit_live_/);
    assert.deepEqual(await emulators(folders.whole), []);
  });
});
