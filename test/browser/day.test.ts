import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCAL_API_KEY } from '../../src/local/cloud/local-cloud.ts';
import { createBucketOwner } from '../../src/local/cloud/seed-bucket.ts';
import type { WildFile } from '../../src/local/cloud/wild-files.ts';
import type { JobFaultEffect, RequestFaultEffect } from '../../src/local/ittybit/fault.ts';
import type { ActiveFault } from '../../src/local/ittybit/faults.ts';
import { BUCKET } from './packaged-editor.ts';
import { asked, pressFor, rowOf, statusBarSays } from './see.ts';
import { DRY_RUN, startTroubleWorld, VIEWS, WHAT_TO_ENQUEUE, type TroubleWorld } from './trouble-world.ts';
import { until } from './until.ts';
import { Workbench } from './workbench.ts';

/** As many as drain in a minute or two here; 15000 plays the large day. */
const FILES = Number(process.env['MEDIA_BATCH_DAY_FILES'] ?? 800);
const PREFIX = '1999/';
const WRONG_BUCKET = 'film-rushes';
const WRONG_FILES = 400;
/** So slow that the wrong bucket is taken back before most of it is paid. */
const SLOW_MS = 3_000;
/** VS Code's default. */
const SIDE_BAR_PX = 300;
const NEW_KEY = 'ittybit_live_of_the_new_year';
/** Every so many files one fails: too few in a row, and too few in all, for the brake. */
const FAILS_EVERY = 16;
const REFUSED = [
  'cannot read input: access denied',
  'no video stream found',
  'unsupported codec prores_raw',
  'the file is larger than the plan allows',
  'moov atom is missing from the container',
  'the input is encrypted',
];
const FAILED = [
  'the decoder met a broken frame',
  'audio sample rate is not supported',
  'the film has no duration',
  'the storage did not take the upload',
  'the encoder ran out of time',
  'subtitles cannot be burnt in',
];
const CAUSES = [...REFUSED, ...FAILED];
const BAD = Math.floor(FILES / FAILS_EVERY);
/** Three of its files are retried. */
const RETRIED = 'the decoder met a broken frame';
/** One of its files is left out. */
const HOPELESS = 'the film has no duration';
const EXPORT = 'failures.csv';

