import { readFile } from 'node:fs/promises';

/** The environment variable with the file that the reporter adds its counts to. */
export const COUNTS_FILE = 'MEDIA_BATCH_TEST_COUNTS';

/** What one or several runs of mocha came to. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** one for each test */
  readonly skipped: readonly Skipped[];
}

export interface Skipped {
  /** the suite's title */
  readonly what: string;
  readonly why: string;
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: [] };

/** @returns the sum of what the reporter has written to a file; `NONE` where it has written nothing */
export async function readCounts(file: string): Promise<Counts> {
  const lines = (await readFile(file, { encoding: 'utf8', flag: 'a+' })).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Counts).reduce(add, NONE);
}

export function add(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: [...one.skipped, ...other.skipped],
  };
}

/** The last lines of a run: each skipped part with its reason, and the total alone on the last one. */
export function closingLines({ passed, failed, skipped }: Counts): string[] {
  const parts = new Set(skipped.map(({ what, why }) => `Skipped: ${what}: ${why}.`));
  return [...parts, `${passed} passed, ${failed} failed, ${skipped.length} skipped`];
}
