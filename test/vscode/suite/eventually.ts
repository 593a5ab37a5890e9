import { setTimeout as delay } from 'node:timers/promises';
import type { TreeRow } from '../../browser/tree-view.ts';
import { driver } from './driver.ts';

/** Nothing that moves by itself (the shared poll, a handler) takes longer at the suites' pace. */
const LIMIT_MS = 15_000;
const EVERY_MS = 50;

/**
 * Asks again until an assertion holds.
 * @returns what it returns
 * @throws its last error, once it has not held for 15 s
 */
export async function eventually<Result>(
  assertion: () => Result | Promise<Result>,
  limitMs: number = LIMIT_MS,
): Promise<Result> {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > end) throw error;
      await delay(EVERY_MS);
    }
  }
}

/** Waits for a row of a view that fits. @param description what must stand behind the label */
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

/** Waits for welcome content or a message of a view. */
export function untilHint(view: string, hint: RegExp): Promise<string> {
  return eventually(async () => {
    const text = await driver.viewHint(view);
    if (hint.test(text)) return text;
    throw new Error(`${view} does not say ${String(hint)}: ${text}`);
  });
}
