import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { MappingState } from '../../../../src/core/stack/dispatch-control.ts';
import type { ResourceChange, Stack } from '../../../../src/core/stack/stack-service.ts';
import { deployPipelineCommand } from '../../../../src/ui/pipeline/deploy-pipeline.ts';
import { registerCommand } from '../../../../src/ui/base/register-command.ts';
import { rememberedOperation } from '../../../../src/ui/pipeline/remembered-operation.ts';
import { VERSION_OUTPUT } from '../../../../src/core/stack/template-version.ts';
import { eventOf, FakeStacks, OUTPUT_VALUES, stackOf } from '../../../helpers/fake-stacks.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { enter } from '../../../helpers/ui/press-enter.ts';
import { fixture, type Fixture } from '../../../helpers/ui/ui-fixture.ts';

const ID = 'mediaBatch.deployPipeline';
const QUEUE: ResourceChange = {
  action: 'Add',
  logicalId: 'WorkQueue',
  type: 'AWS::SQS::Queue',
  replacement: undefined,
};

interface Deployment extends Fixture {
  readonly stacks: FakeStacks;
}

interface Given {
  readonly stack?: Stack;
  readonly after?: FakeStacks['after'];
}

function makeDeployment(answer: Answer, { stack, after }: Given = {}): Deployment {
  const stacks = new FakeStacks();
  stacks.stack = stack;
  stacks.changeSets = [{ status: 'CREATE_COMPLETE', changes: [QUEUE] }];
  if (after) stacks.after = after;
  return { ...fixture(answer, { services: { stacks } }), stacks };
}

async function deploy(made: Deployment): Promise<Deployment> {
  registerCommand(made.ui, ID, () => deployPipelineCommand(made.ui));
  await made.ui.vs.commands.executeCommand(ID);
  return made;
}

/** @returns what CloudFormation was asked to do */
const asked = ({ stacks }: Deployment): string[] =>
  stacks.calls.filter((call) => !call.startsWith('describe'));

/** Presses Enter, and these buttons where a message has them. */
const pressing =
  (...buttons: (string | undefined)[]): Answer =>
  (shown) =>
    shown.step === undefined ? shown.choices.find((choice) => buttons.includes(choice)) : enter(shown);

const run = (answer: Answer, given?: Given) => deploy(makeDeployment(answer, given));

