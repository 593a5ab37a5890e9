/**
 * `npm run bench`: how fast an enqueue is, beside the guide's script; writes results.md beside this file.
 *   --rounds 3      repeats of what is compared
 *   --only ours     the cases whose name has this word, without writing the file
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { benchCases } from './cases.ts';
import { Responder, type Played } from './play-case.ts';
import { report, type Measured } from './report.ts';

const PROJECT = join(import.meta.dirname, '../..');

if (import.meta.main) await bench();

async function bench(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '3' }, only: { type: 'string' } },
  });
  await promisify(execFile)(process.execPath, ['esbuild.mjs', '--production'], { cwd: PROJECT });
  const cases = benchCases(Number(values.rounds)).filter(({ name }) => name.includes(values.only ?? ''));
  const measured = cases.map((wanted) => ({ wanted, played: [] as Played[] }));
  const responder = await Responder.start();
  try {
    for (let round = 1; round <= Number(values.rounds); round += 1) {
      for (const { wanted, played } of measured.filter((each) => each.wanted.rounds >= round)) {
        const result = await responder.play(wanted);
        played.push(result);
        const { run, arrivals, load } = result;
        console.log(`${wanted.name}, round ${round}:`, JSON.stringify({ ...run, ...arrivals, load }));
      }
    }
  } finally {
    responder.stop();
  }
  const text = await report(measured satisfies readonly Measured[], new Date());
  if (values.only === undefined) await writeFile(join(import.meta.dirname, 'results.md'), text);
  console.log(text);
}
