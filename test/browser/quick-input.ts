import type { Locator, Page } from 'playwright-core';
import { clickOn } from './click.ts';
import type { PageElement } from './page-element.ts';
import { until } from './until.ts';

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
    return until(
      'a question',
      () => this.peek(),
      (shown) => shown !== undefined,
    );
  }

  /** @returns what it shows now; undefined when none is open */
  async peek(): Promise<QuickInputState | undefined> {
    const [state] = await this.#widget.evaluateAll((widgets: PageElement[]) =>
      widgets.map((widget) => {
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
      }),
    );
    return state;
  }

  /** True when none is open. */
  async isClosed(): Promise<boolean> {
    return (await this.peek()) === undefined;
  }

  /** Chooses the row with this label; with checkboxes: switches it. */
  async pick(label: string | RegExp): Promise<void> {
    await clickOn(`the choice ${String(label)}`, this.#rows(label).first());
    // The next list may open under the mouse: the hover of a row would cover it.
    await this.#page.mouse.move(0, 0);
  }

  /** Replaces the text and accepts it. */
  async enter(text: string): Promise<void> {
    await this.type(text);
    await this.#press('Enter');
  }

  /** Replaces the text, and leaves the input open. */
  async type(text: string): Promise<void> {
    await this.#widget.locator('input.input').fill(text);
  }

  /** Takes the value, or the row that is marked. */
  async accept(): Promise<void> {
    await this.#untilAnswerable();
    await this.#press('Enter');
  }

  /** Takes the row with this label by the keyboard, once it is the marked one. */
  async acceptRow(label: string): Promise<void> {
    await this.#rows(label).and(this.#page.locator('.focused')).first().waitFor();
    await this.#press('Enter');
  }

  /** A step back, by the arrow in the title. */
  async back(): Promise<void> {
    await clickOn('Back', this.#widget.getByRole('button', { name: /^Back/ }));
  }

  /** Cancels, and waits until it is gone. */
  async escape(): Promise<void> {
    await this.#press('Escape');
    await this.#widget.waitFor({ state: 'hidden' });
  }

  /** Waits until it has the keyboard, as a user would see by the cursor in it. */
  async untilFocused(): Promise<void> {
    await this.#widget.locator('input.input:focus').waitFor();
  }

  async #press(key: string): Promise<void> {
    await this.untilFocused();
    await this.#page.keyboard.press(key);
  }

  #rows(label: string | RegExp): Locator {
    const name = typeof label === 'string' ? exactly(label) : label;
    const labels = this.#page.locator('.label-name').filter({ hasText: name });
    return this.#widget.locator('.quick-input-list .monaco-list-row').filter({ has: labels });
  }

  /** Waits until a list to choose from has a marked row, which comes after its title. */
  async #untilAnswerable(): Promise<void> {
    await until(
      'a question with a marked answer',
      () =>
        this.#widget.evaluateAll((widgets: PageElement[]) =>
          widgets.map((widget) => {
            const list = widget.querySelector('.quick-input-list');
            if (list === null || list.style.display === 'none') return true;
            return list.querySelector('.monaco-list-row.focused, .monaco-list-row .monaco-checkbox') !== null;
          }),
        ),
      ([isAnswerable]) => isAnswerable === true,
    );
  }
}

/** Matches the whole text; any white space counts as a space. */
export function exactly(text: string): RegExp {
  const escaped = text.trim().replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(`^\\s*${escaped.replace(/\s+/g, '\\s+')}\\s*$`, 'u');
}