describe('Deploy Pipeline', () => {
  let timers: FastTimers;
  beforeEach(() => {
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('reviews, deploys with its events, and offers the next step', async () => {
    const made = await run(pressing('Deploy', 'Set Ittybit API Key…'), {
      after: [
        { status: 'CREATE_IN_PROGRESS', events: [eventOf(1, 'WorkQueue', 'CREATE_IN_PROGRESS')] },
        { status: 'CREATE_COMPLETE', events: [eventOf(2, 'WorkQueue', 'CREATE_COMPLETE')] },
      ],
    });
    const { stub, ui, watch } = made;
    assert.deepEqual(asked(made), ['createChangeSet', 'executeChangeSet']);
    const review = stub.shown.find(({ modal }) => modal);
    assert.deepEqual([review?.kind, review?.text], ['info', 'Create the stack "media-batch"?']);
    assert.match(review?.detail ?? '', /Account 111122223333 · eu-west-1 · default credentials/);
    assert.match(review?.detail ?? '', /1 to add, 0 to change, 0 to remove/);
    assert.ok(stub.progress.includes('preparing the change set'));
    assert.ok(stub.progress.includes('WorkQueue CREATE_IN_PROGRESS (0 of 1)'));
    assert.ok(stub.progress.includes('WorkQueue CREATE_COMPLETE (1 of 1)'));
    assert.ok(stub.logged.includes('info: CREATE_COMPLETE WorkQueue (AWS::SQS::Queue)'));
    assert.deepEqual(
      [ui.operations.current?.running, ui.operations.current?.events.length, watch.refreshes > 1],
      [false, 2, true],
    );
    assert.match(stub.shown.at(-1)?.text ?? '', /is deployed\. Next, give it your Ittybit API key/);
    assert.deepEqual(stub.executed.at(-1)?.id, 'mediaBatch.setApiKey');
    assert.deepEqual(stub.updates, []);
    assert.equal(rememberedOperation(ui), undefined);
  });

  it('says in the review that an older stack is paused for its update, and in the progress when', async () => {
    const { [VERSION_OUTPUT]: _, ...outputs } = OUTPUT_VALUES;
    const made = await run(pressing('Deploy'), {
      stack: stackOf('UPDATE_COMPLETE', { outputs }),
      after: [{ status: 'UPDATE_COMPLETE' }],
    });
    assert.match(
      made.stub.shown.find(({ modal }) => modal)?.detail ?? '',
      /dispatch is paused during the update/,
    );
    assert.deepEqual(
      made.fake.calls.filter((call) => /^(writeState|updateMapping)/.test(call)),
      ['writeState paused', 'updateMapping value-of-EventSourceMappingId false'],
      'the stand-in tells of no pause, so there is none to end',
    );
    assert.ok(made.stub.progress.some((line) => line.startsWith('dispatch is paused, updating')));
    const current = await run(pressing('Deploy'), { stack: stackOf('UPDATE_COMPLETE') });
    assert.doesNotMatch(current.stub.shown.find(({ modal }) => modal)?.detail ?? '', /paused/);
  });

  it('takes the change set back when the review is declined, and says nothing more', async () => {
    const made = await run(pressing());
    assert.deepEqual(asked(made), ['createChangeSet', 'deleteChangeSet', 'deleteStack']);
    assert.ok(made.stub.shown.at(-1)?.modal);
    assert.equal(made.ui.operations.current, undefined);
  });

  it('takes the change set back when it is cancelled before the execution', async () => {
    for (const moment of ['change set', 'execution'] as const) {
      const made = makeDeployment(pressing('Deploy'), { stack: stackOf('UPDATE_COMPLETE') });
      const describeChangeSet = made.stacks.describeChangeSet.bind(made.stacks);
      made.stacks.describeChangeSet = async (...args) => {
        if (moment === 'change set') made.stub.cancel();
        return describeChangeSet(...args);
      };
      const events = made.stacks.events.bind(made.stacks);
      made.stacks.events = async function* () {
        // A person sees the progress first.
        await setImmediate();
        made.stub.cancel();
        yield* events();
      };
      await deploy(made);
      assert.deepEqual(asked(made), ['createChangeSet', 'deleteChangeSet'], moment);
      assert.ok(made.stub.shown.every(({ kind }) => kind !== 'error'));
      assert.equal(made.ui.operations.current, undefined);
    }
  });

  it('says that there was nothing to change', async () => {
    const made = makeDeployment(pressing('Deploy'), { stack: stackOf('UPDATE_COMPLETE') });
    made.stacks.changeSets = [
      { status: 'FAILED', reason: "The submitted information didn't contain changes." },
    ];
    await deploy(made);
    assert.match(made.stub.shown.at(-1)?.text ?? '', /up to date: there was nothing to change/);
    assert.equal(made.ui.operations.current, undefined);
  });

  it('shows a failure once, with the first real cause as plain text and a way to its events', async () => {
    const { stub, ui } = await run(pressing('Deploy', 'Show Events'), {
      after: [
        {
          status: 'ROLLBACK_COMPLETE',
          events: [
            eventOf(1, 'WorkQueue', 'CREATE_FAILED', 'Resource creation cancelled'),
            eventOf(2, 'DeadLetterQueue', 'CREATE_FAILED', 'not authorised\u202e [here](command:evil)\nOK'),
          ],
        },
      ],
    });
    const errors = stub.shown.filter(({ kind }) => kind === 'error');
    assert.equal(errors.length, 1);
    assert.match(
      errors[0]!.text,
      /DeadLetterQueue \(AWS::SQS::Queue\): not authorised\\u\{202e\} \[here\] \(command:evil\)\\u\{a\}OK/,
    );
    assert.deepEqual(errors[0]!.choices, ['Show Events', 'Show Log']);
    assert.equal(stub.executed.at(-1)?.id, 'mediaBatch.pipeline.focus');
    assert.equal(ui.operations.current?.failure?.logicalId, 'DeadLetterQueue');
  });

  it('turns the views to another stack once AWS has begun, and not before', async () => {
    const named = (button: string | undefined): Answer => {
      const press = pressing(button);
      return (shown) => (shown.step === 1 ? ' archive ' : press(shown));
    };
    assert.deepEqual((await run(named(undefined))).stub.updates, []);
    assert.deepEqual((await run(named('Deploy'))).stub.updates, [
      { name: 'mediaBatch.stackName', value: 'archive', target: 1 },
    ]);
  });
});

describe('Deploy Pipeline, where the stack is in the way,', () => {
  let timers: FastTimers;
  beforeEach(() => {
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('offers to watch one that another window is at work on', async () => {
    const made = makeDeployment(pressing('Watch It'), { stack: stackOf('UPDATE_IN_PROGRESS') });
    made.stacks.history = [eventOf(1, 'Consumer', 'UPDATE_IN_PROGRESS')];
    let looks = 0;
    made.stacks.onDescribe = () => {
      looks += 1;
      if (looks === 6) made.stacks.stack = stackOf('UPDATE_COMPLETE');
    };
    await deploy(made);
    assert.deepEqual(asked(made), []);
    assert.match(made.stub.shown.find(({ kind }) => kind === 'warning')?.text ?? '', /is being changed/);
    assert.ok(made.stub.executed.some(({ id }) => id === 'mediaBatch.pipeline.focus'));
    assert.ok(made.stub.progress.includes('Consumer UPDATE_IN_PROGRESS'));
    assert.match(made.stub.shown.at(-1)?.text ?? '', /"media-batch" is updated/);
  });

  it('does not watch twice what this window watches already', async () => {
    const made = makeDeployment(pressing('Watch It'), { stack: stackOf('UPDATE_IN_PROGRESS') });
    made.ui.operations.begin({ stackName: 'media-batch', kind: 'deploy' }, () => undefined);
    await deploy(made);
    assert.ok(made.stub.executed.some(({ id }) => id === 'mediaBatch.pipeline.focus'));
    assert.equal(made.stub.shown.at(-1)?.kind, 'warning');
  });

  it('offers to delete one that was never made and to deploy again', async () => {
    for (const status of ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED']) {
      const made = await run(pressing('Delete It and Deploy Again', 'Deploy'), { stack: stackOf(status) });
      assert.deepEqual(asked(made).slice(0, 2), ['deleteStack', 'createChangeSet'], status);
      assert.equal(made.stacks.requests[0]?.create, true);
      assert.match(made.stub.shown.at(-1)?.text ?? '', /is deployed/);
    }
  });

  it('does not delete a stack that another window has fixed in the meantime', async () => {
    const press = pressing('Delete It and Deploy Again');
    const made: Deployment = makeDeployment(
      (shown) => {
        if (shown.modal) made.stacks.stack = stackOf('UPDATE_COMPLETE');
        return press(shown);
      },
      { stack: stackOf('ROLLBACK_COMPLETE') },
    );
    await deploy(made);
    assert.deepEqual(asked(made), ['createChangeSet', 'deleteChangeSet']);
    assert.equal(made.stacks.requests[0]?.create, false);
  });

  it('asks for the name before it deletes one whose deletion failed, and leaves all alone on Escape', async () => {
    const given = { stack: stackOf('DELETE_FAILED') };
    const press = pressing('Delete Pipeline…', 'Continue');
    const wrong = await run(
      (shown) => (shown.text === 'Delete Pipeline' ? 'something else' : press(shown)),
      given,
    );
    assert.deepEqual(asked(wrong), []);
    assert.deepEqual(asked(await run(pressing(), { stack: stackOf('ROLLBACK_COMPLETE') })), []);
  });

  it('offers to continue a rollback that failed', async () => {
    const made = makeDeployment(pressing('Continue Update Rollback…', 'Continue Rollback'), {
      stack: stackOf('UPDATE_ROLLBACK_FAILED'),
      after: [{ status: 'UPDATE_ROLLBACK_COMPLETE' }],
    });
    await deploy(made);
    assert.deepEqual(asked(made), ['continueRollback']);
    assert.match(made.stub.shown.at(-1)?.text ?? '', /is as it was before the update/);
  });
});

describe('the throughput in Deploy Pipeline', () => {
  let timers: FastTimers;
  beforeEach(() => {
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('is marked as it is live, and sent where it is to be another one', async () => {
    const live: MappingState = {
      state: 'Enabled',
      batchSize: 10,
      maximumConcurrency: 5,
      maximumBatchingWindow: 10,
      lastResult: undefined,
    };
    for (const [label, sent] of [
      ['50 at once', undefined],
      ['10 at once', { BatchSize: '5', MaximumConcurrency: '2' }],
    ] as const) {
      const parameters = { BatchSize: '10', MaximumConcurrency: '5' };
      const press = pressing('Deploy');
      const made = makeDeployment((shown) => (shown.step === 4 ? label : press(shown)), {
        stack: stackOf('UPDATE_COMPLETE', { parameters }),
        after: [{ status: 'UPDATE_COMPLETE' }],
      });
      made.fake.services.dispatch.mapping = async () => live;
      await deploy(made);
      const rows = made.stub.shown.find(({ step }) => step === 4)?.items;
      assert.deepEqual(
        rows?.map((row) => [row.label, row.description]),
        [
          ['Keep as It Is', '50 at once'],
          ['10 at once', 'recommended to start with'],
          ['50 at once', 'current'],
          ['100 at once', ''],
        ],
      );
      const { BatchSize, MaximumConcurrency } = made.stacks.requests[0]?.parameters ?? {};
      assert.deepEqual([BatchSize, MaximumConcurrency], [sent?.BatchSize, sent?.MaximumConcurrency]);
    }
  });
});

describe('the template that Deploy Pipeline deploys', () => {
  const bodyWith = async (file: string | undefined) => {
    const made = makeDeployment(pressing());
    if (file !== undefined) made.stub.settings.set('mediaBatch.templateFile', file);
    made.stub.files.set('/mine/pipeline.yaml', 'Resources: { Mine: {} }');
    return deploy(made);
  };

  it("is the extension's own, or the one of the settings", async () => {
    const bodies = await Promise.all([undefined, '/mine/pipeline.yaml'].map(bodyWith));
    assert.deepEqual(
      bodies.map(({ stacks }) => stacks.requests[0]?.templateBody),
      ['Resources: {}', 'Resources: { Mine: {} }'],
    );
  });

  it('is asked for before anything else when it cannot be read', async () => {
    for (const [file, words] of [
      ['mine/pipeline.yaml', /cannot be found: the setting mediaBatch\.templateFile needs an absolute path/],
      ['/none\u202e.yaml', /"\/none\\u\{202e\}\.yaml" cannot be read: correct the setting/],
    ] as const) {
      const made = await bodyWith(file);
      assert.equal(made.stub.shown.length, 1);
      assert.match(made.stub.shown[0]!.text, words);
      assert.deepEqual(made.stub.shown[0]!.choices, ['Open Settings', 'Show Log']);
      assert.deepEqual(made.connection.uses, []);
    }
  });
});
