import type { Locator, Page } from 'playwright-core';
import { clickOn } from './click.ts';
import type { PageElement } from './page-element.ts';
import { exactly } from './quick-input.ts';
import { appears, until } from './until.ts';

/** Rows come from AWS, over a shared poll. */
const ROW_TIMEOUT_MS = 60_000;
/** A hover is shown by then. */
const HOVER_MS = 3_000;

/** A row of a tree as the user, and a screen reader, gets it. */
export interface TreeRow {
  /** 1 at the top */
  readonly level: number;
  readonly label: string;
  readonly description: string;
  /** what a screen reader says */
  readonly aria: string;
  /** undefined for what cannot be opened */
  readonly expanded: boolean | undefined;
}

/** One view of the container, found by its title. It shows only as many rows as there is room for. */
export class TreeView {
  readonly #page: Page;
  readonly #pane: Locator;

  constructor(page: Page, title: string) {
    this.#page = page;
    const heading = page.locator('.pane-header h3.title').filter({ hasText: exactly(title) });
    this.#pane = page.locator('.pane').filter({ has: heading });
  }

  /** Opens or closes the view itself. */
  async show(shown: boolean): Promise<void> {
    const header = this.#pane.locator('.pane-header');
    if ((await header.getAttribute('aria-expanded')) === String(shown)) return;
    // The middle of a narrow header is one of its icons.
    await clickOn('the title of the view', header.locator('h3.title'));
    await header.and(this.#page.locator(`[aria-expanded="${shown}"]`)).waitFor();
  }

  /** @returns the rows in sight, top down */
  async rows(): Promise<TreeRow[]> {
    const found = await this.#pane.locator('[role="treeitem"]').evaluateAll((rows: PageElement[]) =>
      rows.map((row) => {
        const text = (selector: string) =>
          (row.querySelector(selector)?.textContent ?? '').replaceAll('\u00a0', ' ');
        const expanded = row.getAttribute('aria-expanded');
        return {
          index: Number(row.getAttribute('data-index')),
          level: Number(row.getAttribute('aria-level')),
          label: text('.label-name'),
          description: text('.label-description'),
          aria: row.getAttribute('aria-label') ?? '',
          expanded: expanded === null ? undefined : expanded === 'true',
        };
      }),
    );
    return found.sort((a, b) => a.index - b.index).map(({ index: _, ...row }) => row);
  }

  /** @returns the label and the description of the row with this label, up to where the side bar cuts them */
  async seen(label: string | RegExp): Promise<string> {
    return (await this.row(label)).evaluate(textInSight);
  }

  /** @returns the text beside the view's title */
  async description(): Promise<string> {
    const [text = ''] = await this.#pane.locator('.pane-header .description').allTextContents();
    return text.trim();
  }

  /** @returns what the view says instead of rows: welcome content or its message; empty with rows */
  async hint(): Promise<string> {
    const texts = await this.#pane.locator('.welcome-view-content:visible, .message:visible').allInnerTexts();
    return texts.join('\n').trim();
  }

  /** Waits until the view has the keyboard: what opens before that is closed by it. */
  async untilFocused(): Promise<void> {
    await this.#pane.filter({ has: this.#page.locator(':focus') }).waitFor();
  }

  /** Waits for the row with this label. */
  async row(label: string | RegExp): Promise<Locator> {
    const row = this.#row(label);
    await row.waitFor({ timeout: ROW_TIMEOUT_MS });
    return row;
  }

  /** Opens or closes the row, or does what a click on it does. */
  async click(label: string | RegExp): Promise<void> {
    await clickOn(`the row ${String(label)}`, await this.row(label));
  }

  /** Adds the row to those that are selected, or takes it out, as a click with Ctrl does. */
  async select(label: string | RegExp): Promise<void> {
    await clickOn(`the row ${String(label)}`, await this.row(label), { modifiers: ['ControlOrMeta'] });
  }

  /** Opens the row if it is closed, and waits until it is open. */
  async expand(label: string | RegExp): Promise<void> {
    await this.#setExpanded(label, true);
  }

