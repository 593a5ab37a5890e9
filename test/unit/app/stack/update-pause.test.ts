import assert from 'node:assert/strict';
import { deployPipeline, type PipelineDeployOptions } from '../../../../src/app/stack/deploy-pipeline.ts';
import { pauseDispatch } from '../../../../src/app/stack/dispatch.ts';
import { UPDATE_PAUSE } from '../../../../src/app/stack/live-parameters.ts';
import { cancelUpdate } from '../../../../src/app/stack/stack-operations.ts';
import { pauseForUpdate, resumeAfterUpdate, thenResume } from '../../../../src/app/stack/update-pause.ts';
import { DeployError, isAbort } from '../../../../src/core/errors.ts';
import type {
  DispatchPlace,
  DispatchState,
  MappingState,
} from '../../../../src/core/stack/dispatch-control.ts';
import { CONSUMER_TIMEOUT_SECONDS, type StackParameters } from '../../../../src/core/stack/stack-contract.ts';
import {
  eventOf,
  FakeStacks,
  FakeTables,
  olderOutputs,
  OUTPUT_VALUES,
  stackOf,
} from '../../../helpers/fake-stacks.ts';
import { awsError, FakeQueues, PIPELINE } from '../../../helpers/fakes.ts';
import { FakeControl } from '../../../helpers/fake-control.ts';

const OLD_OUTPUTS = olderOutputs();
const BY_CONSUMER = { state: 'paused', reason: 'unauthorized (HTTP 401)', at: undefined, epoch: 0 } as const;

/** A mapping that is switched, and one list of what was done in which order. */
class SwitchedControl extends FakeControl {
  readonly #log: string[];
  failure: Error | undefined;

  constructor(log: string[]) {
    super();
    this.#log = log;
  }

  override async writeState(place: DispatchPlace, next: DispatchState): Promise<boolean> {
    if (this.failure) throw this.failure;
    this.#log.push(next.state);
    return super.writeState(place, next);
  }

  override async updateMapping(_id: string, change: { enabled?: boolean }): Promise<MappingState> {
    const { enabled } = change;
    if (enabled !== undefined) this.current = { ...this.current, state: enabled ? 'Enabled' : 'Disabled' };
    this.#log.push(`mapping ${this.current.state}`);
    return this.current;
  }
}

