import type { TreeRow } from '../../browser/tree-view.ts';
import { waitFor } from '../../helpers/wait-for.ts';
import { driver } from './driver.ts';

/** What moves by itself (the shared poll, a handler) needs less time at the pace of the suites. */
const LIMIT_MS = 15_000;

/**
 * Repeats an assertion until it holds.
 * @returns what the assertion returns
 * @throws its last error when it has not held within 15 s
 */
export async function eventually<Result>(
  assertion: () => Result | Promise<Result>,
  limitMs: number = LIMIT_MS,
): Promise<Result> {
  let last: unknown;
  const attempt = async (): Promise<{ readonly result: Result } | undefined> => {
    try {
      return { result: await assertion() };
    } catch (error) {
      last = error;
      return undefined;
    }
  };
  const late = (): Error =>
    last instanceof Error ? last : new Error(`The assertion failed: ${String(last)}`);
  return (await waitFor(attempt, { limitMs, late })).result;
}

/** Waits for a row of a view with this label. @param description matches the text after the label */
export function untilRow(view: string, label: string | RegExp, description = /(?:)/): Promise<TreeRow> {
  return eventually(async () => {
    const rows = await driver.tree(view);
    const found = rows.find(
      (row) =>
        (typeof label === 'string' ? row.label === label : label.test(row.label)) &&
        description.test(row.description),
    );
    if (found) return found;
    const seen = rows.map((row) => `${'  '.repeat(row.level)}${row.label} | ${row.description}`).join('\n');
    throw new Error(`No row ${String(label)} ${String(description)} in ${view}; there are:\n${seen}`);
  });
}

/** Waits until the welcome content or the message of a view matches. */
export function untilHint(view: string, hint: RegExp): Promise<string> {
  return eventually(async () => {
    const text = await driver.viewHint(view);
    if (hint.test(text)) return text;
    throw new Error(`${view} does not say ${String(hint)}: ${text}`);
  });
}
