import assert from 'node:assert/strict';
import { lookUpPipeline } from '../../../../src/app/stack/pipeline.ts';
import { readPipeline } from '../../../../src/app/stack/pipeline-snapshot.ts';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { TEMPLATE_VERSION, VERSION_OUTPUT } from '../../../../src/core/stack/template-version.ts';
import { allCommands } from '../../../../src/ui/all-commands.ts';
import { COMMAND_IDS, type CommandId } from '../../../../src/ui/base/command-ids.ts';
import { deletePipelineCommand } from '../../../../src/ui/pipeline/delete-pipeline.ts';
import { pauseDispatchCommand } from '../../../../src/ui/pipeline/switch-dispatch.ts';
import { registerCommand } from '../../../../src/ui/base/register-command.ts';
import { BatchStatus } from '../../../../src/ui/batches/batch-status.ts';
import { BatchesView } from '../../../../src/ui/batches/batches-view.ts';
import { BucketsView } from '../../../../src/ui/buckets/buckets-view.ts';
import { FailuresView } from '../../../../src/ui/failures/failures-view.ts';
import { pipelineRows } from '../../../../src/ui/pipeline/pipeline-rows.ts';
import { PipelineView } from '../../../../src/ui/pipeline/pipeline-view.ts';
import { ResultDocuments } from '../../../../src/ui/batches/result-document.ts';
import { OUTPUT_VALUES, stackOf } from '../../../helpers/fake-stacks.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';
import { FakeQueues } from '../../../helpers/fakes.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

/** What changes the stack or its data by a contract that a template may have changed. */
const REFUSED: readonly CommandId[] = [
  'mediaBatch.deployPipeline',
  'mediaBatch.setApiKey',
  'mediaBatch.rotateSigningKey',
  'mediaBatch.pauseDispatch',
  'mediaBatch.resumeDispatch',
  'mediaBatch.tuneThroughput',
  'mediaBatch.reconcileNow',
  'mediaBatch.enqueuePrefix',
  'mediaBatch.resumeEnqueue',
  'mediaBatch.enqueueInCloud',
  'mediaBatch.pauseCloudEnqueue',
  'mediaBatch.resumeCloudEnqueue',
  'mediaBatch.setCloudPace',
  'mediaBatch.enqueueMissing',
  'mediaBatch.resendFiles',
  'mediaBatch.enqueueFile',
  'mediaBatch.enqueueFromFile',
  'mediaBatch.enqueueWithJob',
  'mediaBatch.enqueueAgain',
  'mediaBatch.renameBatch',
  'mediaBatch.enqueueRest',
  'mediaBatch.cancelBatch',
  'mediaBatch.deleteRecords',
  'mediaBatch.holdBatch',
  'mediaBatch.resumeBatch',
  'mediaBatch.resumeBatchAnyway',
  'mediaBatch.giveUpJob',
  'mediaBatch.redriveAll',
  'mediaBatch.retryAll',
  'mediaBatch.retryFiles',
  'mediaBatch.leaveOut',
  'mediaBatch.takeIn',
];
/** What only shows, or asks nothing but CloudFormation. */
const ALLOWED: readonly CommandId[] = [
  'mediaBatch.selectProfile',
  'mediaBatch.selectRegion',
  'mediaBatch.selectStack',
  'mediaBatch.logIn',
  'mediaBatch.refresh',
  'mediaBatch.readAgain',
  'mediaBatch.loadMore',
  'mediaBatch.loadAll',
  'mediaBatch.showNew',
  'mediaBatch.sortFiles',
  'mediaBatch.filterFiles',
  'mediaBatch.copyValue',
  'mediaBatch.copyBatchId',
  'mediaBatch.copyAddress',
  'mediaBatch.copyKey',
  'mediaBatch.cancelStackUpdate',
  'mediaBatch.continueRollback',
  'mediaBatch.deletePipeline',
  'mediaBatch.removeCloudEnqueue',
  'mediaBatch.stopEnqueue',
  'mediaBatch.openConsole',
  'mediaBatch.pinLocation',
  'mediaBatch.pinRow',
  'mediaBatch.unpinLocation',
  'mediaBatch.filterPrefix',
  'mediaBatch.clearPrefixFilter',
  'mediaBatch.findFile',
  'mediaBatch.filterBatches',
  'mediaBatch.clearBatchFilter',
  'mediaBatch.openResult',
  'mediaBatch.openOutput',
  'mediaBatch.copyJobId',
  'mediaBatch.revealSource',
  'mediaBatch.showDeadLetters',
  'mediaBatch.openDeadLetter',
  'mediaBatch.copyKeys',
  'mediaBatch.openResults',
  'mediaBatch.exportFailures',
  'mediaBatch.exportAll',
  'mediaBatch.openWalkthrough',
  'mediaBatch.showLog',
  'mediaBatch.showProgress',
];

const NEWER = String(TEMPLATE_VERSION + 1);
const STACKS = [
  { name: 'newer', version: NEWER, words: /made by a newer Media Batch.*: update Media Batch/ },
  {
    name: 'unknown',
    version: '2\u202e](command:x)',
    words: /"2\\u\{202e\}\] ?\(command:x\)", which Media Batch/,
  },
];