  /** Closes the row if it is open, and waits until it is closed. */
  async collapse(label: string | RegExp): Promise<void> {
    await this.#setExpanded(label, false);
  }

  /** Clicks an icon that the row shows when the mouse is over it. */
  async inlineAction(label: string | RegExp, action: string | RegExp): Promise<void> {
    const row = await this.row(label);
    const button = row.locator('.actions').getByRole('button', { name: action }).first();
    await clickOn(`${String(action)} on ${String(label)}`, button, { before: (limit) => row.hover(limit) });
  }

  /** Moves the mouse onto the row, and waits for the hover that says this label; a redraw closes one. */
  async hover(label: string): Promise<void> {
    const row = await this.row(label);
    const hover = this.#page.locator('.monaco-hover:visible').filter({ hasText: label });
    await until(
      `the hover of ${label}`,
      async () => {
        await row.hover();
        return appears(hover, HOVER_MS);
      },
      (isShown) => isShown,
    );
  }

  /** Chooses an entry of the row's context menu. */
  async contextMenu(label: string | RegExp, entry: string | RegExp): Promise<void> {
    await clickOn(`the row ${String(label)}`, await this.row(label), { button: 'right' });
    const name = typeof entry === 'string' ? exactly(entry) : entry;
    const item = this.#page.locator('.monaco-menu .action-label').filter({ hasText: name }).first();
    // A menu takes no click that ends in its first 100 ms, and acts when the mouse is released.
    await clickOn(String(entry), item, { delay: 150, event: 'mouseup' });
  }

  /** Clicks an icon in the view's title. */
  async titleAction(action: string | RegExp): Promise<void> {
    const header = this.#pane.locator('.pane-header');
    const button = header.locator('.actions').getByRole('button', { name: action }).first();
    await clickOn(String(action), button, { before: (limit) => header.hover(limit) });
  }

  /** Clicks a button of the welcome content. */
  async welcomeButton(name: string | RegExp): Promise<void> {
    const button = this.#pane.locator('.welcome-view-content').getByRole('button', { name }).first();
    await clickOn(String(name), button);
  }

  #row(label: string | RegExp): Locator {
    const name = this.#page.locator('.label-name').filter({
      hasText: typeof label === 'string' ? exactly(label) : label,
    });
    return this.#pane.locator('[role="treeitem"]').filter({ has: name }).first();
  }

  async #setExpanded(label: string | RegExp, expanded: boolean): Promise<void> {
    const row = await this.row(label);
    // A row without children yet is no twistie, and says neither.
    const state = await until(
      `the row ${String(label)}, to open or close`,
      () => row.getAttribute('aria-expanded'),
      (value) => value !== null,
    );
    if (state === String(expanded)) return;
    const done = row.and(this.#page.locator(`[aria-expanded="${expanded}"]`));
    // A row that comes meanwhile moves the others, and gets the click.
    await until(
      `the row ${String(label)} is ${expanded ? 'open' : 'closed'}`,
      async () => {
        if (await done.isVisible()) return true;
        await clickOn(`the arrow of ${String(label)}`, row.locator('.monaco-tl-twistie'));
        return appears(done, HOVER_MS);
      },
      (isDone) => isDone,
    );
  }
}

/** Runs in the page. */
function textInSight(row: PageElement): string {
  const box = row.querySelector('.monaco-icon-label-container');
  if (!box) return '';
  // The dots that stand for the rest take the room of letters.
  const dots = box.scrollWidth > box.clientWidth ? 14 : 0;
  const edge = box.getBoundingClientRect().right - dots + 0.5;
  const texts = row.ownerDocument.createTreeWalker(box, 4);
  const range = row.ownerDocument.createRange();
  const parts: string[] = [];
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const text = node.textContent ?? '';
    let length = 0;
    for (; length < text.length; length++) {
      range.setStart(node, length);
      range.setEnd(node, length + 1);
      if (range.getBoundingClientRect().right > edge) break;
    }
    parts.push(text.slice(0, length).replaceAll('\u00a0', ' '));
    if (length < text.length) break;
  }
  return parts.join(' ');
}
