import assert from 'node:assert/strict';
import { deployPipeline } from '../../../../src/app/stack/deploy-pipeline.ts';
import type { DeployOptions } from '../../../../src/app/stack/deploy-stack.ts';
import { findPipeline, outputsOf } from '../../../../src/app/stack/pipeline.ts';
import { firstCause } from '../../../../src/app/stack/stack-events.ts';
import { DeployError, isAbort } from '../../../../src/core/errors.ts';
import { OUTPUTS, RECONCILER_OUTPUTS } from '../../../../src/core/stack/stack-contract.ts';
import {
  eventOf,
  FakeStacks,
  FakeTables,
  olderOutputs,
  OUTPUT_VALUES,
  stackOf,
} from '../../../helpers/fake-stacks.ts';
import { FakeQueues } from '../../../helpers/fakes.ts';
import { FakeControl } from '../../../helpers/fake-control.ts';

const failure = (code: string, words: RegExp) => (error: unknown) =>
  error instanceof DeployError && error.code === code && words.test(error.message);

describe('deployPipeline', () => {
  let stacks: FakeStacks;
  let dispatch: FakeControl;
  const deploy = (options: DeployOptions = {}, parameters = {}) => {
    const request = { stackName: 'media-batch', templateBody: '{}', parameters };
    return deployPipeline(
      request,
      { stacks, dispatch, queues: new FakeQueues(), tables: new FakeTables() },
      { everyMs: 0, ...options },
    );
  };

  beforeEach(() => {
    stacks = new FakeStacks();
    dispatch = new FakeControl();
  });

  it('creates a stack', async () => {
    const result = await deploy({}, { BatchSize: '7' });
    assert.equal(result.outcome, 'created');
    assert.deepEqual(result.outputs, outputsOf('media-batch', stackOf('CREATE_COMPLETE')));
    const { create, parameters, previous } = stacks.requests[0]!;
    assert.deepEqual(
      { create, parameters, previous },
      { create: true, parameters: { BatchSize: '7' }, previous: [] },
    );
  });

  it('updates a stack and keeps the parameters that it is not told', async () => {
    for (const status of ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE']) {
      stacks = new FakeStacks();
      stacks.stack = stackOf(status, { parameters: { MaxAttempts: '3', ConnectionId: '' } });
      stacks.after = [{ status: 'UPDATE_IN_PROGRESS' }, { status: 'UPDATE_COMPLETE' }];
      assert.equal((await deploy({}, { MaxAttempts: '7' })).outcome, 'updated');
      const { create, previous } = stacks.requests[0]!;
      assert.deepEqual([create, previous], [false, ['ConnectionId']]);
    }
  });

  it('tags a stack as it is told, and leaves the tags alone otherwise', async () => {
    stacks.stack = stackOf('UPDATE_COMPLETE', { tags: { team: 'media' } });
    stacks.after = [{ status: 'UPDATE_COMPLETE' }];
    const request = { stackName: 'media-batch', templateBody: '{}', parameters: {} };
    const services = { stacks, dispatch, queues: new FakeQueues(), tables: new FakeTables() };
    for (const tags of [undefined, {}, { team: 'film' }]) {
      await deployPipeline({ ...request, ...(tags && { tags }) }, services, { everyMs: 0 });
    }
    assert.deepEqual(
      stacks.requests.map((each) => ('tags' in each ? each.tags : 'kept')),
      ['kept', {}, { team: 'film' }],
    );
  });

  it('says when there is nothing to change, and leaves no change set behind', async () => {
    for (const reason of [
      "The submitted information didn't contain changes.",
      'No updates are to be performed.',
    ]) {
      stacks = new FakeStacks();
      stacks.stack = stackOf('CREATE_COMPLETE');
      stacks.changeSets = [{ status: 'CREATE_IN_PROGRESS' }, { status: 'FAILED', reason }];
      assert.equal((await deploy()).outcome, 'unchanged');
      assert.deepEqual(stacks.calls, ['createChangeSet', 'deleteChangeSet']);
    }
  });

  it("gives CloudFormation's reason for a refused change set", async () => {
    stacks.stack = stackOf('CREATE_COMPLETE');
    stacks.changeSets = [{ status: 'FAILED', reason: 'Template error: no such thing' }];
    await assert.rejects(deploy(), failure('deploy-failed', /Template error: no such thing/));
    assert.deepEqual(stacks.calls, ['createChangeSet', 'deleteChangeSet']);
  });

  it('changes nothing when the review declines or fails', async () => {
    stacks.stack = stackOf('CREATE_COMPLETE');
    assert.deepEqual(await deploy({ review: async () => false }), { outcome: 'declined' });
    assert.deepEqual(stacks.calls, ['createChangeSet', 'deleteChangeSet']);
    const review = async () => Promise.reject(new Error('closed'));
    await assert.rejects(deploy({ review }), /closed/);
    assert.deepEqual(stacks.calls.slice(2), ['createChangeSet', 'deleteChangeSet']);
  });

  it('leaves no empty stack after a declined creation', async () => {
    assert.deepEqual(await deploy({ review: async () => false }), { outcome: 'declined' });
    assert.deepEqual(stacks.calls, ['createChangeSet', 'deleteChangeSet', 'deleteStack']);
  });

  it('deletes the change set on a cancel at any time before the execution', async () => {
    const moments: ((cancel: () => void) => DeployOptions)[] = [
      (cancel) => {
        stacks.changeSets = [{ status: 'CREATE_IN_PROGRESS' }];
        setImmediate(cancel);
        return {};
      },
      (cancel) => ({ review: async () => (cancel(), true) }),
      (cancel) => ({ review: async () => (cancel(), false) }),
      (cancel) => ({
        review: async () => {
          stacks.onDescribe = cancel;
          return true;
        },
      }),
    ];
    for (const moment of moments) {
      stacks = new FakeStacks();
      stacks.stack = stackOf('CREATE_COMPLETE');
      const control = new AbortController();
      const options = moment(() => {
        control.abort();
      });
      await assert.rejects(deploy({ ...options, everyMs: 1, signal: control.signal }), isAbort);
      assert.deepEqual(stacks.calls, ['createChangeSet', 'deleteChangeSet']);
    }
  });

  it('tells of the cancel even when the change set cannot be deleted yet', async () => {
    const control = new AbortController();
    stacks.changeSets = [{ status: 'CREATE_IN_PROGRESS' }];
    stacks.deleteChangeSet = async () => Promise.reject(new Error('InvalidChangeSetStatus'));
    setImmediate(() => {
      control.abort();
    });
    await assert.rejects(deploy({ signal: control.signal, everyMs: 1 }), isAbort);
  });

  it('tells of a failed execution even when the clean-up fails too', async () => {
    stacks.stack = stackOf('CREATE_COMPLETE');
    stacks.executeChangeSet = async () => Promise.reject(new Error('AccessDenied'));
    stacks.deleteChangeSet = async () => Promise.reject(new Error('also denied'));
    await assert.rejects(deploy(), /^Error: AccessDenied$/);
  });

  it('only stops watching on a cancel after the execution', async () => {
    const control = new AbortController();
    stacks.after = [{ status: 'CREATE_IN_PROGRESS', events: [eventOf(1, 'Q', 'CREATE_IN_PROGRESS')] }];
    const onEvent = () => {
      control.abort();
    };
    await assert.rejects(deploy({ signal: control.signal, onEvent }), isAbort);
    assert.equal(stacks.calls.includes('deleteChangeSet'), false);
  });

  it('refuses a busy or broken stack, before it changes anything', async () => {
    const states: [string, string, RegExp][] = [
      ['UPDATE_IN_PROGRESS', 'stack-busy', /try again/],
      ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'stack-busy', /try again/],
      ['ROLLBACK_IN_PROGRESS', 'stack-busy', /try again/],
      ['DELETE_IN_PROGRESS', 'stack-busy', /try again/],
      ['UPDATE_ROLLBACK_FAILED', 'stack-broken', /"Media Batch: Continue Update Rollback"/],
      ['ROLLBACK_COMPLETE', 'stack-broken', /deleted first: run "Media Batch: Delete Pipeline"/],
      ['ROLLBACK_FAILED', 'stack-broken', /deleted first/],
      ['CREATE_FAILED', 'stack-broken', /deleted first/],
      ['DELETE_FAILED', 'stack-broken', /deleted first/],
    ];
    for (const [status, code, words] of states) {
      stacks.stack = stackOf(status);
      await assert.rejects(deploy(), failure(code, words), status);
    }
    assert.deepEqual(stacks.calls, []);
  });

  it('creates a stack in place of the empty one of an unexecuted change set', async () => {
    stacks.stack = stackOf('REVIEW_IN_PROGRESS', { outputs: {} });
    assert.equal((await deploy()).outcome, 'created');
  });

  it('hands on each new event once and oldest first, over pages', async () => {
    stacks.history = [1, 2, 3, 4, 5].map((n) => eventOf(n, 'Old', 'CREATE_COMPLETE'));
    const burst = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => eventOf(from + i, 'Q', 'CREATE_IN_PROGRESS'));
    stacks.stack = stackOf('CREATE_COMPLETE');
    stacks.after = [
      { status: 'UPDATE_IN_PROGRESS', events: burst(6, 13) },
      { status: 'UPDATE_IN_PROGRESS' },
      { status: 'UPDATE_COMPLETE', events: burst(14, 15) },
    ];
    const seen: string[] = [];
    await deploy({ onEvent: ({ id }) => seen.push(id) });
    assert.deepEqual(
      seen,
      [6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map((n) => `e${n}`),
    );
  });

  it('reports the first real cause, not the failures that follow from it', async () => {
    stacks.after = [
      { status: 'CREATE_IN_PROGRESS', events: [eventOf(1, 'media-batch', 'CREATE_IN_PROGRESS')] },
      {
        status: 'ROLLBACK_COMPLETE',
        events: [
          eventOf(2, 'Table', 'CREATE_FAILED', 'Resource creation cancelled'),
          eventOf(3, 'Queue', 'CREATE_FAILED', 'Access denied for sqs:CreateQueue'),
          eventOf(4, 'Api', 'CREATE_FAILED', 'Another reason'),
          eventOf(5, 'media-batch', 'ROLLBACK_IN_PROGRESS', 'The following resource(s) failed'),
        ],
      },
    ];
    await assert.rejects(deploy(), (error: DeployError) => {
      assert.deepEqual([error.code, error.resource], ['deploy-failed', 'Queue']);
      assert.match(
        error.message,
        /ROLLBACK_COMPLETE: Queue \(AWS::SQS::Queue\): Access denied for sqs:CreateQueue/,
      );
      return true;
    });
  });

  it("falls back to the stack's own reason", async () => {
    stacks.after = [{ status: 'ROLLBACK_COMPLETE', reason: 'somebody cancelled it' }];
    await assert.rejects(deploy(), failure('deploy-failed', /somebody cancelled it/));
    await assert.rejects(deploy(), failure('stack-broken', /deleted first/));
    assert.equal(firstCause([]), undefined);
    const cascade = eventOf(1, 'Q', 'CREATE_FAILED', 'Resource creation cancelled');
    assert.equal(firstCause([cascade]), cascade);
  });
});

