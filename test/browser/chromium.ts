import { chromium, type Browser } from 'playwright-core';
import { ensureBrowser } from './brought-browser.ts';
import { BrowserMissingError, canBringBrowser, explainMissingBrowser, findBrowser } from './find-browser.ts';

/** Nothing that asks, greets, or calls home. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  // The same letters, in pictures of half the size.
  '--disable-lcd-text',
  '--disable-sync',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-service-autorun',
];

/**
 * Starts the machine's own browser; where there is none, one that is brought the first time.
 * @param onProgress gets a line when it is
 * @throws BrowserMissingError when there is none and none can be brought; NpmProgramError when bringing it fails
 */
export async function launchChromium(onProgress: (line: string) => void): Promise<Browser> {
  const found = findBrowser();
  if (found === undefined && !canBringBrowser()) throw new BrowserMissingError(explainMissingBrowser());
  const { path, env } = found === undefined ? await ensureBrowser({ onProgress }) : { path: found, env: {} };
  return chromium.launch({
    executablePath: path,
    args: QUIET,
    env: { ...process.env, ...env },
    // Chromium's sandbox does not work for root, as in a container, and on some systems only for a browser of their own.
    chromiumSandbox: found !== undefined && process.getuid?.() !== 0,
    // A caller that starts more than a browser ends all of it in order.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
