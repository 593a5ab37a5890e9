import type { Locator, Page } from 'playwright-core';
import type { PageElement } from './page-element.ts';
import { exactly } from './quick-input.ts';

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
    await header.click();
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

  /** @returns the text beside the view's title */
  async description(): Promise<string> {
    const description = this.#pane.locator('.pane-header .description');
    return (await description.count()) === 0 ? '' : ((await description.first().textContent()) ?? '').trim();
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
    const name = this.#page.locator('.label-name').filter({
      hasText: typeof label === 'string' ? exactly(label) : label,
    });
    const row = this.#pane.locator('[role="treeitem"]').filter({ has: name }).first();
    await row.waitFor();
    return row;
  }

  /** Opens or closes the row, or does what a click on it does. */
  async click(label: string | RegExp): Promise<void> {
    await (await this.row(label)).click();
  }

  /** Opens the row if it is closed, and waits until it is open. */
  async expand(label: string | RegExp): Promise<void> {
    const row = await this.row(label);
    if ((await row.getAttribute('aria-expanded')) === 'true') return;
    await row.locator('.monaco-tl-twistie').click();
    await row.and(this.#page.locator('[aria-expanded="true"]')).waitFor();
  }

  /** Closes the row if it is open, and waits until it is closed. */
  async collapse(label: string | RegExp): Promise<void> {
    const row = await this.row(label);
    if ((await row.getAttribute('aria-expanded')) === 'false') return;
    await row.locator('.monaco-tl-twistie').click();
    await row.and(this.#page.locator('[aria-expanded="false"]')).waitFor();
  }

  /** Clicks an icon that the row shows when the mouse is over it. */
  async inlineAction(label: string | RegExp, action: string | RegExp): Promise<void> {
    const row = await this.row(label);
    await row.hover();
    await row.locator('.actions').getByRole('button', { name: action }).first().click();
  }

  /** Chooses an entry of the row's context menu. */
  async contextMenu(label: string | RegExp, entry: string | RegExp): Promise<void> {
    await (await this.row(label)).click({ button: 'right' });
    const name = typeof entry === 'string' ? exactly(entry) : entry;
    // A menu takes no click that ends in its first 100 ms.
    await this.#page
      .locator('.monaco-menu .action-label')
      .filter({ hasText: name })
      .first()
      .click({ delay: 150 });
  }

  /** Clicks an icon in the view's title. */
  async titleAction(action: string | RegExp): Promise<void> {
    await this.#pane.locator('.pane-header').hover();
    await this.#pane.locator('.pane-header .actions').getByRole('button', { name: action }).first().click();
  }

  /** Clicks a button of the welcome content. */
  async welcomeButton(name: string | RegExp): Promise<void> {
    await this.#pane.locator('.welcome-view-content').getByRole('button', { name }).first().click();
  }
}