/** Presses the first button, takes the first row, types the stack's name. */
const agreeing: Answer = ({ kind, choices, items }) =>
  kind === 'input' ? 'media-batch' : kind === 'pick' ? items?.[0]?.label : choices[0];

function bench(version: string) {
  const existing = {
    ...stackOf('UPDATE_COMPLETE'),
    outputs: { ...OUTPUT_VALUES, [VERSION_OUTPUT]: version },
  };
  const queues = new FakeQueues();
  const made = fixture(agreeing, { existing, services: { queues } });
  const { ui } = made;
  const views = {
    pipeline: new PipelineView(ui),
    buckets: new BucketsView(ui),
    batches: new BatchesView(ui),
    failures: new FailuresView(ui),
  };
  const others = { documents: new ResultDocuments(ui), progress: new BatchStatus(ui) };
  const commands = allCommands(ui, { ...views, ...others, extensionId: 'media-batch.media-batch' });
  return { ...made, queues, commands };
}

describe('a stack of an unknown template version', () => {
  let timers: FastTimers;
  beforeEach(() => {
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('has an answer for every command', () => {
    assert.deepEqual([...REFUSED, ...ALLOWED].sort(), [...COMMAND_IDS].sort());
  });

  for (const { name, version, words } of STACKS) {
    for (const id of REFUSED) {
      it(`(${name}) refuses ${id} with a sentence, and nothing is written`, async () => {
        const { ui, stub, commands, fake, queues } = bench(version);
        registerCommand(ui, id, commands[id]);
        await ui.vs.commands.executeCommand(id);
        const errors = stub.shown.filter(({ kind }) => kind === 'error');
        assert.equal(errors.length, 1);
        assert.match(errors[0]?.text ?? '', words);
        const calls = { dispatch: fake.calls, stacks: fake.stacks.calls, queues: queues.calls };
        assert.deepEqual(calls, { dispatch: [], stacks: [], queues: [] });
        assert.deepEqual(fake.secrets, []);
      });
    }

    it(`(${name}) is shown, with a warning first and without buttons`, async () => {
      const { fake, ui } = bench(version);
      const pipeline = await readPipeline('media-batch', fake.services);
      const facts = { pipeline, throughput: undefined, operation: undefined, failed: false, now: Date.now() };
      const rows = pipelineRows(ui.vs, facts);
      assert.deepEqual(
        rows.map(({ label }) => label),
        ['Template', 'Dispatch', 'Queue', 'Dead letters', 'Reconciler', 'Stack', 'Outputs'],
      );
      assert.match(
        rows[0]?.description ?? '',
        /^shown only: version (5 is newer|"2\\u\{202e\}.*" is not known)$/,
      );
      assert.deepEqual(rows[1]?.tokens, []);
      assert.doesNotMatch(rows[4]?.description ?? '', /update available/);
      const { resultsTable } = await lookUpPipeline('media-batch', fake.services.stacks);
      assert.equal(resultsTable, OUTPUT_VALUES['ResultsTableName']);
    });

    it(`(${name}) can be deleted, and the question says that more may go than is known`, async () => {
      const { ui, stub, fake } = bench(version);
      await deletePipelineCommand(ui);
      assert.match(
        stub.shown[0]?.detail ?? '',
        /everything else in its template, which Media Batch does not know/,
      );
      assert.deepEqual(fake.stacks.deleted, ['media-batch']);
      assert.deepEqual(
        fake.stacks.calls.filter((call) => !call.startsWith('describe ')),
        ['deleteStack'],
      );
    });
  }

  it('is told from a stack of no pipeline when an output is missing', async () => {
    const { fake } = bench(NEWER);
    const { WorkQueueUrl: _, ...others } = OUTPUT_VALUES;
    const outputs = { ...others, [VERSION_OUTPUT]: NEWER };
    fake.services.stacks.describe = async () => ({ ...stackOf('UPDATE_COMPLETE'), outputs });
    const { stack, problem } = await readPipeline('media-batch', fake.services);
    assert.ok(stack);
    assert.ok(problem instanceof MediaBatchError && problem.code === 'unknown-template');
  });
});

describe('a stack of an older template', () => {
  const older = (status: string) => {
    const { [VERSION_OUTPUT]: _, ...outputs } = OUTPUT_VALUES;
    return fixture(() => undefined, { existing: { ...stackOf(status), outputs } });
  };
  const stackRow = async (status: string) => {
    const { ui, fake } = older(status);
    const pipeline = await readPipeline('media-batch', fake.services);
    const facts = { pipeline, throughput: undefined, operation: undefined, failed: false, now: Date.now() };
    return pipelineRows(ui.vs, facts).find(({ label }) => label === 'Stack');
  };

  it('is operated, and its row says first that an update is available', async () => {
    const row = await stackRow('UPDATE_COMPLETE');
    assert.equal(row?.description, 'update available, UPDATE_COMPLETE');
    assert.match(row.tooltip ?? '', /run Deploy Pipeline/);
    const { ui, fake } = older('UPDATE_COMPLETE');
    await pauseDispatchCommand(ui);
    assert.equal(fake.calls.length, 2);
  });

  it('says nothing of it while the stack is at work', async () => {
    assert.equal((await stackRow('UPDATE_IN_PROGRESS'))?.description, 'UPDATE_IN_PROGRESS');
  });
});
