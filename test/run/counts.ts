import { readFile } from 'node:fs/promises';

/** The environment variable with the file that the reporter adds its counts to. */
export const COUNTS_FILE = 'MEDIA_BATCH_TEST_COUNTS';

/** What one or several runs of mocha came to. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** one for each test that failed; a part that fails as a whole has none */
  readonly failures: readonly Named[];
  /** one for each test */
  readonly skipped: readonly Named[];
}

export interface Named {
  /** the title of the test that failed, or of the suite that was skipped */
  readonly what: string;
  readonly why: string;
}

export const NONE: Counts = { passed: 0, failed: 0, failures: [], skipped: [] };
/** A message with a long difference is printed whole where the test ran. */
const MOST_WORDS = 1_000;

/** @returns the sum of what the reporter has written to a file; `NONE` where it has written nothing */
export async function readCounts(file: string): Promise<Counts> {
  const lines = (await readFile(file, { encoding: 'utf8', flag: 'a+' })).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Counts).reduce(add, NONE);
}

export function add(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    failures: [...one.failures, ...other.failures],
    skipped: [...one.skipped, ...other.skipped],
  };
}

/**
 * The last lines of a run: what failed, as its own report may be far above; each skipped part with its reason; and the total
 * alone on the last one.
 */
export function closingLines({ passed, failed, failures, skipped }: Counts): string[] {
  const wrong = failures.map(({ what, why }) => `Failed: ${what}: ${why.slice(0, MOST_WORDS)}`);
  const parts = new Set(skipped.map(({ what, why }) => `Skipped: ${what}: ${why}.`));
  return [...wrong, ...parts, `${passed} passed, ${failed} failed, ${skipped.length} skipped`];
}
