import assert from 'node:assert/strict';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_STACK_NAME } from '../../src/core/stack/stack-contract.ts';
import { buildTemplate } from '../template/built-template.ts';
import { endlessBucket, ENDLESS_PREFIX } from './endless-bucket.ts';
import { asked, rowOf } from './see.ts';
import { breaking, stubborn } from './stubborn-stack.ts';
import type { TreeView } from './tree-view.ts';
import { DRY_RUN, startTroubleWorld, WHAT_TO_ENQUEUE, type TroubleWorld } from './trouble-world.ts';

const REGION = 'eu-west-1';
const MANY = { bucket: 'large-archive', region: REGION, objects: 100_000 };
const SOME = { bucket: 'small-archive', region: REGION, objects: 3_000 };
const DEPLOY_QUESTIONS = ['Stack name', 'connection', 'API key', 'How many calls', 'E-mail', 'Ready'];
const pinOf = ({ bucket }: { bucket: string }) => `${bucket}/${ENDLESS_PREFIX}`;

/** Holds answers back until it is opened. */
class Gate {
  readonly opened: Promise<void>;
  open: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}

describe('large and shared work, in a fresh VS Code', () => {
  let started: TroubleWorld | undefined;
  let world: TroubleWorld;
  let folder: string;
  const view = (title: string) => world.workbench.view(title);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-trouble-'));
    const template = await buildTemplate();
    const templateFile = join(folder, 'breaking.yaml');
    await writeFile(templateFile, breaking(template));
    started = await startTroubleWorld({
      name: 'trouble-work',
      settings: {
        'mediaBatch.pins': [`s3://${pinOf(MANY)}`, `s3://${pinOf(SOME)}`],
        'mediaBatch.templateFile': templateFile,
        'mediaBatch.refreshSeconds': 2,
      },
      template: stubborn(template),
    });
    world = started;
  });
  after(async () => {
    await started?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(async function () {
    world.repair();
    if (this.currentTest?.state === 'failed') console.log(await world.report());
    else await world.workbench.clearNotifications();
  });

  /** Takes the answers of Enqueue Prefix as they are filled in, up to the dry run. */
  async function enqueueAsOffered(place: string): Promise<void> {
    await view('Buckets').inlineAction(place, /^Enqueue Prefix/);
    await asked(world.workbench, WHAT_TO_ENQUEUE);
    await world.workbench.quickInput.accept();
  }

  const described = (tree: TreeView, label: string, words: RegExp) =>
    rowOf(tree, label, ({ description }) => words.test(description));

  it('shows 100,000 objects under one prefix page by page', async () => {
    world.proxy.instead = (call) => endlessBucket(MANY, call);
    const { page } = world.workbench;
    await view('Buckets').expand(pinOf(MANY));
    await view('Buckets').click('0000-000.mp4');
    await view('Buckets').untilFocused();
    await page.keyboard.press('End');
    await view('Buckets').click('Load 200 more');
    await view('Buckets').row('0000-200.mp4');
    await world.workbench.screenshot('trouble-many');
    const { requests } = world.proxy;
    const listings = requests.filter((request) => request.startsWith(`s3:GET /${MANY.bucket}`));
    assert.equal(listings.length, 2);
    await view('Buckets').titleAction('Collapse All');
  });

  it('counts 100,000 files with progress, which can be stopped, and sends nothing', async () => {
    const { workbench, proxy } = world;
    const gate = new Gate();
    proxy.instead = async (call) => {
      if (call.url.searchParams.get('continuation-token') === '30000') await gate.opened;
      return endlessBucket(MANY, call);
    };
    await enqueueAsOffered(pinOf(MANY));
    await workbench.notification(/30,000 files of 30,000 objects/, 'Cancel');
    await asked(workbench, DRY_RUN, 'Enqueue at least 30,000 files');
    await workbench.screenshot('trouble-counted');
    gate.open();
    await workbench.quickInput.back();
    await asked(workbench, WHAT_TO_ENQUEUE);
    await workbench.quickInput.accept();
    await asked(workbench, DRY_RUN, 'Enqueue 100,000 files');
    await workbench.quickInput.escape();
    assert.ok(!proxy.requests.some((request) => request.startsWith('sqs:SendMessage')));
  });

  it('lets two windows work on one batch: one continues, the other stops and says so, nothing is lost', async () => {
    const { workbench, proxy, packaged } = world;
    const other = await packaged.window();
    await other.openViews();
    await other.view('Pipeline').row('Dispatch');
    await view('Pipeline').inlineAction('Dispatch', /^Pause Dispatch/);
    await described(view('Pipeline'), 'Dispatch', /^paused: by hand/);
    await other.view('Pipeline').titleAction('Refresh');
    await described(other.view('Pipeline'), 'Dispatch', /^paused: by hand/);

    const [first, second] = [new Gate(), new Gate()];
    proxy.instead = async (call) => {
      const { searchParams } = call.url;
      // A look into one folder, for its playlist, is no listing of the prefix.
      const isListing = !searchParams.has('delimiter');
      // The dry run is over by then: only what is sent waits behind its first page.
      if (sending && isListing && searchParams.has('continuation-token')) await first.opened;
      if (isListing && searchParams.has('start-after')) await second.opened;
      return endlessBucket(SOME, call);
    };
    let sending = false;
    await enqueueAsOffered(pinOf(SOME));
    await asked(workbench, DRY_RUN);
    sending = true;
    await workbench.quickInput.accept();
    const label = ENDLESS_PREFIX;
    await described(view('Batches'), label, /enqueuing, 1,000 sent/);
    await other.view('Pipeline').titleAction('Refresh');
    await described(other.view('Batches'), label, /enqueue not finished/);
    await workbench.screenshot('trouble-two-first');
    await other.view('Batches').inlineAction(label, /^Resume Enqueue/);
    await other.notification(/Resuming batch/);
    await other.screenshot('trouble-two-second');
    first.open();
    await workbench.notification(/3,000 files are in the queue/);
    second.open();
    const text = await other.notification(/Another window continues batch/);
    assert.match(text, /let that window finish, or stop it there and resume the batch here/);
    await other.screenshot('trouble-two-stopped');
    for (const window of [workbench, other]) {
      await window.view('Pipeline').titleAction('Refresh');
      await described(window.view('Batches'), label, /^0 %(?!.*not finished)/);
      // What both have sent is there twice: the claims drop it.
      await described(window.view('Pipeline'), 'Queue', /^[3-6],000 waiting/);
    }
  });

  it('follows an update over a reload of the window, its failed rollback, and continues that', async () => {
    const { workbench } = world;
    // Room for the last row of the Pipeline view, also while an alarm rings.
    for (const title of ['Buckets', 'Failures']) await view(title).show(false);
    await workbench.command('Media Batch: Deploy Pipeline…');
    for (const words of DEPLOY_QUESTIONS) {
      await asked(workbench, words);
      await workbench.quickInput.accept();
    }
    assert.match(await workbench.dialog('Deploy'), /Added: 1\s+Wait /);
    await workbench.notification(/Deploying "media-batch": Wait UPDATE_IN_PROGRESS/);
    await described(view('Pipeline'), 'Stack', /^UPDATE_IN_PROGRESS/);
    await view('Pipeline').row('Wait');
    await workbench.screenshot('trouble-update-waits');

    await workbench.page.reload();
    await workbench.untilReady();
    await workbench.openViews();
    await workbench.notification(/"media-batch".*UPDATE_IN_PROGRESS/);
    await described(view('Pipeline'), 'Stack', /^UPDATE_IN_PROGRESS/);
    await view('Pipeline').row('Wait');

    await signalFailure();
    const failed = await workbench.notification(/UPDATE_ROLLBACK_FAILED: .*no such luck/);
    assert.match(failed, /Run "Media Batch: Continue Update Rollback", then deploy again\./);
    await described(view('Pipeline'), 'Stack', /^UPDATE_ROLLBACK_FAILED/);
    // The first failure is on top of the events.
    await view('Pipeline').row(/^First failure: Wait: .*no such luck/);
    await workbench.screenshot('trouble-rollback-failed');

    await mendRollback();
    await view('Pipeline').inlineAction('Stack', /^Continue Update Rollback/);
    const question = await workbench.dialog('Continue Rollback');
    assert.match(question, /Fix what made the rollback fail first[^]*\[First\]/);
    await workbench.notification(/is as it was before the update/);
    await described(view('Pipeline'), 'Stack', /^UPDATE_ROLLBACK_COMPLETE/);
    await workbench.screenshot('trouble-rolled-back');
  });

  async function stackOutput(name: string): Promise<string> {
    const stack = await world.packaged.cloud.services.stacks.describe(DEFAULT_STACK_NAME);
    const value = stack?.outputs[name];
    assert.ok(value !== undefined, name);
    return value;
  }

  /** Ends what the update waits for. */
  async function signalFailure(): Promise<void> {
    const signal = { Status: 'FAILURE', Reason: 'no such luck', UniqueId: '1', Data: '' };
    // Bytes, as a text would get a content type, which the signal's address refuses.
    const body = Buffer.from(JSON.stringify(signal));
    const answer = await fetch(await stackOutput('Handle'), { method: 'PUT', body });
    assert.equal(answer.status, 200);
  }

  async function mendRollback(): Promise<void> {
    const lambda = new LambdaClient(world.packaged.cloud.root);
    const Environment = { Variables: { FIXED: 'yes' } };
    const FunctionName = await stackOutput('Stubborn');
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment }));
    lambda.destroy();
  }
});
