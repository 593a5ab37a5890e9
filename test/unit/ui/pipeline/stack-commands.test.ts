import assert from 'node:assert/strict';
import { zeroCounts, type StatusCounts } from '../../../../src/core/batch/batch.ts';
import { DEFAULT_BATCH } from '../../../../src/core/batch/queue-message.ts';
import type { Stack } from '../../../../src/core/stack/stack-service.ts';
import type { CommandId } from '../../../../src/ui/base/command-ids.ts';
import { cancelStackUpdateCommand } from '../../../../src/ui/pipeline/cancel-stack-update.ts';
import { continueRollbackCommand } from '../../../../src/ui/pipeline/continue-rollback.ts';
import { deletePipelineCommand } from '../../../../src/ui/pipeline/delete-pipeline.ts';
import { registerCommand } from '../../../../src/ui/base/register-command.ts';
import type { BatchesContext } from '../../../../src/ui/batches/batches-context.ts';
import { eventOf, FakeStacks, stackOf } from '../../../helpers/fake-stacks.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';
import { awsError, FakeBatches, FakeQueues } from '../../../helpers/fakes.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { fixture, type Fixture } from '../../../helpers/ui/ui-fixture.ts';

const HOSTILE = 'no\u202e [click](command:evil)\nsecond line';

const COMMANDS: Readonly<Partial<Record<CommandId, (ui: BatchesContext) => Promise<void>>>> = {
  'mediaBatch.cancelStackUpdate': cancelStackUpdateCommand,
  'mediaBatch.continueRollback': continueRollbackCommand,
  'mediaBatch.deletePipeline': deletePipelineCommand,
};

/** Presses the first button, types the text into every input. */
const agreeing =
  (text?: string): Answer =>
  ({ kind, choices }) =>
    kind === 'input' ? text : choices[0];

interface Made extends Fixture {
  readonly stacks: FakeStacks;
  readonly queues: FakeQueues;
  readonly batches: FakeBatches;
}

function make(answer: Answer, stack: Stack | undefined): Made {
  const stacks = new FakeStacks();
  stacks.stack = stack;
  const [queues, batches] = [new FakeQueues(), new FakeBatches()];
  return { ...fixture(answer, { services: { stacks, queues, batches } }), stacks, queues, batches };
}

async function run(made: Made, id: CommandId): Promise<Made> {
  const command = COMMANDS[id];
  assert.ok(command);
  registerCommand(made.ui, id, () => command(made.ui));
  await made.ui.vs.commands.executeCommand(id);
  return made;
}

const done = ({ stacks }: Made): string[] => stacks.calls.filter((call) => !call.startsWith('describe'));

