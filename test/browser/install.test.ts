import assert from 'node:assert/strict';
import { startPackagedEditor, type PackagedEditor } from './packaged-editor.ts';
import { until } from './until.ts';
import type { Workbench } from './workbench.ts';

describe('the vsix in a fresh VS Code', () => {
  let packaged: PackagedEditor | undefined;
  let workbench: Workbench;

  before(async () => {
    packaged = await startPackagedEditor('install');
    workbench = await packaged.window();
  });
  after(() => packaged?.stop());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.log(await workbench.screenshot(this.currentTest.title));
  });

  it('shows its views', async () => {
    await workbench.openViews();
    const titles = workbench.page.locator('.pane-header h3.title');
    await until(
      'the four views',
      () => titles.allInnerTexts(),
      (texts) => texts.join() === 'Pipeline,Buckets,Batches,Failures',
    );
  });

  it('starts Deploy Pipeline… from the palette, and Escape cancels it without a word', async () => {
    await workbench.command('Media Batch: Deploy Pipeline…');
    await workbench.page.locator('.quick-input-title').filter({ hasText: 'Deploy' }).waitFor();
    await workbench.screenshot('deploy-first-step');
    await workbench.quickInput.escape();
    assert.deepEqual(await workbench.notifications(), []);
  });
});
