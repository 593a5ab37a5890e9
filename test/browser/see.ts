import type { Locator } from 'playwright-core';
import type { QuickInputState } from './quick-input.ts';
import type { TreeRow, TreeView } from './tree-view.ts';
import { appears, until } from './until.ts';
import type { Workbench } from './workbench.ts';

/** A key shows what it does by then. */
const KEY_EFFECT_MS = 3_000;
const NO_ROW: TreeRow = { level: 0, label: '', description: '', aria: '', expanded: undefined };

/**
 * Waits for the question that says this in its title, prompt or placeholder.
 * @param choice what one of its rows must say, too: they come after the title
 */
export function asked({ quickInput }: Workbench, words: string, choice?: string): Promise<QuickInputState> {
  return until(
    `the question "${words}"${choice === undefined ? '' : ` with "${choice}"`}`,
    () => quickInput.peek(),
    (shown): shown is QuickInputState =>
      shown !== undefined &&
      [shown.title, shown.placeholder, shown.message].some((text) => text.includes(words)) &&
      (choice === undefined || shown.items.some((item) => item.includes(choice))),
  );
}

/** Waits until the row with this label is as wanted, by the view's own refresh. */
export function rowOf(
  view: TreeView,
  label: string,
  isWanted: (row: TreeRow, all: readonly TreeRow[]) => boolean,
): Promise<TreeRow> {
  let all: readonly TreeRow[] = [];
  const read = async (): Promise<TreeRow> => {
    all = await view.rows();
    // Without the row, the others say what is there instead.
    return (
      all.find((row) => row.label === label) ?? { ...NO_ROW, aria: all.map(({ aria }) => aria).join('; ') }
    );
  };
  return until(`the row "${label}"`, read, (row) => isWanted(row, all));
}

/** Waits until the view says this instead of rows. */
export function hintOf(view: TreeView, words: string): Promise<string> {
  return until(
    `"${words}"`,
    () => view.hint(),
    (hint) => hint.includes(words),
  );
}

/** Waits for an entry of the status bar. */
export async function statusBarSays(workbench: Workbench, words: RegExp): Promise<void> {
  await until(
    String(words),
    () => workbench.statusBar(),
    (entries) => entries.some((entry) => words.test(entry)),
  );
}

/** Waits until no notification is shown. */
export async function noNotifications(workbench: Workbench): Promise<void> {
  await until(
    'no notification',
    () => workbench.notifications(),
    (texts) => texts.length === 0,
  );
}

/**
 * Presses a key until what it does is to be seen: a view that is drawn at this moment moves the focus to its first row, and the
 * key does something else there.
 */
export async function pressFor({ page }: Workbench, key: string, effect: Locator): Promise<void> {
  await until(
    `what ${key} does`,
    async () => {
      if (await effect.isVisible()) return true;
      await page.keyboard.press(key);
      return appears(effect, KEY_EFFECT_MS);
    },
    (isThere) => isThere,
  );
}
