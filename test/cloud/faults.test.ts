import assert from 'node:assert/strict';
import { FILE_FAULTS, type FileFault } from '../../src/local/faults/file-faults.ts';
import { PROMISES } from '../../src/local/faults/audit.ts';
import { runFaults } from '../../src/local/faults/run-faults.ts';
import type { StackTrouble } from '../../src/local/faults/stack-troubles.ts';
import { buildTemplate } from '../template/built-template.ts';

/** Printed with the run; `npm run faults -- --seed` replays one by hand. */
const SEED = 7;
const FILES = 60;
/** Those that need no long wait. */
const TROUBLES: readonly StackTrouble[] = [
  ...(['consumer-killed', 'key-rotated', 'wrong-api-key', 'redrive-while-listing'] as const),
  ...(['enqueue-killed', 'batch-cancelled', 'two-operators', 'takeover', 'expiry'] as const),
];

describe('the fault suite, small', function () {
  this.timeout(240_000);
  before(buildTemplate);

  it('keeps every promise while the seed makes things go wrong', async () => {
    const lines: string[] = [];
    const { figures, broken } = await runFaults({
      ...{ files: FILES, seed: SEED, share: 0.5, settleSeconds: 10, limitMs: 90_000 },
      fileFaults: Object.keys(FILE_FAULTS) as FileFault[],
      stackTroubles: TROUBLES,
      signal: new AbortController().signal,
      say: (line) => lines.push(line),
    });
    assert.equal(lines[0]?.startsWith(`seed ${SEED}:`), true);
    console.log(`      ${lines[0]}`);
    for (const line of lines.filter((one) => / at \d+ jobs: /.test(one))) console.log(`      ${line.trim()}`);
    console.log(`      ${JSON.stringify(figures)}`);
    const text = [...lines, ...broken.map((one) => JSON.stringify(one))].join('\n');
    assert.deepEqual(broken, [], text);
    for (const promise of PROMISES) assert.equal(figures[promise], 0, promise);
    // Faults that never happened would keep every promise, too.
    assert.equal(figures.messages > FILES && figures.replays > 0 && figures.letters > 0, true, text);
    assert.equal(figures.missing > 0, true, 'messages of files that nobody had claimed were lost');
    assert.match(text, /expiry at .* [1-9]\d* of files that nobody has claimed/);
    for (const name of TROUBLES) assert.equal(text.includes(`${name} at `), true, name);
    assert.match(text, /enqueue-killed at \d+ jobs: killed in write/);
    assert.match(text, /takeover at \d+ jobs: .* [1-9]\d* that nobody had claimed/);
    assert.match(text, /batch-cancelled at .*cancelled after [1-9]\d* requests.*the enqueue stopped at/);
    assert.equal(
      Object.values(figures.faults).reduce((total, files) => total + files),
      FILES / 2,
    );
  });
});
