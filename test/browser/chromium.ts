import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where the systems' own packages put Chromium or Chrome. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

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
 * Starts the machine's own Chromium: `CHROMIUM` names it, otherwise the usual places are looked through.
 * @throws Error when there is none
 */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) {
    throw new Error(
      'These tests need Chromium: install it (on Debian the package chromium) or set CHROMIUM.',
    );
  }
  return chromium.launch({
    executablePath,
    args: QUIET,
    // Chromium's sandbox does not work for root, as in a container.
    chromiumSandbox: process.getuid?.() !== 0,
    // Whoever starts more than a browser ends all of it in order.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
