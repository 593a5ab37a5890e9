import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasCompiler } from '../../helpers/elasticmq.ts';
import { COUNTS_FILE, NONE, readCounts } from '../../run/counts.ts';
import { runParts, type Part } from '../../run/run-parts.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** @returns what a program printed on standard output, and its exit code */
async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; lines: string[] }> {
  const whole = { cwd: ROOT, env };
  const { code, stdout } = await promisify(execFile)(process.execPath, args, whole).then(
    (done) => ({ ...done, code: 0 }),
    (error: unknown) => error as { code: number; stdout: string },
  );
  return { code, lines: stdout.trimEnd().split('\n') };
}

describe('npm test on a machine that lacks something', () => {
  it('says at once all that it cannot bring, with the command to get it, and fails', async () => {
    const { code, lines } = await run(['test/run.ts'], { PATH: '/nowhere', CHROMIUM: '/nowhere/chrome' });
    assert.equal(code, 1);
    const [python, browser, java, ...rest] = lines;
    assert.match(python!, /^Python was not found: install Python 3\.10 or newer \(.+\), then try again\.$/);
    assert.match(browser!, /^CHROMIUM names \/nowhere\/chrome, which is no browser that starts: /);
    assert.match(java!, /^ElasticMQ does not run here: a JDK 11 or newer was not found \(.+\)\.$/);
    assert.deepEqual(rest, ['Nothing was run.', '0 passed, 2 failed, 0 skipped']);
  });

  it('takes a Java only where it can run a source file', () => {
    assert.equal(hasCompiler('java.base@17.0.9\njdk.compiler@17.0.9\njdk.zipfs@17.0.9\n'), true);
    assert.equal(hasCompiler('jdk.compiler@11\n'), true);
    for (const modules of [undefined, '', 'java.base@17.0.9\n', 'jdk.compiler@9.0.4\n']) {
      assert.equal(hasCompiler(modules), false);
    }
  });
});

describe('the parts of npm test', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-parts-'));
  });
  after(() => rm(folder, { recursive: true }));

  const script = (name: string, code: string): Part => ({ name, command: [process.execPath, '-e', code] });
  /** A part that counts tests as the reporter does. */
  const counting = (name: string, counts: object, code = 0): Part =>
    script(
      name,
      `require('node:fs').appendFileSync(process.env.${COUNTS_FILE}, ${JSON.stringify(`${JSON.stringify(counts)}\n`)}); process.exit(${code})`,
    );
  const runAll = async (...parts: readonly Part[]) => {
    const lines: string[] = [];
    return { code: await runParts(parts, (line) => lines.push(line)), lines };
  };
  const java = { what: 'redrive', why: 'no Java (get it)' };

  it('show their progress, name what was skipped, and end in one total', async () => {
    const { code, lines } = await runAll(
      script('types', ''),
      counting('unit', { ...NONE, passed: 3 }),
      counting('cloud', { ...NONE, passed: 2, skipped: [java, java] }),
    );
    assert.equal(code, 0);
    assert.deepEqual(
      lines.filter((line) => line.includes(' of ')).map((line) => line.trim()),
      ['== 1 of 3: types', '== 2 of 3: unit', '== 3 of 3: cloud'],
    );
    assert.deepEqual(lines.slice(-2), [
      'Skipped: redrive: no Java (get it).',
      '5 passed, 0 failed, 2 skipped',
    ]);
    assert.equal(lines.filter((line) => /^\d+ passed, \d+ failed/.test(line)).length, 1);
  });

  it('stop at the first that fails, and name at the end what failed and what was not run', async () => {
    const failures = [
      { what: 'a list is sorted', why: '2 != 1' },
      { what: 'a list is short', why: 'x'.repeat(5_000) },
    ];
    const { code, lines } = await runAll(
      counting('unit', { passed: 3, failed: 2, failures, skipped: [java] }, 2),
      script('cloud', ''),
      script('browser', ''),
    );
    assert.equal(code, 1);
    assert.ok(lines.includes('Not run, because unit failed: cloud, browser'));
    assert.deepEqual(lines.slice(-4), [
      'Failed: a list is sorted: 2 != 1',
      `Failed: a list is short: ${'x'.repeat(1_000)}`,
      'Skipped: redrive: no Java (get it).',
      '3 passed, 2 failed, 1 skipped',
    ]);
  });

  it('fail where one ends before it has counted, is killed, or is not there', async () => {
    const parts = [
      script('types', 'process.exit(3)'),
      script('killed', "process.kill(process.pid, 'SIGKILL')"),
      counting('after', { ...NONE, passed: 3 }, 1),
      { name: 'gone', command: ['/nowhere/npm'] } as const,
    ];
    for (const part of parts) {
      const { code, lines } = await runAll(part);
      assert.equal(code, 1, part.name);
      assert.match(lines.at(-1)!, /^[03] passed, 1 failed, 0 skipped$/);
    }
  });

  it('count what mocha reports, with the reason of what it skips', async () => {
    const file = join(folder, 'some.test.ts');
    await writeFile(
      file,
      `describe('a suite', () => {
        it('passes', () => undefined);
        describe('that needs Java', () => {
          before(function () { this.skipReason = 'no Java'; this.skip(); });
          it('one', () => undefined);
          it('two', () => undefined);
        });
        it('fails', () => { throw new Error('as it should'); });
      });`,
    );
    const mocha = ['node_modules/mocha/bin/mocha.js', '--no-color', file];
    const { code, lines } = await run(mocha, { ...process.env, [COUNTS_FILE]: '' });
    assert.equal(code, 1);
    assert.deepEqual(lines.slice(-2), [
      'Skipped: a suite that needs Java: no Java.',
      '1 passed, 1 failed, 2 skipped',
    ]);
    const counts = join(folder, 'counts');
    const counted = await run(mocha, { ...process.env, [COUNTS_FILE]: counts });
    assert.ok(!counted.lines.some((line) => /^\d+ passed/.test(line)));
    const skipped = { what: 'a suite that needs Java', why: 'no Java' };
    assert.deepEqual(await readCounts(counts), {
      passed: 1,
      failed: 1,
      failures: [{ what: 'a suite fails', why: 'as it should' }],
      skipped: [skipped, skipped],
    });
  });
});