describe('findPipeline', () => {
  it('finds the outputs by our names', async () => {
    const stacks = new FakeStacks();
    stacks.stack = stackOf('UPDATE_COMPLETE');
    const pipeline = await findPipeline('media-batch', stacks);
    assert.equal(pipeline.workQueueUrl, 'value-of-WorkQueueUrl');
    const names = Object.keys({ ...OUTPUTS, ...RECONCILER_OUTPUTS });
    assert.deepEqual(Object.keys(pipeline), [...names, 'stackId', 'connectionId', 'apiUrl']);
    assert.equal(pipeline.apiUrl, 'https://api.ittybit.com');
    assert.equal(pipeline.connectionId, '', 'the default connection of the project');
    stacks.stack = stackOf('CREATE_COMPLETE', { parameters: { ConnectionId: 'conn_7' } });
    assert.equal((await findPipeline('media-batch', stacks)).connectionId, 'conn_7');
  });

  it('reports a stack that is missing, not a Media Batch stack, or incomplete', async () => {
    const stacks = new FakeStacks();
    await assert.rejects(findPipeline('x', stacks), failure('not-deployed', /Deploy Pipeline/));
    stacks.stack = stackOf('REVIEW_IN_PROGRESS');
    await assert.rejects(findPipeline('x', stacks), failure('not-deployed', /Deploy Pipeline/));
    for (const missing of ['WebhookEndpoint', 'ReconcilerFunctionName']) {
      const outputs = Object.fromEntries(Object.entries(OUTPUT_VALUES).filter(([name]) => name !== missing));
      assert.throws(
        () => outputsOf('x', { id: 'x', outputs, parameters: {} }),
        failure('not-deployed', new RegExp(missing)),
      );
    }
  });

  it('takes a stack of an older template without a reconciler', async () => {
    const pipeline = outputsOf('x', stackOf('CREATE_COMPLETE', { outputs: olderOutputs() }));
    assert.equal(pipeline.stackId, 'arn:stack/1');
    assert.ok(!('reconcilerFunction' in pipeline));
    assert.equal(pipeline.resultsTable, OUTPUT_VALUES['ResultsTableName']);
  });
});
