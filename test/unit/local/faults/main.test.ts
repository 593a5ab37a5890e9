import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../../../src/local/faults/main.ts');

describe('the fault suite from the command line', function () {
  this.timeout(30_000);
  const run = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });

  const WRONG: [string[], RegExp][] = [
    [['--files', '0'], /^--files takes a whole number from 1 to 20000\./],
    [['--seed', '-1'], /--seed/],
    [['--share', '101'], /^--share takes a whole number from 0 to 100\./],
    [['--faults', 'crash,callback-lost'], /^There is no fault "crash"\./],
    [['--settle', '1'], /^--settle takes a whole number from 5 to 900\./],
    [['--fast'], /'--fast'/],
  ];
  for (const [args, says] of WRONG) {
    it(`refuses "${args.join(' ')}" with a sentence and the help`, () => {
      const { status, stdout, stderr } = run(...args);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, says);
      assert.match(stderr, /npm run faults -- \[options\]/);
      assert.doesNotMatch(stderr, /\n\s+at /);
    });
  }

  it('names every fault in its help', () => {
    const { status, stdout } = run('--help');
    assert.equal(status, 0);
    assert.match(stdout, /callback-lost, .*messages-lost/);
  });
});
