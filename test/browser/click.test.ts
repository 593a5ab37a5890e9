import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { clickOn } from './click.ts';

/** A list that counts the clicks on its one row, and can draw the row again. */
const LIST = `<ul></ul><script>
  window.clicks = 0;
  window.draw = () => {
    document.querySelector('ul').innerHTML = '<li>reel 1</li>';
    document.querySelector('li').addEventListener('click', () => { window.clicks += 1; });
  };
  draw();
</script>`;

describe('a click in a page that draws itself again', () => {
  let browser: Browser | undefined;
  let page: Page;

  before(async () => {
    browser = await launchChromium(console.log);
    page = await browser.newPage();
  });
  after(() => browser?.close());
  beforeEach(() => page.setContent(LIST));

  const clickRow = () => clickOn('the row', page.locator('li'));
  const clicks = () => page.evaluate('clicks');

  it('is made again when the row goes between press and release', async () => {
    await page.evaluate(`addEventListener('mousedown', () => draw(), { once: true })`);
    await clickRow();
    assert.equal(await clicks(), 1);
  });

  it('is made once when it closes what was clicked on', async () => {
    await page.evaluate(
      `document.querySelector('li').addEventListener('click', ({ target }) => target.remove())`,
    );
    await clickRow();
    assert.equal(await clicks(), 1);
  });

  it('waits for a row that comes, and shows it again when another move of the mouse hid it', async () => {
    await page.evaluate(`document.querySelector('li').style.display = 'none'`);
    let looks = 0;
    const before = async () => {
      looks += 1;
      if (looks === 2) await page.evaluate(`document.querySelector('li').style.display = ''`);
    };
    await clickOn('the row', page.locator('li'), { before });
    assert.deepEqual([looks, await clicks()], [2, 1]);
  });
});
