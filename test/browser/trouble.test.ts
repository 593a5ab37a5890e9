import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import { refuse } from './aws-refusals.ts';
import { endlessBucket, ENDLESS_PREFIX } from './endless-bucket.ts';
import { BUCKET } from './packaged-editor.ts';
import { asked, pressFor } from './see.ts';
import { DRY_RUN, startTroubleWorld, VIEWS, WHAT_TO_ENQUEUE, type TroubleWorld } from './trouble-world.ts';
import { until } from './until.ts';

/** A bucket in another region, which no listing shows. */
const FAR = { bucket: 'far-archive', region: 'us-east-1', objects: 500 };
const PIN = `${FAR.bucket}/${ENDLESS_PREFIX}`;
const HOSTILE = 'hostile-names';
const ICON = '$(error) icon $(sync~spin).mp4';
const LINK = '[link](command:workbench.action.quit).mp4';
/** Each has tried to break a line, hide a part of itself, become an icon or a link, or turn the reading direction. */
const HOSTILE_KEYS = [
  ICON,
  LINK,
  '<img src=x onerror=alert(1)>.mp4',
  'line\nbreak.mp4',
  'bell\u0007 and \u001b[31mred.mp4',
  'gpj.\u202e4pm.exe.mp4',
  'zero\u200bwidth.mp4',
  `${'long '.repeat(150)}.mp4`,
  '   .mp4',
  '../../etc/passwd.mp4',
];

