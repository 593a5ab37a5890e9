import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../src/core/errors.ts';
import { add, closingLines, COUNTS_FILE, NONE, readCounts, type Counts } from './counts.ts';

/** A part of the whole test. */
export interface Part {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/**
 * Runs the parts one after the other, up to the first that fails, and says what came of them.
 * @param print gets the lines between and after what the parts print themselves
 * @returns the exit code: 0 when all passed, 1 otherwise
 */
export async function runParts(parts: readonly Part[], print: (line: string) => void): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'media-batch-test-'));
  try {
    let total = NONE;
    let failed: Part | undefined;
    for (const [index, part] of parts.entries()) {
      print(`\n== ${index + 1} of ${parts.length}: ${part.name}`);
      const start = Date.now();
      const { ok, counts } = await runPart(part, join(folder, `${index}.jsonl`), print);
      total = add(total, counts);
      const seconds = ((Date.now() - start) / 1000).toFixed(0);
      print(`== ${part.name} ${ok ? 'passed' : 'FAILED'} after ${seconds} s`);
      if (ok) continue;
      failed = part;
      const rest = parts.slice(index + 1).map(({ name }) => name);
      if (rest.length > 0) print(`Not run, because ${part.name} failed: ${rest.join(', ')}`);
      break;
    }
    for (const line of ['', ...closingLines(total)]) print(line);
    return failed ? 1 : 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runPart(
  { command: [program, ...args] }: Part,
  countsFile: string,
  print: (line: string) => void,
): Promise<{ ok: boolean; counts: Counts }> {
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...process.env, [COUNTS_FILE]: countsFile },
  });
  const end = () => child.kill('SIGTERM');
  // Ctrl+C goes to the whole group, so the part has it already: it ends in order, and this waits for it.
  const wait = () => undefined;
  process.on('SIGTERM', end).on('SIGINT', wait);
  let ok = false;
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    ok = code === 0;
  } catch (error) {
    print(messageOf(error));
  } finally {
    process.off('SIGTERM', end).off('SIGINT', wait);
  }
  const counts = await readCounts(countsFile);
  // A part without tests, or one that ended before it counted them, fails as one.
  return { ok, counts: ok || counts.failed > 0 ? counts : { ...counts, failed: 1 } };
}
