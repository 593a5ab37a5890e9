import assert from 'node:assert/strict';
import { LOCAL_API_KEY } from '../../src/local/cloud/local-cloud.ts';
import type { WildFile } from '../../src/local/cloud/wild-files.ts';
import { BUCKET, startPackagedEditor, type PackagedEditor } from './packaged-editor.ts';
import { PLAIN_EDITOR, takePicture } from './readme-picture.ts';
import { asked, hintOf, noNotifications, rowOf, statusBarSays } from './see.ts';
import { until } from './until.ts';
import type { Workbench } from './workbench.ts';

const STACK = 'media-batch-prod';
const BATCH = '1999/';
const REELS = 200;
/** Each of these is refused for a reason of its own, until the test fixes it. */
const REFUSED = [
  { folder: '1999/locked/', files: 4, message: 'cannot read input: access denied' },
  { folder: '1999/damaged/', files: 2, message: 'no video stream found' },
] as const;
const DEAD = REFUSED.reduce((sum, { files }) => sum + files, 0);
const FILES = REELS + DEAD;
/** Ittybit takes its time until there has been something to see. */
const SLOW_MS = 2_000;
/** So wide that no row is cut. */
const SIDE_BAR_PX = 640;
/** The side bar with what is left of it, and the status bar. */
const VIEWS = { x: 0, width: 692, height: 800 };
/** The whole document, with the views beside it. */
const RESULT = { x: 48, width: 1228, height: 600 };

