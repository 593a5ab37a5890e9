import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import type { PageElement } from './page-element.ts';
import { QuickInput } from './quick-input.ts';
import { TreeView } from './tree-view.ts';

const START_TIMEOUT_MS = 60_000;
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
    if ((await this.#container().getAttribute('aria-expanded')) !== 'true') await this.#container().click();
    await this.page.locator('.pane-header h3.title').first().waitFor();
    // Or the icon's hover lies over the views.
    await this.page.mouse.move(900, 600);
  }

  /** Drags the side bar's edge. @param width of the views, in px */
  async widenSideBar(width: number): Promise<void> {
    const bar = await this.page.locator('.part.sidebar').boundingBox();
    if (!bar) throw new Error('There is no side bar.');
    await this.page.mouse.move(bar.x + bar.width, bar.y + bar.height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(bar.x + width, bar.y + bar.height / 2, { steps: 5 });
    await this.page.mouse.up();
  }

  view(title: string): TreeView {
    return new TreeView(this.page, title);
  }

  /** Runs a command from the palette, by its whole title. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.quickInput.type(`>${title}`);
    await this.quickInput.pick(title);
  }

  /**
   * Waits for a notification, and presses its button if one is named.
   * @returns its text
   */
  async notification(text: string | RegExp, button?: string): Promise<string> {
    const message = this.page.locator('.notification-list-item-message').filter({ hasText: text });
    const item = this.page.locator('.notification-list-item').filter({ has: message }).first();
    await item.waitFor();
    const shown = await item.locator('.notification-list-item-message').innerText();
    if (button !== undefined) await item.getByRole('button', { name: button, exact: true }).click();
    return shown;
  }

  /** Closes all of them. */
  async clearNotifications(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
    await this.page.locator('.notification-list-item').waitFor({ state: 'detached' });
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
    const box = this.page.locator('.monaco-dialog-box');
    const text = await box.locator('.dialog-message-container').innerText();
    await box.getByRole('button', { name: button, exact: true }).click();
    await box.waitFor({ state: 'hidden' });
    return text;
  }

  /** @returns what a screen reader says of the entries of the status bar */
  async statusBar(): Promise<string[]> {
    const items = this.page.locator('.statusbar-item:visible [aria-label]');
    return items.evaluateAll((all: PageElement[]) =>
      all.map((item) => item.getAttribute('aria-label') ?? ''),
    );
  }

  statusBarItem(label: string | RegExp): Locator {
    return this.page.locator('.statusbar-item').getByRole('button', { name: label }).first();
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
