import type { ElementHandle, Locator } from 'playwright-core';
import type { PageElement } from './page-element.ts';
import { until } from './until.ts';

/** How long one try may take before the target is looked for again: it may have moved, or be another element now. */
const TRY_MS = 3_000;
const LIMIT_MS = 30_000;

/** How a click is made; all optional. */
export interface ClickOptions {
  readonly button?: 'left' | 'right';
  /** the event that the page acts on, where it is not the button's own */
  readonly event?: 'mouseup';
  /** keys that are held meanwhile */
  readonly modifiers?: ('ControlOrMeta' | 'Shift')[];
  /** between press and release, in ms */
  readonly delay?: number;
  /** Done before each attempt, such as the mouse move that shows the target. */
  readonly before?: (limit: { readonly timeout: number }) => Promise<void>;
}

/**
 * Clicks once the target is there. A redraw that takes the element away before the mouse is released leaves the page without a
 * click: then the element that is there now gets it.
 * @param what names the target in the error
 * @throws Error when no element has got the click within 30 s
 */
export async function clickOn(what: string, target: Locator, options: ClickOptions = {}): Promise<void> {
  await until(
    `${what}, to click on it`,
    () => tryClick(target, options),
    (problem) => problem === undefined,
    LIMIT_MS,
  );
}

/** @returns what kept the element from getting the click; undefined when it has got it */
async function tryClick(
  target: Locator,
  { before, event, ...how }: ClickOptions,
): Promise<string | undefined> {
  const limit = { timeout: TRY_MS };
  let element: ElementHandle<PageElement> | undefined;
  try {
    await before?.(limit);
    element = (await target.elementHandle(limit)) as ElementHandle<PageElement>;
    await element.evaluate(watch, event ?? (how.button === 'right' ? 'contextmenu' : 'click'));
    await element.click({ ...how, ...limit });
  } catch (error) {
    // The click may have closed what was clicked on, which Playwright then misses.
    if (!(error instanceof Error)) throw error;
    return element && (await wasClicked(element)) ? undefined : error.message;
  }
  return (await wasClicked(element)) ? undefined : 'it was drawn again';
}

/** Runs in the page. */
function watch(element: PageElement, event: string): void {
  element.clicked = false;
  const note = () => {
    element.clicked = true;
  };
  element.addEventListener(event, note, { capture: true, once: true });
}

async function wasClicked(element: ElementHandle<PageElement>): Promise<boolean> {
  return element.evaluate(({ clicked }: PageElement) => clicked === true);
}