describe('the daily job, in the window of a user', function () {
  // Each step continues from the one before.
  this.bail(true);
  let packaged: PackagedEditor | undefined;
  let workbench: Workbench;

  before(async () => {
    const settings = { ...PLAIN_EDITOR, 'mediaBatch.refreshSeconds': 2 };
    packaged = await startPackagedEditor('journey', settings, archive());
    workbench = await packaged.window();
    await workbench.openViews();
    await workbench.widenSideBar(SIDE_BAR_PX);
  });
  after(() => packaged?.stop());
  afterEach(async function () {
    const { title, state } = this.currentTest ?? {};
    if (state === 'failed') console.log(await workbench.screenshot(`failed ${title ?? ''}`));
  });

  const view = (title: string) => workbench.view(title);
  const ittybit = () => {
    assert.ok(packaged);
    return packaged.cloud.ittybit;
  };
  const refuseSome = () => {
    for (const { folder, message } of REFUSED) {
      const effect = { type: 'status', status: 400, kind: 'invalid_input', message } as const;
      ittybit().faults.add({ match: folder, effect });
    }
  };
  /** Takes what the question suggests. */
  const accept = async (words: string): Promise<void> => {
    await asked(workbench, words);
    await workbench.quickInput.accept();
  };

  it('says that there is no pipeline yet, and how to get one', async () => {
    await hintOf(view('Pipeline'), 'There is no pipeline here yet');
    for (const title of ['Batches', 'Failures']) {
      await hintOf(view(title), 'There is no pipeline yet: see the Pipeline view.');
    }
  });

  it('deploys after a review, which shows what is added', async () => {
    const { quickInput } = workbench;
    await view('Pipeline').welcomeButton('Deploy Pipeline…');
    await asked(workbench, 'Stack name');
    await quickInput.enter(STACK);
    await accept('Ittybit connection');
    await accept('Where is the Ittybit API key kept');
    await accept('How many calls');
    await accept('E-mail');
    await asked(workbench, 'Ready');
    // The list is longer than its box: the letters find the row.
    await quickInput.type('Ittybit API');
    await quickInput.pick(/Ittybit API address/);
    await asked(workbench, 'Ittybit API address');
    await quickInput.enter(ittybit().url);
    await accept('Ready');
    await workbench.untilDialog();
    await workbench.screenshot('deploy-review');
    const review = await workbench.dialog('Deploy');
    assert.ok(review.includes(`Create the stack "${STACK}"?`), review);
    assert.match(review, /[1-9]\d* to add, 0 to change, 0 to remove/);
    await rowOf(view('Pipeline'), 'Stack', ({ description }) => description.startsWith('CREATE_COMPLETE'));
    // Its events were shown while it was at work, where that took long enough.
    await view('Pipeline').collapse('Stack');
  });

  it('asks for the API key next, and shows it nowhere', async () => {
    await workbench.notification(`The pipeline "${STACK}" is deployed.`, 'Set Ittybit API Key…');
    await asked(workbench, 'API key for the pipeline');
    await workbench.quickInput.enter(LOCAL_API_KEY);
    await workbench.notification(`The API key of "${STACK}" is stored.`);
    assert.ok(!(await workbench.visibleText()).includes(LOCAL_API_KEY));
    await workbench.clearNotifications();
  });

  it('has S3 list only what begins with a prefix', async () => {
    await view('Buckets').expand(BUCKET);
    await view('Buckets').row('1998/');
    await view('Buckets').inlineAction(BUCKET, /^Filter by Prefix/);
    await asked(workbench, 'Filter by Prefix');
    await workbench.quickInput.enter('1999');
    await rowOf(view('Buckets'), '1999/', (_, all) => all.length === 2);
    await rowOf(view('Buckets'), BUCKET, ({ description }) => description.endsWith('filter: 1999'));
  });

  it('enqueues a prefix from its row, after a dry run', async () => {
    refuseSome();
    await view('Buckets').inlineAction('1999/', /^Enqueue Prefix/);
    await asked(workbench, 'What to enqueue', `s3://${BUCKET}/1999/`);
    await workbench.quickInput.accept();
    await asked(workbench, 'Nothing has been sent yet', `Enqueue ${FILES} files`);
    await noNotifications(workbench);
    await takePicture(workbench, 'dry-run', { x: 0, width: 960, height: 400 });
    ittybit().faults.add({ effect: { type: 'latency', ms: SLOW_MS } });
    await workbench.quickInput.pick(new RegExp(`^\\s*Enqueue ${FILES} files`));
    await workbench.notification(`${FILES} files are in the queue`);
  });

  it('tells once of dead letters, in a notification and in the status bar', async () => {
    await workbench.notification(/has (about \d+ dead letters|a dead letter)/, 'Show');
    await view('Failures').untilFocused();
    await workbench.clearNotifications();
    await statusBarSays(workbench, /about \d+ dead letters?$/);
    await workbench.page.locator('.statusbar-item.warning-kind').filter({ hasText: 'dead letter' }).waitFor();
  });

  it('shows the batch as it drains', async () => {
    await view('Batches').expand(BATCH);
    await view('Buckets').expand('1999/');
    await view('Pipeline').row(/^\d+ %$/);
    await statusBarSays(workbench, new RegExp(`\\d+ / ${FILES}`));
    await statusBarSays(workbench, new RegExp(`about ${DEAD} dead letters$`));
    await view('Failures').row(/access denied/);
    await rowOf(view('Batches'), 'Succeeded', ({ description }) => Number(description) > REELS / 5);
    await takePicture(workbench, 'overview', VIEWS);
    ittybit().faults.clear();
    refuseSome();
    await rowOf(view('Batches'), BATCH, ({ description }) => description.startsWith('done in '));
    await rowOf(view('Batches'), 'Succeeded', ({ description }) => description === String(REELS));
    await rowOf(view('Buckets'), 'reel 001.mov', ({ description }) => description.endsWith('succeeded'));
  });

  it('tells once that the batch is done, and how its files ended', async () => {
    const counts = `${REELS} succeeded, ${DEAD} dead letters`;
    await workbench.notification(new RegExp(`1999/ is done: ${counts}, \\d+ (min|s)`));
    const told = (await workbench.notifications()).filter((text) => text.includes('is done'));
    assert.equal(told.length, 1);
    await workbench.clearNotifications();
  });

  it('groups dead letters by cause', async () => {
    await view('Failures').expand(/access denied/);
    for (const { files, message } of REFUSED) {
      await until(
        `${files} files in the group "${message}"`,
        () => view('Failures').rows(),
        (rows) =>
          rows.some(
            ({ label, description }) =>
              label.startsWith(`${files}`) && label.includes(message) && description.includes(' · newest '),
          ),
      );
    }
    await takePicture(workbench, 'dead-letters', VIEWS);
    await view('Failures').collapse(/access denied/);
  });

  it('opens a result as a read-only document with its history', async () => {
    await view('Batches').expand('Succeeded');
    const open = async (label: string): Promise<string> => {
      await view('Batches').click(label);
      const isShown = (text: string) => text.includes(`/${label}"`) && text.includes('"history"');
      return until(`the result of ${label}`, () => workbench.editorText(), isShown);
    };
    await view('Batches').row(/^reel \d/);
    const reels = (await view('Batches').rows()).filter(({ label }) => /^reel \d/.test(label));
    let text = '';
    // Ittybit's answers have several published forms; not each says where the output lies.
    for (const { label } of reels) if (!text.includes('"output_url"')) text = await open(label);
    assert.match(text, /"status": "succeeded"/);
    assert.match(text, /"output_url": "http/);
    for (const title of ['Pipeline', 'Buckets']) await view(title).show(false);
    await takePicture(workbench, 'result', RESULT);
    for (const title of ['Pipeline', 'Buckets']) await view(title).show(true);
    await workbench.page.locator('.editor-group-container.active .view-line').first().click();
    await workbench.untilEditing('"history"');
    await workbench.page.keyboard.type('x');
    await workbench.page.getByText('Cannot edit in read-only editor').first().waitFor();
    assert.equal(await workbench.editorText(), text);
  });

  it('redrives all dead letters after the cause is fixed', async () => {
    ittybit().faults.clear();
    await view('Failures').titleAction(/^Redrive All/);
    assert.match(await workbench.dialog('Continue'), /4 × .*access denied/);
    await accept('How fast');
    await workbench.notification(/^Redriven: /);
    await hintOf(view('Failures'), 'No failures');
    await rowOf(view('Batches'), 'Succeeded', ({ description }) => description === String(FILES));
    await rowOf(view('Pipeline'), 'Dead letters', ({ description }) => description === 'none');
    await statusBarSays(workbench, /about 0 dead letters$/);
    await workbench.page.locator('.statusbar-item.warning-kind').waitFor({ state: 'detached' });
    await workbench.clearNotifications();
  });

  it('tunes the throughput', async () => {
    await view('Pipeline').inlineAction('Dispatch', /^Tune Throughput/);
    await asked(workbench, 'How many files at Ittybit at once');
    await workbench.quickInput.pick('50 at once');
    await workbench.notification('Ittybit gets up to 50 at once now');
    await rowOf(view('Pipeline'), 'Dispatch', ({ description }) => description.includes('50 at once'));
  });

  it('pauses and resumes dispatch', async () => {
    await view('Pipeline').inlineAction('Dispatch', /^Pause Dispatch/);
    await rowOf(view('Pipeline'), 'Dispatch', ({ description }) => description.startsWith('paused: by hand'));
    await view('Pipeline').inlineAction('Dispatch', /^Resume Dispatch/);
    await rowOf(view('Pipeline'), 'Dispatch', ({ description }) => description.startsWith('running'));
    await workbench.clearNotifications();
  });

  it('deletes the pipeline by its typed name, and says what stays', async () => {
    await workbench.command('Media Batch: Delete Pipeline…');
    const question = await workbench.dialog('Continue');
    assert.match(question, /Stays in your account until you delete it:\s+the results: the DynamoDB table/);
    await asked(workbench, 'Type the name of the stack');
    await workbench.quickInput.enter('media-batch');
    await asked(workbench, 'This is not the name of the stack');
    await workbench.quickInput.enter(STACK);
    await workbench.notification(
      `The pipeline "${STACK}" is deleted. Its results stay in the DynamoDB table`,
    );
    await hintOf(view('Pipeline'), 'There is no pipeline here yet');
  });
});

/** Two years of films, with what lies between them. */
function archive(): WildFile[] {
  const reels = (folder: string, count: number): WildFile[] =>
    Array.from({ length: count }, (_, index) => ({
      key: `${folder}reel ${String(index + 1).padStart(3, '0')}.mov`,
      kind: 'media',
    }));
  return [
    ...reels('1998/', 3),
    ...reels('1999/', REELS),
    ...REFUSED.flatMap(({ folder, files }) => reels(folder, files)),
    { key: '1999/inventory.txt', kind: 'document' },
    { key: '1999/', kind: 'folder-marker' },
  ];
}