describe('trouble with AWS, in a fresh VS Code', () => {
  let started: TroubleWorld | undefined;
  let world: TroubleWorld;
  const view = (title: (typeof VIEWS)[number]) => world.workbench.view(title);

  before(async () => {
    started = await startTroubleWorld({
      name: 'trouble',
      settings: { 'mediaBatch.pins': [`s3://${PIN}`] },
      fill: async ({ root }) => {
        const owner = createBucketOwner(root);
        await owner.seed(
          HOSTILE,
          HOSTILE_KEYS.map((key) => ({ key, kind: 'media' })),
          () => undefined,
        );
        owner.dispose();
      },
    });
    world = started;
  });
  after(() => started?.stop());
  afterEach(async function () {
    world.repair();
    if (this.currentTest?.state === 'failed') console.log(await world.report());
    else await world.workbench.clearNotifications();
  });

  it('shows hostile file names as they are, and does nothing that they say', async () => {
    const { page } = world.workbench;
    await page.setViewportSize({ width: 1280, height: 2000 });
    await view('Buckets').expand(HOSTILE);
    await view('Buckets').row(ICON);
    const rows = await until(
      'all hostile names',
      async () => (await view('Buckets').rows()).filter(({ level }) => level === 2),
      ({ length }) => length === HOSTILE_KEYS.length,
    );
    await world.workbench.screenshot('trouble-hostile-names');
    for (const { label, aria } of rows) assert.doesNotMatch(label + aria, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    assert.equal(await page.locator('.label-name .codicon, .label-name img').count(), 0);
    for (const name of [ICON, LINK]) {
      await view('Buckets').hover(name);
      assert.equal(await page.locator('.monaco-hover :is(a, .codicon)').count(), 0);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await view('Buckets').titleAction('Collapse All');
  });

  it('names each part to a screen reader', async () => {
    for (const title of VIEWS)
      for (const { label, aria } of await view(title).rows())
        assert.ok(aria.includes(label), `${title}: ${label}`);
    const unnamed = world.workbench.page.locator('.sidebar .action-label:not([aria-label])');
    assert.deepEqual(await unnamed.allInnerTexts(), []);
  });

  it('says which right is missing, and keeps what needs none; Read Again brings the rest', async () => {
    const denied = new RegExp(`^s3:GET /(${BUCKET}/?)?$`);
    world.proxy.instead = (call) =>
      denied.test(call.operation)
        ? refuse(call, 403, 'AccessDenied', 'Access Denied')
        : endlessBucket(FAR, call);
    await view('Buckets').expand(BUCKET);
    await view('Buckets').row(/^AWS denies s3:ListBucket on bucket "film-archive": add that permission/);
    await world.workbench.screenshot('trouble-denied-bucket');
    await view('Buckets').titleAction('Refresh');
    await view('Buckets').row(/^AWS denies s3:ListAllMyBuckets: add that permission/);
    await view('Buckets').row(PIN);
    await world.workbench.screenshot('trouble-denied');
    world.repair();
    await view('Buckets').inlineAction(/^AWS denies/, /^Read Again/);
    await view('Buckets').expand(BUCKET);
    await view('Buckets').row('footage/');
    await view('Buckets').titleAction('Collapse All');
  });

  it('says which right an action lacks', async () => {
    world.proxy.instead = (call) =>
      call.operation.startsWith('lambda:PUT')
        ? refuse(
            call,
            403,
            'AccessDeniedException',
            'User: x is not authorized to perform: lambda:UpdateEventSourceMapping',
          )
        : undefined;
    await view('Pipeline').inlineAction('Dispatch', /^Pause Dispatch/);
    const text = await world.workbench.notification(/AWS denies lambda:UpdateEventSourceMapping/);
    assert.match(text, /add that permission to your AWS user or role/);
    await view('Pipeline').row('Dispatch');
  });

  it('lists a bucket of another region from a pin', async () => {
    world.proxy.instead = (call) => endlessBucket(FAR, call);
    await view('Buckets').expand(PIN);
    await view('Buckets').row('0000-000.mp4');
    await view('Buckets').titleAction('Collapse All');
  });

  it('keeps what it knows without a network, says so everywhere, and comes back', async () => {
    const offline = /does not answer \(\w+\): check the network, the proxy and the endpoint/;
    world.proxy.cut = true;
    await view('Pipeline').titleAction('Refresh');
    await until(
      'the message',
      () => view('Pipeline').hint(),
      (text) => offline.test(text),
    );
    await view('Pipeline').row('Dispatch');
    for (const title of ['Buckets', 'Batches', 'Failures'] as const) await view(title).row(offline);
    await world.workbench.screenshot('trouble-offline');
    await world.workbench.command('Media Batch: Enqueue Prefix…');
    await world.workbench.notification(offline);
    world.repair();
    await view('Buckets').inlineAction(offline, /^Read Again/);
    await view('Buckets').row(BUCKET);
    await view('Pipeline').titleAction('Refresh');
    await until(
      'no message',
      () => view('Pipeline').hint(),
      (text) => text === '',
    );
    for (const title of ['Batches', 'Failures'] as const)
      await until(
        title,
        () => view(title).hint(),
        (text) => /^No /.test(text),
      );
  });

  it('says that keys have expired without offering a login, and comes back when they are renewed', async () => {
    const { page } = world.workbench;
    const expired = /is missing or has expired: log in again .*or renew its keys/;
    world.proxy.instead = (call) => refuse(call, 403, 'ExpiredToken', 'The token is expired');
    await view('Pipeline').titleAction('Refresh');
    for (const title of VIEWS) await view(title).row(expired);
    for (const title of VIEWS) assert.doesNotMatch(await view(title).hint(), /Log In to AWS/);
    await world.workbench.screenshot('trouble-expired');
    assert.deepEqual(await world.workbench.notifications(), []);
    await world.workbench.command('Media Batch: Log In to AWS');
    await world.workbench.notification(
      /does not use a login of the AWS CLI: renew its keys/,
      'Open Credentials File',
    );
    await world.workbench.untilEditing('[owner]');
    world.repair();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('# renewed');
    await world.workbench.untilEditing('# renewed');
    await world.workbench.save();
    await view('Pipeline').row('Dispatch');
    await view('Buckets').row(BUCKET);
    for (const title of ['Batches', 'Failures'] as const)
      await until(
        title,
        () => view(title).hint(),
        (text) => /^No /.test(text),
      );
    await world.workbench.screenshot('trouble-renewed');
  });

  it('can be used by the keyboard alone', async () => {
    const { page } = world.workbench;
    const { workbench } = world;
    const row = (name: string) => page.locator(`.pane [role="treeitem"].focused[aria-label^="${name}"]`);
    const press = (key: string, effect: Locator) => pressFor(workbench, key, effect);
    await workbench.openPalette();
    await page.keyboard.type('Focus on Buckets View');
    await workbench.quickInput.acceptRow('Media Batch: Focus on Buckets View');
    await page.locator('.pane .monaco-list:focus').filter({ hasText: BUCKET }).waitFor();
    await press('Home', row(PIN));
    await press('ArrowDown', row(BUCKET));
    await press('ArrowRight', row(BUCKET).and(page.locator('[aria-expanded="true"]')));
    await view('Buckets').row('footage/');
    await press('ArrowDown', row('footage/'));
    await press('Shift+F10', page.locator('.monaco-menu'));
    await workbench.screenshot('trouble-keyboard');
    await press(
      'ArrowDown',
      page.locator('.monaco-menu .action-item.focused').filter({ hasText: 'Enqueue Prefix' }),
    );
    await page.keyboard.press('Enter');
    await asked(workbench, WHAT_TO_ENQUEUE);
    await workbench.quickInput.accept();
    // Enter alone would try a few of them, where dispatch runs.
    await asked(workbench, DRY_RUN, 'Enqueue 60 files');
    await page.keyboard.type('Enqueue 60');
    await workbench.quickInput.acceptRow('Enqueue 60 files');
    await workbench.notification(/60 files are in the queue, of \d+ objects/);
    await view('Batches').row('footage/');
    await workbench.screenshot('trouble-keyboard-done');
  });

  it('ticks the steps of the walkthrough that are done, and gives the keyboard to a question beside it', async () => {
    const { workbench } = world;
    await workbench.command('Media Batch: Get Started');
    const { page } = workbench;
    for (const step of ['Choose your AWS profile', 'Deploy the pipeline', 'Enqueue a prefix']) {
      const done = page.locator('.getting-started-step').filter({ hasText: step });
      await done.locator('.codicon.complete').first().waitFor();
    }
    await page.locator('.getting-started-step:focus').waitFor();
    await workbench.command('Media Batch: Select Stack…');
    await asked(workbench, 'Account');
    await workbench.quickInput.untilFocused();
    await workbench.quickInput.escape();
  });
});
