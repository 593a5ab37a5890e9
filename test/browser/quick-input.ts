import type { Locator, Page } from 'playwright-core';
import type { PageElement } from './page-element.ts';

/** What a quick pick or an input box shows now. */
export interface QuickInputState {
  readonly title: string;
  readonly placeholder: string;
  /** the prompt, or what is wrong with the value */
  readonly message: string;
  readonly value: string;
  /** labels of the rows in sight */
  readonly items: readonly string[];
}

/** The palette, quick picks and input boxes, which share one widget, answered as a user would. */
export class QuickInput {
  readonly #widget: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.#widget = page.locator('.quick-input-widget:visible');
  }

  /** Waits for it. */
  async state(): Promise<QuickInputState> {
    await this.#widget.waitFor();
    return this.#widget.evaluate((widget: PageElement) => {
      const text = (selector: string) => {
        const element = widget.querySelector(selector);
        const shown = element !== null && element.style.display !== 'none';
        return shown ? (element.textContent ?? '').replaceAll('\u00a0', ' ').trim() : '';
      };
      const input = widget.querySelector('input.input');
      const rows = [...widget.querySelectorAll('.quick-input-list .monaco-list-row')];
      return {
        title: text('.quick-input-title'),
        placeholder: input?.placeholder ?? '',
        message: text('.quick-input-message'),
        value: input?.value ?? '',
        // The first label of a row: the next one is its detail.
        items: rows.map((row) =>
          (row.querySelector('.label-name')?.textContent ?? '').replaceAll('\u00a0', ' ').trim(),
        ),
      };
    });
  }

  /** True when none is open. */
  async isClosed(): Promise<boolean> {
    return (await this.#widget.count()) === 0;
  }

  /** Chooses the row with this label; with checkboxes: switches it. */
  async pick(label: string | RegExp): Promise<void> {
    const name = typeof label === 'string' ? exactly(label) : label;
    const rows = this.#widget.locator('.quick-input-list .monaco-list-row');
    await rows
      .filter({ has: this.#page.locator('.label-name').filter({ hasText: name }) })
      .first()
      .click();
    // The next list may open under the mouse: the hover of a row would cover it.
    await this.#page.mouse.move(0, 0);
  }

  /** Replaces the text and accepts it. */
  async enter(text: string): Promise<void> {
    await this.type(text);
    await this.#page.keyboard.press('Enter');
  }

  /** Replaces the text, and leaves the input open. */
  async type(text: string): Promise<void> {
    await this.#widget.locator('input.input').fill(text);
  }

  async accept(): Promise<void> {
    await this.#widget.waitFor();
    await this.#page.keyboard.press('Enter');
  }

  /** A step back, by the arrow in the title. */
  async back(): Promise<void> {
    await this.#widget.getByRole('button', { name: /^Back/ }).click();
  }

  /** Cancels, and waits until it is gone. */
  async escape(): Promise<void> {
    await this.#widget.waitFor();
    await this.#page.keyboard.press('Escape');
    await this.#widget.waitFor({ state: 'hidden' });
  }
}

/** The whole text, whatever spaces are in it. */
export function exactly(text: string): RegExp {
  const escaped = text.trim().replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(`^\\s*${escaped.replace(/\s+/g, '\\s+')}\\s*$`, 'u');
}