describe(`a day in the life, ${FILES} files at ${SIDE_BAR_PX} px`, function () {
  // Each step continues from the one before.
  this.bail(true);
  let started: TroubleWorld | undefined;
  let world: TroubleWorld;
  let workbench: Workbench;
  const faults = new Map<string, ActiveFault>();

  before(async () => {
    started = await startTroubleWorld({
      name: 'day',
      settleSeconds: 10,
      files: reels(PREFIX, FILES),
      fill: async ({ root }) => {
        const owner = createBucketOwner(root);
        await owner.seed(WRONG_BUCKET, reels('', WRONG_FILES), () => undefined);
        owner.dispose();
      },
    });
    world = started;
    ({ workbench } = world);
    CAUSES.forEach((message, index) => {
      faults.set(message, world.packaged.cloud.ittybit.faults.add(failing(message, index)));
    });
  });
  after(() => started?.stop());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.log(await world.report(workbench));
  });

  const view = (title: (typeof VIEWS)[number]) => workbench.view(title);
  const ittybit = () => world.packaged.cloud.ittybit;
  const jobsIn = (place: string) =>
    ittybit().book.jobs.filter(({ request }) => request.input.includes(place));

  /** Waits until the row says this before the side bar cuts it. */
  const seen = (title: (typeof VIEWS)[number], label: string | RegExp, words: RegExp) =>
    until(
      `${String(words)} in sight in ${title}`,
      () => view(title).seen(label),
      (text) => words.test(text),
    );
  const showOnly = async (...wanted: readonly (typeof VIEWS)[number][]): Promise<void> => {
    for (const title of VIEWS) await view(title).show(wanted.includes(title));
  };
  /** Closes the window, waits, and opens another one as the same user. */
  const awayUntil = async (what: string, isBack: () => boolean): Promise<void> => {
    const { page } = workbench;
    const context = page.context();
    await page.close();
    await until(what, () => Promise.resolve(isBack()), Boolean);
    workbench = new Workbench(await context.newPage());
    await workbench.open(world.packaged.editor.pageUrl());
    await workbench.openViews();
  };
  /** Moves the keyboard into a view. */
  const focusOn = async (title: (typeof VIEWS)[number]): Promise<void> => {
    await workbench.command(`Media Batch: Focus on ${title} View`);
    await view(title).untilFocused();
  };

  it('begins with the four views in a side bar of the default width', async () => {
    await view('Pipeline').row('Dispatch');
    await view('Buckets').row(WRONG_BUCKET);
    const bar = await workbench.page.locator('.part.sidebar').boundingBox();
    assert.equal(bar?.width, SIDE_BAR_PX);
    await workbench.screenshot('day-1-morning');
  });

  it('enqueues the wrong bucket, by the keyboard alone', async () => {
    const { page, quickInput } = workbench;
    ittybit().faults.add({ match: WRONG_BUCKET, effect: { type: 'latency', ms: SLOW_MS } });
    const row = (name: string) => page.locator(`.pane [role="treeitem"].focused[aria-label^="${name}"]`);
    await focusOn('Buckets');
    await pressFor(workbench, 'Home', row(BUCKET));
    await pressFor(workbench, 'ArrowDown', row(WRONG_BUCKET));
    await pressFor(workbench, 'Shift+F10', page.locator('.monaco-menu'));
    const entry = page.locator('.monaco-menu .action-item.focused').filter({ hasText: 'Enqueue Prefix' });
    await pressFor(workbench, 'ArrowDown', entry);
    await page.keyboard.press('Enter');
    await asked(workbench, WHAT_TO_ENQUEUE);
    await workbench.screenshot('day-2-what');
    await quickInput.accept();
    await asked(workbench, DRY_RUN, `Enqueue ${WRONG_FILES} files`);
    await page.keyboard.press('ArrowDown');
    await quickInput.acceptRow(`Enqueue ${WRONG_FILES} files`);
    await workbench.notification(`${WRONG_FILES} files are in the queue`);
  });

  it('takes it back before most of it is paid, and says what was', async () => {
    const label = `${WRONG_BUCKET}/`;
    await view('Batches').contextMenu(label, 'Cancel Batch…');
    await workbench.untilDialog();
    await workbench.screenshot('day-3-cancel');
    const question = await workbench.dialog('Cancel Batch');
    assert.match(question, /Not sent to Ittybit: [1-9]\d*\. They end as cancelled, and are not paid\./);
    await workbench.notification(/is cancelled: its files leave the queue without a job/);
    await workbench.clearNotifications();
    await rowOf(view('Pipeline'), 'Queue', (row) => row.description.startsWith('0 waiting, 0 in flight'));
    await rowOf(view('Batches'), label, ({ description }) => {
      const count = (part: RegExp) => Number(part.exec(description)?.[1] ?? 0);
      const [cancelled, done] = [count(/^cancelled: (\d+) of/), count(/(\d+) done/)];
      return (
        cancelled > WRONG_FILES / 2 &&
        cancelled + done === WRONG_FILES &&
        done === jobsIn(WRONG_BUCKET).length
      );
    });
    await seen('Batches', label, new RegExp(`^${label} +cancelled: \\d+`));
    await workbench.screenshot('day-4-taken-back');
  });

  it('enqueues the right prefix, by the mouse', async () => {
    await view('Buckets').expand(BUCKET);
    await view('Buckets').inlineAction(PREFIX, /^Enqueue Prefix/);
    await asked(workbench, WHAT_TO_ENQUEUE, 'Review');
    await workbench.quickInput.pick('Review');
    const words = `Enqueue ${FILES.toLocaleString('en')} files`;
    await asked(workbench, DRY_RUN, words);
    await workbench.screenshot('day-5-review');
    await workbench.quickInput.pick(words);
    await workbench.notification(`${FILES.toLocaleString('en')} files are in the queue`);
    await workbench.clearNotifications();
  });

  it('drains while the window is closed, and says so first when it opens again', async () => {
    await seen('Batches', PREFIX, /^1999\/ +[1-9]\d* %/);
    await workbench.screenshot('day-6-draining');
    await awayUntil('a third of the jobs', () => jobsIn(PREFIX).length > FILES / 3);
    await seen('Pipeline', /^\d+ %$/, /^\d+ % +[\d,]+ of [\d,]+/);
    await seen('Batches', PREFIX, /^1999\/ +(2|3|4|5|6|7|8)\d %.* \d+ failed/);
    await seen('Pipeline', /^\d+ failed$/, /^\d+ failed$/);
    await statusBarSays(workbench, new RegExp(`Media Batch: [\\d,]+ / ${FILES.toLocaleString('en')}`));
    await workbench.screenshot('day-7-back');
  });

  it('pauses itself when the key is refused, and says so once, in the row and in the status bar', async () => {
    await workbench.clearNotifications();
    ittybit().keys.revoke(LOCAL_API_KEY);
    await workbench.notification(/Dispatch of "media-batch" has paused itself .*HTTP 401/);
    await seen('Pipeline', 'Dispatch', /^Dispatch +paused: key refused/);
    await seen('Batches', PREFIX, /^1999\/ +\d+ % +paused/);
    await statusBarSays(workbench, /Paused: key refused/);
    await workbench.screenshot('day-8-key-refused');
    const told = (await workbench.notifications()).filter((text) => text.includes('paused itself'));
    assert.equal(told.length, 1);
  });

  it('refuses the old key once more, stores the new one, and goes on', async () => {
    ittybit().keys.accept(NEW_KEY);
    await workbench.notification(/has paused itself/, 'Set Ittybit API Key…');
    await asked(workbench, 'API key for the pipeline');
    await workbench.quickInput.enter(LOCAL_API_KEY);
    await asked(workbench, 'Ittybit refuses this key');
    await workbench.screenshot('day-9-old-key');
    await workbench.quickInput.enter(NEW_KEY);
    await workbench.notification('The API key of "media-batch" is stored.', 'Resume Dispatch');
    await seen('Pipeline', 'Dispatch', /^Dispatch +running/);
    await workbench.clearNotifications();
  });

  it('tells once that the batch is done, and how', async () => {
    const text = await workbench.notification(/1999\/ is done/);
    assert.match(text, new RegExp(`${(FILES - BAD).toLocaleString('en')} succeeded`));
    await seen('Batches', PREFIX, new RegExp(`^1999/ +done in .*, ${BAD} failed`));
    await workbench.screenshot('day-10-done');
    await workbench.clearNotifications();
  });

  it(`shows the failures as ${CAUSES.length} causes`, async () => {
    await showOnly('Failures');
    await until(
      'all files of all causes',
      () => view('Failures').rows(),
      (rows) =>
        CAUSES.every((cause) => rows.some(({ label }) => label.includes(cause))) &&
        rows.reduce((files, { label }) => files + Number.parseInt(label), 0) === BAD,
    );
    assert.equal(await view('Failures').description(), `${BAD} files, ${CAUSES.length} causes`);
    for (const cause of CAUSES) await seen('Failures', new RegExp(cause), /^\d+ {2}\w/);
    await workbench.screenshot('day-11-causes');
  });

  it('retries three files of one cause, which is mended', async () => {
    faults.get(RETRIED)?.remove();
    const files = await filesOf(RETRIED);
    const [first = '', ...others] = files.slice(0, 3);
    await view('Failures').click(first);
    for (const label of others) await view('Failures').select(label);
    await view('Failures').contextMenu(first, 'Retry…');
    await workbench.untilDialog();
    await workbench.screenshot('day-12-retry-three');
    assert.match(await workbench.dialog('Retry'), /Retry 3 files\? 3 new paid jobs\./);
    await workbench.notification('3 of 3 were sent again. New paid jobs: 3.');
    await view('Failures').row(countOf(RETRIED, files.length - 3));
    await until(
      'three paid retries',
      () => Promise.resolve(jobsIn(PREFIX).length),
      (jobs) => jobs === paid() + 3,
    );
    await workbench.clearNotifications();
  });

  it('leaves one file out, with a note', async () => {
    const files = await filesOf(HOPELESS);
    await view('Failures').contextMenu(files[0] ?? '', 'Leave Out…');
    await asked(workbench, 'Why? The note is for everybody');
    await workbench.quickInput.enter('only a test pattern');
    await workbench.notification('1 file left out.');
    await view('Failures').row(countOf(HOPELESS, files.length - 1));
    await view('Failures').collapse(countOf(HOPELESS, files.length - 1));
    await view('Failures').expand('1 left out');
    await rowOf(view('Failures'), files[0] ?? '', ({ description }) =>
      description.startsWith('only a test pattern'),
    );
    await workbench.screenshot('day-13-left-out');
    await workbench.clearNotifications();
  });

  it('exports all of them as a list', async () => {
    await view('Failures').titleAction(/^Export Failures/);
    await asked(workbench, 'Export Failures');
    await workbench.screenshot('day-14-export');
    const path = join(world.packaged.editor.home, 'workspace', EXPORT);
    await workbench.quickInput.enter(path);
    await workbench.notification(new RegExp(`${BAD - 3} files exported to ${EXPORT}`));
    const [, ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
    assert.equal(lines.length, BAD - 3);
    await workbench.screenshot('day-15-exported');
    await workbench.clearNotifications();
  });

  it('says the next morning that it is done', async () => {
    await awayUntil('nothing at Ittybit', () =>
      jobsIn(PREFIX).every(({ finishedAt }) => finishedAt !== null),
    );
    await showOnly('Pipeline', 'Batches', 'Failures');
    await seen('Batches', PREFIX, new RegExp(`^1999/ +done in .*, ${BAD - 3} failed`));
    await statusBarSays(workbench, new RegExp(`1999/ done, ${BAD - 3} failed`));
    await workbench.screenshot('day-16-next-morning');
  });

  it('finds one file by a part of its name, by the keyboard alone', async () => {
    const { page, quickInput } = workbench;
    const key = keyOf(PREFIX, FILES - 1);
    const part = key.slice(key.indexOf('-') + 1, key.lastIndexOf('.'));
    await focusOn('Batches');
    await page.keyboard.press('Control+Alt+F');
    await asked(workbench, 'Part of a name');
    await quickInput.type(part);
    await asked(workbench, 'Part of a name', `Names with "${part}" in ${BUCKET}/${PREFIX}`);
    await quickInput.accept();
    await asked(workbench, '1 found', key.slice(PREFIX.length));
    await workbench.screenshot('day-17-found');
    await quickInput.accept();
    await asked(workbench, key, 'Open Result');
    await workbench.screenshot('day-18-actions');
    await quickInput.accept();
    await workbench.untilEditing('"history"');
    assert.match(await workbench.editorText(), new RegExp(`"key": "${key}"`));
    await workbench.screenshot('day-19-result');
  });

  const countOf = (cause: string, files: number) => new RegExp(`^${files} {2}.*${cause}`);
  /** @returns how many jobs the batch makes, where nothing is retried: those that are refused are none */
  const paid = () => FILES - badOf(REFUSED);

  /** Opens a cause. @returns the labels of its files */
  async function filesOf(cause: string): Promise<string[]> {
    const label = new RegExp(cause);
    await view('Failures').expand(label);
    const read = async (): Promise<string[]> => {
      const rows = await view('Failures').rows();
      const at = rows.findIndex((row) => label.test(row.label));
      const inside = rows.slice(at + 1);
      const end = inside.findIndex(({ level }) => level === 1);
      const names = inside.slice(0, end < 0 ? undefined : end).map((row) => row.label);
      const files = names.filter((name) => name.startsWith(PREFIX));
      // The rows are drawn one after the other.
      return files.length === Number.parseInt(rows[at]?.label ?? '', 10) ? files : [];
    };
    return until(`the files of "${cause}"`, read, ({ length }) => length > 0);
  }
});