describe('stack commands', () => {
  let timers: FastTimers;
  beforeEach(() => {
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  describe('Cancel Stack Update', () => {
    const id = 'mediaBatch.cancelStackUpdate';

    it('asks, rolls back with its events, and says so', async () => {
      const made = make(agreeing(), stackOf('UPDATE_IN_PROGRESS'));
      made.stacks.after = [
        { status: 'UPDATE_ROLLBACK_IN_PROGRESS', events: [eventOf(1, 'Consumer', 'UPDATE_IN_PROGRESS')] },
        { status: 'UPDATE_ROLLBACK_COMPLETE', events: [eventOf(2, 'Consumer', 'UPDATE_COMPLETE')] },
      ];
      await run(made, id);
      assert.deepEqual(done(made), ['cancelUpdate']);
      assert.equal(made.stub.shown[0]?.modal, true);
      assert.match(made.stub.shown[0].detail ?? '', /Account 111122223333 · eu-west-1/);
      assert.ok(made.stub.progress.includes('Consumer UPDATE_COMPLETE'));
      assert.match(made.stub.shown.at(-1)?.text ?? '', /"media-batch" is as it was before the update/);
      const { current } = made.ui.operations;
      assert.equal(current?.running, false);
      assert.equal(current.kind, 'cancel');
      assert.equal(current.events.length, 2);
      assert.equal(current.failure, undefined);
      assert.ok(made.watch.refreshes > 0);
      assert.deepEqual(made.ui.memory.workspace.keys(), []);
    });

    it('does nothing on Escape', async () => {
      const made = await run(
        make(() => undefined, stackOf('UPDATE_IN_PROGRESS')),
        id,
      );
      assert.deepEqual(done(made), []);
      assert.equal(made.stub.shown.length, 1);
    });

    it('says so at once where no update is under way', async () => {
      const made = await run(make(agreeing(), stackOf('UPDATE_COMPLETE')), id);
      assert.deepEqual(done(made), []);
      assert.deepEqual(
        made.stub.shown.map(({ kind }) => kind),
        ['error'],
      );
      assert.match(made.stub.shown[0]?.text ?? '', /no update that can be cancelled/);
    });
  });

  describe('Continue Update Rollback', () => {
    const id = 'mediaBatch.continueRollback';

    it('shows why it had stopped as plain text, and continues', async () => {
      const made = make(agreeing(), stackOf('UPDATE_ROLLBACK_FAILED', { reason: HOSTILE }));
      made.stacks.after = [{ status: 'UPDATE_ROLLBACK_COMPLETE' }];
      await run(made, id);
      assert.deepEqual(done(made), ['continueRollback']);
      const question = made.stub.shown[0]?.detail ?? '';
      assert.ok(question.endsWith('no\\u{202e} [click] (command:evil)\\u{a}second line'), question);
      assert.match(made.stub.shown.at(-1)?.text ?? '', /is as it was before the update/);
    });

    it('shows what makes it fail again', async () => {
      const agree = agreeing();
      const once: Answer = (shown) => (shown.kind === 'error' ? undefined : agree(shown));
      const made = make(once, stackOf('UPDATE_ROLLBACK_FAILED'));
      made.stacks.after = [
        {
          status: 'UPDATE_ROLLBACK_FAILED',
          events: [eventOf(1, 'Consumer', 'UPDATE_FAILED', 'the role is gone')],
        },
      ];
      await run(made, id);
      const told = made.stub.shown.find(({ kind }) => kind === 'error');
      assert.match(told?.text ?? '', /Consumer \(AWS::SQS::Queue\): the role is gone/);
      assert.deepEqual(told?.choices, ['Continue Update Rollback…', 'Show Events', 'Show Log']);
      assert.equal(made.ui.operations.current?.failure?.logicalId, 'Consumer');
    });
  });

  describe('Delete Pipeline', () => {
    const id = 'mediaBatch.deletePipeline';
    const WORK = 'value-of-WorkQueueUrl';

    it('names what goes and what stays, and says what stayed', async () => {
      const made = make(agreeing('media-batch'), stackOf('UPDATE_COMPLETE'));
      await made.queues.send(WORK, [{ body: 'one' }, { body: 'two' }]);
      await run(made, id);
      assert.deepEqual(done(made), ['deleteStack']);
      const [question, typed] = made.stub.shown;
      assert.equal(question?.modal, true);
      const [goes = '', stays = ''] = (question.detail ?? '').split('Stays in your account');
      assert.match(goes, /^Account 111122223333 · eu-west-1/);
      assert.match(goes, /files that wait in the queue or are in flight: about 2$/m);
      assert.match(goes, /the dead letters: about 0$/m);
      assert.match(goes, /the Ittybit API key$/m);
      assert.doesNotMatch(goes, /Ittybit:/, 'no job is there');
      assert.match(stays, /the DynamoDB table value-of-ResultsTableName$/);
      assert.match(typed?.detail ?? '', /Type the name of the stack, media-batch, to delete it/);
      assert.match(made.stub.shown.at(-1)?.text ?? '', /is deleted\. .*value-of-ResultsTableName/);
      assert.equal(made.ui.operations.current?.running, false);
    });

    for (const text of ['', 'Media-Batch', 'media', 'media-batch2']) {
      it(`takes no other name: "${text}"`, async () => {
        const made = await run(make(agreeing(text), stackOf('UPDATE_COMPLETE')), id);
        assert.deepEqual(done(made), []);
        assert.equal(made.stub.shown.at(-1)?.problem, 'This is not the name of the stack.');
      });
    }

    it('does nothing on Escape', async () => {
      const made = await run(
        make(() => undefined, stackOf('UPDATE_COMPLETE')),
        id,
      );
      assert.deepEqual(done(made), []);
    });

    it('does not count an API key of the user among what goes', async () => {
      const parameters = { ApiKeyArn: 'arn:aws:ssm:eu-west-1:111122223333:parameter/key' };
      const made = await run(
        make(() => undefined, stackOf('CREATE_COMPLETE', { parameters })),
        id,
      );
      assert.doesNotMatch(made.stub.shown[0]?.detail ?? '', /API key/);
    });

    it('says of queues that cannot be counted that they are not', async () => {
      const made = make(() => undefined, stackOf('UPDATE_COMPLETE'));
      made.queues.depth = async () => {
        throw new Error('denied');
      };
      await run(made, id);
      assert.match(made.stub.shown[0]?.detail ?? '', /in flight: the number could not be read$/m);
    });

    /** @returns the paragraph about the jobs of these batches; one without counts cannot be read */
    async function jobsOf(batches: Readonly<Record<string, Partial<StatusCounts> | undefined>>) {
      const made = make(() => undefined, stackOf('UPDATE_COMPLETE'));
      for (const batch of Object.keys(batches)) made.batches.metas.set(batch, metaOf(batch));
      const reads: string[] = [];
      made.batches.read = async (_table, batch) => {
        reads.push(batch);
        const counts = batch === DEFAULT_BATCH ? {} : batches[batch];
        if (!counts) throw awsError('missing-permission');
        return { meta: undefined, checkpoints: [], counts: { ...zeroCounts(), ...counts } };
      };
      await run(made, id);
      const [, paragraph = ''] = (made.stub.shown[0]?.detail ?? '').split('\n\n').slice(1);
      return { lines: paragraph.split('\n'), reads };
    }

    it('says how many jobs of all batches are at Ittybit, and what becomes of them', async () => {
      const many = Array.from({ length: 120 }, (_, index) => [`b${index}`, { submitted: 9 }] as const);
      const { lines, reads } = await jobsOf({
        ...Object.fromEntries(many),
        old: { processing: 2, succeeded: 5, retrying: 3, dead: 4 },
      });
      assert.deepEqual(lines, [
        'About 1,082 jobs are at Ittybit: they go on and are paid, and their results are not recorded unless another pipeline takes the table over.',
        'Files that wait for another attempt and may have a job, too: about 3.',
      ]);
      assert.equal(reads.length, 122, 'one query a batch');
      assert.match(
        (await jobsOf({ b1: { submitted: 1 } })).lines[0] ?? '',
        /^About 1 job is at Ittybit: it /,
      );
    });

    it('says of batches that cannot be counted that they are not', async () => {
      const some = await jobsOf({ b1: { submitted: 2 }, b2: undefined });
      assert.match(some.lines[0] ?? '', /^About 2 jobs/);
      assert.match(some.lines[1] ?? '', /could not be counted, as the number could not be read: 1\.$/);
      const made = make(() => undefined, stackOf('UPDATE_COMPLETE'));
      made.batches.list = async () => Promise.reject(awsError('missing-permission'));
      await run(made, id);
      assert.match(
        made.stub.shown[0]?.detail ?? '',
        /\n\nJobs at Ittybit: the number could not be read\. They go on and are paid, [^\n]*\n\nStays/,
      );
    });

    it('waits for an update to settle', async () => {
      const made = await run(make(agreeing('media-batch'), stackOf('UPDATE_IN_PROGRESS')), id);
      assert.deepEqual(done(made), []);
      assert.match(made.stub.shown[0]?.text ?? '', /delete it when it has settled/);
    });

    it('says that there is no such stack', async () => {
      const made = await run(make(agreeing('media-batch'), undefined), id);
      assert.match(made.stub.shown[0]?.text ?? '', /There is no stack "media-batch"/);
    });

    it('joins a deletion under way without asking', async () => {
      const made = make(agreeing(), stackOf('DELETE_IN_PROGRESS'));
      let looks = 0;
      made.stacks.onDescribe = () => {
        looks += 1;
        if (looks > 3) made.stacks.stack = undefined;
      };
      await run(made, id);
      assert.deepEqual(done(made), []);
      assert.match(made.stub.shown[0]?.text ?? '', /"media-batch" is deleted/);
    });
  });
});
