import assert from 'node:assert/strict';
import type { ResourceChange } from '../../../src/core/ports.ts';
import { deployPipelineCommand } from '../../../src/ui/commands/deploy-pipeline.ts';
import { registerCommand } from '../../../src/ui/register-command.ts';
import type { Answer } from '../../helpers/vscode-stub.ts';
import { eventOf, stackOf, type fakeCloud } from './fake-cloud.ts';
import { fixture, type Fixture } from './ui-fixture.ts';

const ID = 'mediaBatch.deployPipeline';
const QUEUE: ResourceChange = {
  action: 'Add',
  logicalId: 'WorkQueue',
  type: 'AWS::SQS::Queue',
  replacement: undefined,
};

/** Fills in what it is told, presses the first button of every message. */
const answers =
  (inputs: Record<string, string | undefined>): Answer =>
  ({ kind, text, choices }) =>
    kind === 'input' ? inputs[text] : choices[0];

const FILLED = {
  'Deploy Pipeline (1/3)': 'media-batch',
  'Deploy Pipeline (2/3)': 'conn_1',
  'Deploy Pipeline (3/3)': '',
};

async function run(answer: Answer, given: Parameters<typeof fakeCloud>[0] = {}): Promise<Fixture> {
  const made = fixture(answer, given);
  registerCommand(made.ui, ID, () => deployPipelineCommand(made.ui));
  await made.ui.vs.commands.executeCommand(ID);
  return made;
}

describe('Deploy Pipeline', () => {
  it('asks, reviews, deploys with events, and offers the next step', async () => {
    const { stub, fake } = await run(answers(FILLED), {
      changes: [QUEUE],
      after: { status: 'CREATE_COMPLETE', events: [eventOf('WorkQueue', 'CREATE_COMPLETE')] },
    });
    assert.deepEqual(fake.calls, ['createChangeSet media-batch', 'executeChangeSet media-batch']);
    assert.deepEqual(fake.parameters, { ConnectionId: 'conn_1' });
    assert.deepEqual(fake.connections, [{ profile: undefined, endpoint: undefined, region: 'eu-west-1' }]);
    assert.equal(fake.open, 0);
    const review = stub.shown.find(({ modal }) => modal);
    assert.equal(review?.text, 'Create the stack "media-batch"?');
    assert.match(review.detail ?? '', /Account 111122223333 · eu-west-1 · default credentials/);
    assert.match(review.detail ?? '', /1 to add, 0 to change, 0 to remove/);
    assert.ok(stub.progress.includes('WorkQueue: CREATE_COMPLETE'));
    assert.ok(stub.logged.includes('info: CREATE_COMPLETE WorkQueue (AWS::SQS::Queue)'));
    assert.equal(stub.shown.at(-1)?.choices[0], 'Set Ittybit API Key…');
    assert.deepEqual(stub.executed.at(-1)?.id, 'mediaBatch.setApiKey');
    assert.deepEqual(stub.updates, []);
  });

  it('says where it works before it asks anything else', async () => {
    const { stub } = await run(answers({}), {
      profileDefaults: { region: undefined, endpoint: 'http://localhost:4566' },
    });
    assert.match(
      stub.shown[0]?.detail ?? '',
      /111122223333 · eu-west-1 · default credentials · custom endpoint http:\/\/localhost:4566/,
    );
  });

  for (const step of Object.keys(FILLED)) {
    it(`ends silently on Escape at ${step}`, async () => {
      const { stub, fake } = await run(answers({ ...FILLED, [step]: undefined }));
      assert.deepEqual(fake.calls, []);
      assert.equal(fake.open, 0);
      assert.ok(stub.shown.every(({ kind }) => kind === 'input'));
    });
  }

  it('takes the change set back when the review is declined', async () => {
    const { stub, fake } = await run((shown) => (shown.modal ? undefined : answers(FILLED)(shown)));
    assert.deepEqual(fake.calls, ['createChangeSet media-batch', 'deleteChangeSet media-batch']);
    assert.ok(stub.shown.at(-1)?.modal, 'nothing is shown after the review');
  });

  it('warns of replaced resources that hold something', async () => {
    const changes: ResourceChange[] = [
      { ...QUEUE, action: 'Modify', replacement: 'True' },
      { action: 'Modify', logicalId: 'Role', type: 'AWS::IAM::Role', replacement: 'Conditional' },
    ];
    const { stub } = await run(answers(FILLED), { existing: stackOf('UPDATE_COMPLETE'), changes });
    const review = stub.shown.find(({ modal }) => modal);
    assert.equal(review?.kind, 'warning');
    assert.match(review.detail ?? '', /Replaced by new ones, or may be: 2/);
    assert.match(review.detail ?? '', /may be lost:\nWorkQueue \(AWS::SQS::Queue\)$/);
  });

  it('shows a failed deployment once, with the first real cause', async () => {
    const events = [
      eventOf('WorkQueue', 'CREATE_FAILED', 'Resource creation cancelled'),
      eventOf('DeadLetterQueue', 'CREATE_FAILED', 'not authorised [here](command:evil)'),
    ];
    const { stub, fake } = await run(answers(FILLED), { after: { status: 'ROLLBACK_COMPLETE', events } });
    const errors = stub.shown.filter(({ kind }) => kind === 'error');
    assert.equal(errors.length, 1);
    assert.match(
      errors[0]!.text,
      /DeadLetterQueue \(AWS::SQS::Queue\): not authorised \[here\] \(command:evil\)/,
    );
    assert.deepEqual(errors[0]!.choices, ['Show Log']);
    assert.ok(stub.logShown);
    assert.equal(fake.open, 0);
  });

  it('says that AWS goes on when the watching is cancelled', async () => {
    const made = fixture(answers(FILLED), {
      after: { status: 'CREATE_IN_PROGRESS' },
      onPoll: () => {
        made.stub.cancel();
      },
    });
    await deployPipelineCommand(made.ui);
    assert.match(made.stub.shown.at(-1)?.text ?? '', /^AWS goes on deploying "media-batch"/);
  });

  it('does not say so when it is cancelled between the review and the execution', async () => {
    const made = fixture(answers(FILLED), {
      onLook: () => {
        made.stub.cancel();
      },
    });
    await assert.rejects(deployPipelineCommand(made.ui), { name: 'AbortError' });
    assert.deepEqual(made.fake.calls, ['createChangeSet media-batch', 'deleteChangeSet media-batch']);
  });

  it('takes the change set back when it is cancelled during the review', async () => {
    const made = fixture((shown) => {
      if (shown.modal) made.stub.cancel();
      return answers(FILLED)(shown);
    });
    await assert.rejects(deployPipelineCommand(made.ui), { name: 'AbortError' });
    assert.deepEqual(made.fake.calls, ['createChangeSet media-batch', 'deleteChangeSet media-batch']);
  });

  it('remembers another stack name for the other commands', async () => {
    const { stub } = await run(answers({ ...FILLED, 'Deploy Pipeline (1/3)': ' archive ' }));
    assert.deepEqual(stub.updates, [{ name: 'mediaBatch.stackName', value: 'archive', target: 1 }]);
  });
});
