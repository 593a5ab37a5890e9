import assert from 'node:assert/strict';
import { deployPipeline } from '../../../../src/app/stack/deploy-pipeline.ts';
import { liveParameters } from '../../../../src/app/stack/live-parameters.ts';
import type { MappingState } from '../../../../src/core/stack/dispatch-control.ts';
import type { StackParameters } from '../../../../src/core/stack/stack-contract.ts';
import { FakeStacks, FakeTables, stackOf } from '../../../helpers/fake-stacks.ts';
import { awsError, FakeQueues } from '../../../helpers/fakes.ts';
import { FakeControl } from '../../../helpers/fake-control.ts';

/** What the template's defaults make of the stack. */
const DEPLOYED = {
  BatchSize: '5',
  MaximumConcurrency: '2',
  MaximumBatchingWindow: '10',
  DispatchEnabled: 'true',
  ConnectionId: '',
};

describe('an update of the pipeline', () => {
  let stacks: FakeStacks;
  let dispatch: FakeControl;
  const deploy = async (parameters: StackParameters = {}) => {
    const request = { stackName: 'media-batch', templateBody: '{}', parameters };
    const services = { stacks, dispatch, queues: new FakeQueues(), tables: new FakeTables() };
    await deployPipeline(request, services, { everyMs: 0 });
    return stacks.requests[0]!;
  };
  const live = (change: Partial<MappingState>) => {
    dispatch.current = { ...dispatch.current, ...change };
  };

  beforeEach(() => {
    stacks = new FakeStacks();
    stacks.stack = stackOf('CREATE_COMPLETE', { parameters: DEPLOYED });
    stacks.after = [{ status: 'UPDATE_IN_PROGRESS' }, { status: 'UPDATE_COMPLETE' }];
    dispatch = new FakeControl();
  });

  it('leaves the parameters alone where nothing was changed live', async () => {
    const { parameters, previous } = await deploy();
    assert.deepEqual([parameters, previous], [{}, Object.keys(DEPLOYED)]);
    assert.deepEqual(dispatch.calls, []);
  });

  it('keeps what was tuned and paused live', async () => {
    live({ batchSize: 10, maximumConcurrency: 5, state: 'Disabled' });
    const { parameters, previous } = await deploy();
    assert.deepEqual(parameters, { BatchSize: '10', MaximumConcurrency: '5', DispatchEnabled: 'false' });
    assert.deepEqual(previous, ['MaximumBatchingWindow', 'ConnectionId']);
    assert.deepEqual(dispatch.calls, []);
  });

  describe('of calls per second that were set live', () => {
    beforeEach(() => {
      dispatch.pace = { ...dispatch.pace, live: { most: 7, insteadOf: 0 } };
      stacks.stack = stackOf('CREATE_COMPLETE', { parameters: { ...DEPLOYED, MaxRequestsPerSecond: '0' } });
    });

    it('keeps them', async () => {
      assert.deepEqual((await deploy()).parameters, { MaxRequestsPerSecond: '7' });
    });

    it('sets none on a stack that knows none', async () => {
      stacks.stack = stackOf('CREATE_COMPLETE', { parameters: DEPLOYED });
      assert.deepEqual((await deploy()).parameters, {});
    });

    it("lets the user's choice replace them, so that they do not come back", async () => {
      const { parameters } = await deploy({ MaxRequestsPerSecond: '3' });
      assert.deepEqual(parameters, { MaxRequestsPerSecond: '3' });
      assert.deepEqual(dispatch.pace.live, { most: 3, insteadOf: 3 });
    });
  });

  it("lets the user's choice replace it, on the mapping too", async () => {
    live({ batchSize: 10, maximumConcurrency: 5 });
    const { parameters } = await deploy({ BatchSize: '5' });
    assert.deepEqual(parameters, { BatchSize: '5', MaximumConcurrency: '5' });
    assert.deepEqual(dispatch.calls, ['updateMapping value-of-EventSourceMappingId {"batchSize":5}']);
  });

  it('resumes and pauses as the user chose, and records it', async () => {
    live({ state: 'Disabled' });
    dispatch.state = { state: 'paused', reason: 'lunch', at: undefined, epoch: 0 };
    assert.deepEqual((await deploy({ DispatchEnabled: 'true' })).parameters, { DispatchEnabled: 'true' });
    assert.equal(dispatch.state.state, 'running');
    assert.match(dispatch.calls.join(), /updateMapping .*{"enabled":true}/);

    stacks.stack = stackOf('UPDATE_COMPLETE', { parameters: DEPLOYED });
    live({ state: 'Disabled' });
    await deploy({ DispatchEnabled: 'false' });
    assert.deepEqual(
      [dispatch.state.state, dispatch.state.reason],
      ['paused', 'Switched off in Deploy Pipeline'],
    );
  });

  it('records nothing where mapping and control item agree with the choice', async () => {
    await deploy({ DispatchEnabled: 'true' });
    assert.deepEqual(dispatch.calls, []);
  });

  it('asks the control item while the mapping is being updated', async () => {
    live({ state: 'Updating' });
    dispatch.state = { state: 'paused', reason: 'lunch', at: undefined, epoch: 0 };
    assert.deepEqual((await deploy()).parameters, { DispatchEnabled: 'false' });
  });

  it('does nothing when the mapping cannot be read, rather than undo a tuning', async () => {
    dispatch.mapping = async () => Promise.reject(awsError('missing-permission'));
    await assert.rejects(deploy(), { code: 'missing-permission' });
    assert.deepEqual(stacks.calls, []);
  });

  it('continues where the mapping is deleted, or the stack has none yet', async () => {
    dispatch.mapping = async () => Promise.reject(awsError('not-found'));
    assert.deepEqual((await deploy()).parameters, {});
  });

  it('refuses a tuning that the stack cannot keep, unless the user replaces it', async () => {
    live({ batchSize: 100 });
    await assert.rejects(deploy(), {
      code: 'invalid-input',
      field: 'batchSize',
      message: /BatchSize 100.*1 to 10/,
    });
    assert.deepEqual(stacks.calls, []);
    assert.deepEqual((await deploy({ BatchSize: '5' })).parameters, { BatchSize: '5' });
  });

  it('asks for no mapping where the stack is new or broken', async () => {
    dispatch.mapping = async () => Promise.reject(new Error('not to be called'));
    stacks.stack = stackOf('ROLLBACK_COMPLETE');
    await assert.rejects(deploy(), { code: 'stack-broken' });
    stacks.stack = undefined;
    stacks.after = [{ status: 'CREATE_COMPLETE' }];
    assert.equal((await deploy()).create, true);
  });
});

describe('liveParameters', () => {
  it("follows the mapping, and the control item where the mapping's state is not clear", () => {
    const mapping = new FakeControl().current;
    const paused = { state: 'paused', reason: undefined, at: undefined, epoch: 0 } as const;
    const enabled = (state: string, recorded?: typeof paused) =>
      liveParameters({ ...mapping, state }, recorded).DispatchEnabled;
    for (const state of ['Enabled', 'Enabling']) assert.equal(enabled(state, paused), 'true');
    for (const state of ['Disabled', 'Disabling']) assert.equal(enabled(state), 'false');
    assert.deepEqual([enabled('Updating'), enabled('Updating', paused)], ['true', 'false']);
  });
});