describe('the update of a stack with an older template', () => {
  let log: string[];
  let stacks: FakeStacks;
  let dispatch: SwitchedControl;
  let queues: FakeQueues;
  const deploy = (options: PipelineDeployOptions = {}, parameters: StackParameters = {}) =>
    deployPipeline(
      { stackName: 'media-batch', templateBody: '{}', parameters },
      { stacks, dispatch, queues, tables: new FakeTables() },
      { everyMs: 0, onPhase: (phase) => log.push(phase), ...options },
    );
  const isResumed = () => {
    assert.deepEqual([dispatch.current.state, dispatch.state.state], ['Enabled', 'running']);
  };

  beforeEach(() => {
    log = [];
    stacks = new FakeStacks();
    stacks.stack = stackOf('UPDATE_COMPLETE', { outputs: OLD_OUTPUTS });
    stacks.after = [{ status: 'UPDATE_IN_PROGRESS' }, { status: 'UPDATE_COMPLETE' }];
    dispatch = new SwitchedControl(log);
    queues = new FakeQueues();
    const execute = stacks.executeChangeSet.bind(stacks);
    stacks.executeChangeSet = async () => {
      log.push('execute');
      await execute();
    };
  });

  it('pauses after the review, lets the calls end, updates, and resumes', async () => {
    const looks = [3, 1, 0];
    queues.depth = async (url) => {
      assert.equal(url, OUTPUT_VALUES['WorkQueueUrl']);
      const inFlight = looks.shift() ?? 0;
      log.push(`in flight ${inFlight}`);
      return { waiting: 7, inFlight, delayed: 0 };
    };
    const review = async () => Boolean(log.push('review'));
    assert.equal((await deploy({ review })).outcome, 'updated');
    assert.deepEqual(log, [
      ...['review', 'pausing', 'paused', 'mapping Disabled'],
      ...['draining', 'in flight 3', 'in flight 1', 'in flight 0'],
      ...['updating', 'execute', 'resuming', 'running', 'mapping Enabled'],
    ]);
  });

  it('waits no longer than a run can last, as hidden files may wait for hours', async () => {
    queues.depth = async () => ({ waiting: 0, inFlight: 4, delayed: 0 });
    dispatch.current = { ...dispatch.current, maximumBatchingWindow: 10 };
    let seconds = 0;
    const now = () => 1000 * seconds++;
    await pauseForUpdate(stacks.stack!, { dispatch, queues }, { everyMs: 0, now });
    assert.equal(seconds - 1, 10 + CONSUMER_TIMEOUT_SECONDS);
  });

  it('is the only one that pauses', async () => {
    stacks.stack = stackOf('UPDATE_COMPLETE');
    await deploy();
    assert.deepEqual(log, ['execute']);
  });

  it('pauses nothing before the review has agreed', async () => {
    assert.deepEqual(await deploy({ review: async () => false }), { outcome: 'declined' });
    assert.deepEqual(log, []);
  });

  it('leaves a pipeline paused that was paused before', async () => {
    dispatch.current = { ...dispatch.current, state: 'Disabled' };
    for (const state of [
      BY_CONSUMER,
      { state: 'running', reason: undefined, at: undefined, epoch: 0 } as const,
    ]) {
      dispatch.state = state;
      log.length = 0;
      await deploy();
      assert.deepEqual([log, dispatch.state, dispatch.current.state], [['execute'], state, 'Disabled']);
    }
  });

  it('does not undo another pause or resume in the meantime', async () => {
    const onPhase = (phase: string) => {
      if (phase === 'updating') dispatch.state = BY_CONSUMER;
    };
    await deploy({ onPhase });
    assert.deepEqual([dispatch.state, dispatch.current.state], [BY_CONSUMER, 'Disabled']);
  });

  it('updates a stack without a mapping, or with one that was deleted', async () => {
    dispatch.mapping = async () => Promise.reject(awsError('not-found'));
    await deploy();
    assert.deepEqual(log, ['execute']);
  });

  it('resumes on a cancel in any phase before AWS has begun', async () => {
    for (const at of ['pausing', 'draining', 'updating'] as const) {
      stacks = new FakeStacks();
      stacks.stack = stackOf('UPDATE_COMPLETE', { outputs: OLD_OUTPUTS });
      const control = new AbortController();
      const onPhase = (phase: string) => {
        if (phase === at) control.abort();
      };
      await assert.rejects(deploy({ signal: control.signal, onPhase }), isAbort, at);
      isResumed();
      assert.deepEqual(stacks.calls, ['createChangeSet', 'deleteChangeSet']);
    }
  });

  it('resumes where the pause, the drain or the execution fails, and tells of that', async () => {
    queues.depth = async () => Promise.reject(new Error('no depth'));
    await assert.rejects(deploy(), /no depth/);
    isResumed();
    queues = new FakeQueues();
    stacks.executeChangeSet = async () => Promise.reject(new Error('no execution'));
    await assert.rejects(deploy(), /no execution/);
    isResumed();
  });

  it('resumes when the update was rolled back', async () => {
    stacks.after = [{ status: 'UPDATE_ROLLBACK_COMPLETE', reason: 'the role is gone' }];
    await assert.rejects(deploy(), /the role is gone/);
    isResumed();
  });

  it('stays paused where the rollback failed, until that is continued', async () => {
    stacks.after = [{ status: 'UPDATE_ROLLBACK_FAILED' }];
    await assert.rejects(deploy(), { code: 'deploy-failed' });
    assert.deepEqual([dispatch.state.reason, dispatch.current.state], [UPDATE_PAUSE, 'Disabled']);
    stacks.after = [{ status: 'UPDATE_ROLLBACK_COMPLETE' }];
    await thenResume('media-batch', { stacks, dispatch }, async () => undefined);
    isResumed();
  });

  it('says both where it cannot be resumed', async () => {
    stacks.executeChangeSet = async () => {
      dispatch.failure = new Error('AWS is out of reach.');
      return Promise.reject(new Error('The execution was refused.'));
    };
    await assert.rejects(deploy(), (error: unknown) => {
      assert.ok(error instanceof DeployError);
      assert.match(
        error.message,
        /^The execution was refused\. Dispatch is still paused.*out of reach.*Resume Dispatch/,
      );
      return true;
    });
  });

  it('says that the update was cancelled where it then cannot be resumed, and keeps the cause', async () => {
    const control = new AbortController();
    const onPhase = (phase: string) => {
      if (phase !== 'draining') return;
      dispatch.failure = awsError('unreachable');
      control.abort();
    };
    await assert.rejects(deploy({ signal: control.signal, onPhase }), (error: unknown) => {
      assert.ok(error instanceof DeployError && isAbort(error.cause), String(error));
      assert.deepEqual([error.code, error.resource], ['deploy-failed', undefined]);
      assert.match(error.message, /^The update of "media-batch" was cancelled\. Dispatch is still paused/);
      return true;
    });
    assert.equal(dispatch.state.reason, UPDATE_PAUSE, 'the next window can still resume');
  });

  it('keeps the failed resource of a rollback in the error of the resume', async () => {
    const failed = eventOf(1, 'Table', 'UPDATE_FAILED', 'the key is gone');
    stacks.after = [{ status: 'UPDATE_ROLLBACK_COMPLETE', events: [failed] }];
    const onExecute = () => {
      dispatch.failure = awsError('unreachable');
    };
    await assert.rejects(deploy({ onExecute }), (error: unknown) => {
      assert.ok(error instanceof DeployError);
      assert.equal(error.resource, 'Table');
      assert.match(error.message, /the key is gone.*Dispatch is still paused/);
      return true;
    });
  });

  it('resumes nothing while an operation of another window may be running', async () => {
    await pauseDispatch(PIPELINE, UPDATE_PAUSE, dispatch);
    for (const failure of [awsError('unreachable'), new DeployError('stack-busy', 'media-batch', 'Busy.')]) {
      const operate = () => Promise.reject(failure);
      await assert.rejects(thenResume('media-batch', { stacks, dispatch }, operate), failure);
      assert.equal(dispatch.state.reason, UPDATE_PAUSE);
    }
    const failure = new DeployError('deploy-failed', 'media-batch', 'Rolled back.');
    const operate = () => Promise.reject(failure);
    await assert.rejects(thenResume('media-batch', { stacks, dispatch }, operate), failure);
    isResumed();
  });

  it('leaves a stack alone that is gone, or that lacks the outputs for a pause', async () => {
    await pauseDispatch(PIPELINE, UPDATE_PAUSE, dispatch);
    for (const stack of [undefined, stackOf('UPDATE_COMPLETE', { outputs: {} })]) {
      stacks.stack = stack;
      assert.equal(await resumeAfterUpdate('media-batch', { stacks, dispatch }), false);
    }
    log.length = 0;
    await pauseForUpdate(stacks.stack!, { dispatch, queues });
    assert.deepEqual([log, dispatch.state.reason], [[], UPDATE_PAUSE]);
  });

  it('does not pause where the mapping cannot be read, which may only be denied', async () => {
    dispatch.mapping = async () => Promise.reject(awsError('missing-permission'));
    const pausing = pauseForUpdate(stacks.stack!, { dispatch, queues });
    await assert.rejects(pausing, { code: 'missing-permission' });
    assert.deepEqual(log, []);
  });

  it('leaves the resume to the next watcher when only the watching ends', async () => {
    const control = new AbortController();
    stacks.after = [{ status: 'UPDATE_IN_PROGRESS' }];
    const onExecute = () => {
      control.abort();
    };
    await assert.rejects(deploy({ signal: control.signal, onExecute }), isAbort);
    assert.equal(dispatch.state.reason, UPDATE_PAUSE);
    assert.equal(await resumeAfterUpdate('media-batch', { stacks, dispatch }), false, 'it is at work');
    stacks.after = [{ status: 'UPDATE_COMPLETE' }];
    assert.equal(await resumeAfterUpdate('media-batch', { stacks, dispatch }), true);
    isResumed();
    assert.equal(await resumeAfterUpdate('media-batch', { stacks, dispatch }), false);
  });

  it('leaves dispatch off where the user asked for that', async () => {
    await deploy({}, { DispatchEnabled: 'false' });
    assert.deepEqual(
      [dispatch.state.state, dispatch.state.reason, dispatch.current.state],
      ['paused', 'Switched off in Deploy Pipeline', 'Disabled'],
    );
  });

  it('keeps and restores what was before the pause of an interrupted update', async () => {
    await pauseDispatch(PIPELINE, UPDATE_PAUSE, dispatch);
    stacks.stack = stackOf('UPDATE_COMPLETE', {
      outputs: OLD_OUTPUTS,
      parameters: { DispatchEnabled: 'true' },
    });
    await deploy();
    const { parameters, previous } = stacks.requests[0]!;
    assert.equal(parameters['DispatchEnabled'], undefined);
    assert.ok(previous.includes('DispatchEnabled'));
    isResumed();
  });

  it('ends the pause of an interrupted update where there is nothing left to update', async () => {
    await pauseDispatch(PIPELINE, UPDATE_PAUSE, dispatch);
    stacks.changeSets = [{ status: 'FAILED', reason: 'No updates are to be performed.' }];
    assert.equal((await deploy()).outcome, 'unchanged');
    isResumed();
  });

  it('ends when the update is cancelled too, in any window', async () => {
    await pauseDispatch(PIPELINE, UPDATE_PAUSE, dispatch);
    stacks.stack = stackOf('UPDATE_IN_PROGRESS');
    stacks.after = [{ status: 'UPDATE_ROLLBACK_IN_PROGRESS' }, { status: 'UPDATE_COMPLETE' }];
    const cancel = () => cancelUpdate('media-batch', stacks, { everyMs: 0 });
    await thenResume('media-batch', { stacks, dispatch }, cancel);
    isResumed();
  });
});