function keyOf(folder: string, index: number): string {
  return `${folder}reel-${String(index).padStart(5, '0')}.mov`;
}

function reels(folder: string, count: number): WildFile[] {
  return Array.from({ length: count }, (_, index) => ({ key: keyOf(folder, index), kind: 'media' }));
}

/** @returns which cause a file of the right prefix fails for; undefined: none */
function causeOf(index: number): number | undefined {
  return index % FAILS_EVERY === 0 ? (index / FAILS_EVERY) % CAUSES.length : undefined;
}

function badOf(causes: readonly string[]): number {
  const indexes = Array.from({ length: FILES }, (_, index) => causeOf(index));
  return indexes.filter((cause) => cause !== undefined && causes.includes(CAUSES[cause] ?? '')).length;
}

function failing(message: string, cause: number) {
  const effect: RequestFaultEffect | JobFaultEffect = REFUSED.includes(message)
    ? { type: 'status', status: 400, kind: 'invalid_input', message }
    : { type: 'job_fails', error: { kind: 'processing_error', message } };
  const isOf = (input: string | undefined): boolean => {
    const index = new RegExp(`${PREFIX}reel-(\\d+)`).exec(input ?? '')?.[1];
    return index !== undefined && causeOf(Number(index)) === cause;
  };
  return { match: ({ input }: { readonly input: string | undefined }) => isOf(input), effect };
}
