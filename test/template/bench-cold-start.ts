/**
 * What the packing of the handlers costs at a cold start: a fresh Node loads the code as each function does, as it is in
 * dist/handlers and as the template has it, in turns; the medians are printed. The SDK is loaded in both.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  buildTemplate,
  functionEnvironment,
  HANDLERS_FOLDER,
  inlineCode,
  parseTemplate,
} from './built-template.ts';

const ROUNDS = 40;
const HANDLERS = { Consumer: 'consumer', Reconciler: 'reconciler', Webhook: 'webhook' } as const;
/** Milliseconds from before the code's `require` until the handler is made. */
const PROGRAM = `
  const before = performance.now();
  const [, name] = process.env._HANDLER.split('.');
  if (typeof require(process.argv[1])[name] !== 'function') throw new Error('There is no handler.');
  console.log(performance.now() - before);`;

if (import.meta.main) await bench();

async function bench(): Promise<void> {
  const template = parseTemplate(await buildTemplate());
  const folder = await mkdtemp(join(tmpdir(), 'media-batch-cold-start-'));
  try {
    const [plain, packed] = [join(folder, 'plain.js'), join(folder, 'packed.js')];
    await writeFile(plain, await readFile(join(HANDLERS_FOLDER, 'functions.js')));
    await writeFile(packed, inlineCode(template));
    for (const [id, handler] of Object.entries(HANDLERS)) {
      const env = { ...functionEnvironment(template, id), _HANDLER: `index.${handler}` };
      const times = { plain: [] as number[], packed: [] as number[] };
      for (let round = 0; round < ROUNDS; round++) {
        // Each is first in every second round: what ran before warms the caches for the other.
        const turns = [['plain', plain] as const, ['packed', packed] as const];
        for (const [way, path] of round % 2 === 0 ? turns : turns.toReversed()) {
          times[way].push(await loadTime(path, env));
        }
      }
      const [before, after] = [median(times.plain), median(times.packed)];
      const difference = (after - before).toFixed(1);
      console.log(
        `${id}: ${before.toFixed(1)} ms plain, ${after.toFixed(1)} ms packed, ${difference} ms more (medians of ${ROUNDS})`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function loadTime(path: string, env: NodeJS.ProcessEnv): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', PROGRAM, path], { env });
  return Number(stdout);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
