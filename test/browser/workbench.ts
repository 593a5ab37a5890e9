import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { clickOn } from './click.ts';
import type { PageElement } from './page-element.ts';
import { exactly, QuickInput } from './quick-input.ts';
import { TreeView } from './tree-view.ts';
import { until } from './until.ts';

const START_TIMEOUT_MS = 60_000;
/** Other containers have views, too. */
const FIRST_VIEW = exactly('Pipeline');
/** A deploy is planned by then. */
const AWS_TIMEOUT_MS = 90_000;
const SCREENSHOTS = resolve(import.meta.dirname, '../../.local/screenshots');

/** A window of VS Code as its user has it: everything goes through the page. */
export class Workbench {
  readonly page: Page;
  readonly quickInput: QuickInput;

  constructor(page: Page) {
    this.page = page;
    this.quickInput = new QuickInput(page);
  }

  /** Opens the address and waits until the window can be used. */
  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.untilReady();
  }

  async untilReady(): Promise<void> {
    await this.page.locator('.monaco-workbench .activitybar').waitFor({ timeout: START_TIMEOUT_MS });
    // Extensions, and so their containers, come after the window's own parts.
    await this.#container().waitFor({ timeout: START_TIMEOUT_MS });
  }

  /** Shows the views of Media Batch. */
  async openViews(): Promise<void> {
    const header = this.page.locator('.pane-header h3.title').filter({ hasText: FIRST_VIEW }).first();
    // A window that is opened again shows by itself what it showed, at its own time; a click then would close it.
    await until(
      'the views of Media Batch',
      async () => {
        const isShown = await header.isVisible();
        const isClosed = (await this.#container().getAttribute('aria-expanded')) !== 'true';
        if (!isShown && isClosed) await clickOn('the icon of Media Batch', this.#container());
        return isShown;
      },
      (isShown) => isShown,
    );
    // Or the icon's hover lies over the views.
    await this.page.mouse.move(900, 600);
  }

  /** Drags the side bar's edge. @param width of the views, in px */
  async widenSideBar(width: number): Promise<void> {
    const bar = this.page.locator('.part.sidebar');
    const box = await bar.boundingBox();
    if (!box) throw new Error('There is no side bar.');
    await this.page.mouse.move(box.x + box.width, box.y + box.height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + width, box.y + box.height / 2, { steps: 5 });
    await this.page.mouse.up();
    await until(
      `a side bar of ${width} px`,
      async () => (await bar.boundingBox())?.width ?? 0,
      (now) => Math.abs(now - width) < width / 10,
    );
  }

  view(title: string): TreeView {
    return new TreeView(this.page, title);
  }

  /** Runs a command from the palette, by its whole title. */
  async command(title: string): Promise<void> {
    await this.openPalette();
    await this.quickInput.type(`>${title}`);
    await this.quickInput.acceptRow(title);
  }

  /** Opens the palette by its key, and waits until it has the keyboard. */
  async openPalette(): Promise<void> {
    await this.page.keyboard.press('F1');
    // Another question may have been open.
    await until(
      'the palette',
      () => this.quickInput.peek(),
      (shown) => shown?.value.startsWith('>') === true,
    );
    await this.quickInput.untilFocused();
  }

  /**
   * Waits for a notification, and presses its button if one is named.
   * @returns its text
   */
  async notification(text: string | RegExp, button?: string): Promise<string> {
    const fits = (shown: string) => (typeof text === 'string' ? shown.includes(text) : text.test(shown));
    // Read in one go: progress changes its words.
    const texts = await until(
      `the notification ${String(text)}`,
      () => this.notifications(),
      (all) => all.some(fits),
    );
    if (button !== undefined) {
      const message = this.page.locator('.notification-list-item-message').filter({ hasText: text });
      const item = this.page.locator('.notification-list-item').filter({ has: message }).first();
      await clickOn(button, item.getByRole('button', { name: button, exact: true }));
    }
    return texts.find(fits) ?? '';
  }

  /** Closes all of them, and those that come meanwhile. */
  async clearNotifications(): Promise<void> {
    await until(
      'no notification',
      async () => {
        await this.command('Notifications: Clear All Notifications');
        return this.notifications();
      },
      (texts) => texts.length === 0,
    );
  }

  /** @returns the texts of all notifications in sight */
  async notifications(): Promise<string[]> {
    return this.page.locator('.notification-list-item .notification-list-item-message').allInnerTexts();
  }

  /**
   * Waits for a modal question and answers it.
   * @returns its text, with the details
   */
  async dialog(button: string): Promise<string> {
    const box = await this.untilDialog();
    const text = await box.locator('.dialog-message-container').innerText();
    await clickOn(button, box.getByRole('button', { name: button, exact: true }));
    await box.waitFor({ state: 'hidden' });
    return text;
  }

  /** Waits for a modal question, which may take what AWS takes to answer. */
  async untilDialog(): Promise<Locator> {
    const box = this.page.locator('.monaco-dialog-box');
    await box.waitFor({ timeout: AWS_TIMEOUT_MS });
    return box;
  }

  /** @returns what a screen reader says of the entries of the status bar */
  async statusBar(): Promise<string[]> {
    const items = this.page.locator('.statusbar-item:visible [aria-label]');
    return items.evaluateAll((all: PageElement[]) =>
      all.map((item) => item.getAttribute('aria-label') ?? ''),
    );
  }

  async clickStatusBar(label: string | RegExp): Promise<void> {
    const item = this.page.locator('.statusbar-item').getByRole('button', { name: label }).first();
    await clickOn(`${String(label)} in the status bar`, item);
  }

  /** Waits until the active editor shows this and has the keyboard. */
  async untilEditing(text: string): Promise<void> {
    await until(
      `an editor with ${text}`,
      () => this.editorText(),
      (shown) => shown.includes(text),
    );
    await this.page.locator('.editor-group-container.active .monaco-editor.focused').waitFor();
  }

  /** Saves the active editor by its key, and waits until it is. */
  async save(): Promise<void> {
    await this.page.keyboard.press('Control+S');
    await this.page.locator('.editor-group-container.active .tab.active:not(.dirty)').waitFor();
  }

  /** @returns the lines in sight of the active editor */
  async editorText(): Promise<string> {
    const lines = this.page.locator('.editor-group-container.active .view-line');
    const texts = await lines.evaluateAll((all: PageElement[]) =>
      all
        .map((line) => ({ top: Number.parseFloat(line.style.top), text: line.textContent ?? '' }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text.replaceAll('\u00a0', ' ')),
    );
    return texts.join('\n');
  }

  /** @returns all text in sight, for "this is not shown anywhere" */
  async visibleText(): Promise<string> {
    return this.page.locator('.monaco-workbench').innerText();
  }

  /** Makes the window believe that it has the focus, or that another one has it. */
  async setFocus(focused: boolean): Promise<void> {
    await this.page.evaluate(
      `document.hasFocus = () => ${focused}; window.dispatchEvent(new Event('${focused ? 'focus' : 'blur'}'));`,
    );
  }

  /** @returns where the picture is */
  async screenshot(name: string): Promise<string> {
    await mkdir(SCREENSHOTS, { recursive: true });
    const path = join(SCREENSHOTS, `${name.replaceAll(/[^\w-]+/g, '-').slice(0, 80)}.png`);
    await this.page.screenshot({ path, animations: 'disabled' });
    return path;
  }

  #container(): Locator {
    return this.page.locator('.activitybar').getByRole('tab', { name: /^Media Batch/ });
  }
}
