import assert from 'node:assert/strict';
import { dispatchOf, readPipeline } from '../../../../src/app/stack/pipeline-snapshot.ts';
import { outputsOf } from '../../../../src/app/stack/pipeline.ts';
import { isAbort } from '../../../../src/core/errors.ts';
import type { StackOutputs } from '../../../../src/core/stack/stack-contract.ts';
import type { DispatchState } from '../../../../src/core/stack/dispatch-control.ts';
import { FakeStacks, olderOutputs, stackOf } from '../../../helpers/fake-stacks.ts';
import { awsError, FakeQueues } from '../../../helpers/fakes.ts';
import { FakeControl, FakeAlarms, FakeKeySecret, FakeReconciler } from '../../../helpers/fake-control.ts';

const OUTPUTS = outputsOf('media-batch', stackOf('CREATE_COMPLETE'));

describe('readPipeline', () => {
  let stacks: FakeStacks;
  let queues: FakeQueues;
  let dispatch: FakeControl;
  let reconciler: FakeReconciler;
  let alarms: FakeAlarms;
  let secrets: FakeKeySecret;
  let asked: string[];
  const read = (options = {}) =>
    readPipeline('media-batch', { stacks, queues, dispatch, reconciler, alarms, secrets }, options);

  beforeEach(() => {
    [stacks, queues, dispatch, asked] = [new FakeStacks(), new FakeQueues(), new FakeControl(), []];
    reconciler = new FakeReconciler();
    alarms = new FakeAlarms();
    secrets = new FakeKeySecret();
    stacks.stack = stackOf('CREATE_COMPLETE');
    const depth = queues.depth.bind(queues);
    queues.depth = async (url) => {
      asked.push(url);
      return depth(url);
    };
  });

  it('reads every part', async () => {
    queues.add(OUTPUTS.workQueueUrl, { body: 'a' });
    for (const body of ['b', 'c']) queues.add(OUTPUTS.deadLetterQueueUrl, { body });
    await queues.receive(OUTPUTS.deadLetterQueueUrl, { max: 1 });
    const snapshot = await read();
    assert.ok(Math.abs(snapshot.at - Date.now()) < 60_000);
    assert.deepEqual(
      { ...snapshot, at: 0, reconciler: { ...snapshot.reconciler, at: 0 } },
      {
        at: 0,
        stackName: 'media-batch',
        stack: stackOf('CREATE_COMPLETE'),
        outputs: OUTPUTS,
        queue: { waiting: 1, inFlight: 0, delayed: 0 },
        deadLetters: 2,
        mapping: dispatch.current,
        dispatch: dispatch.state,
        pace: dispatch.pace,
        reconciler: { run: undefined, isScheduled: true, at: 0 },
        alarms: [],
        apiKey: 'unknown',
        problem: undefined,
      },
    );
  });

  describe('tells whether a key is stored', () => {
    const apiKey = async (ApiKeyArn: string) => {
      stacks.stack = stackOf('CREATE_COMPLETE', { parameters: { ApiKeyArn } });
      const { apiKey: state, problem } = await read();
      return [state, problem];
    };

    it('by the versions of the secret that the stack made', async () => {
      assert.deepEqual(await apiKey(''), ['set', undefined]);
      secrets.replaced = false;
      assert.deepEqual(await apiKey(''), ['missing', undefined]);
    });

    it('and does not look into a secret of the user', async () => {
      assert.deepEqual(await apiKey('arn:aws:ssm:eu-west-1:1:parameter/key'), ['unknown', undefined]);
      assert.equal(secrets.asked, 0);
    });

    it('but not to who may not ask, and names every other error', async () => {
      secrets.failure = awsError('missing-permission');
      assert.deepEqual(await apiKey(''), ['unknown', undefined]);
      secrets.failure = awsError('not-found');
      assert.deepEqual(await apiKey(''), ['unknown', secrets.failure]);
    });
  });

  it('keeps the other parts where the alarms may not be read', async () => {
    alarms.rings = [{ id: 'HeldAlarm', since: undefined }];
    assert.deepEqual((await read()).alarms, alarms.rings);
    const denied = new Error('AccessDenied');
    alarms.ringing = async () => Promise.reject(denied);
    const snapshot = await read();
    assert.deepEqual([snapshot.alarms, snapshot.problem, snapshot.deadLetters], [undefined, denied, 0]);
  });

  it('asks a stack of an older template for no reconciler', async () => {
    reconciler.readRun = async () => assert.fail('it has none');
    stacks.stack = stackOf('CREATE_COMPLETE', { outputs: olderOutputs() });
    const snapshot = await read();
    assert.deepEqual([snapshot.reconciler, snapshot.problem], [undefined, undefined]);
  });

  it('shows the rest where the rule may not be read', async () => {
    const denied = awsError('missing-permission');
    reconciler.readRule = async () => Promise.reject(denied);
    const snapshot = await read();
    assert.deepEqual([snapshot.reconciler, snapshot.problem], [undefined, denied]);
    assert.equal(snapshot.mapping, dispatch.current);
  });

  it('makes no other request where there is no stack, or an incomplete one', async () => {
    for (const status of [
      undefined,
      'REVIEW_IN_PROGRESS',
      'CREATE_IN_PROGRESS',
      'ROLLBACK_COMPLETE',
      'DELETE_IN_PROGRESS',
    ]) {
      stacks.stack = status ? stackOf(status) : undefined;
      const { stack, outputs, queue, mapping, problem } = await read({ known: OUTPUTS });
      assert.equal(stack?.status, status);
      assert.deepEqual([outputs, queue, mapping, problem], [undefined, undefined, undefined, undefined]);
    }
    assert.deepEqual(asked, []);
  });

  it('continues to read while the stack is updated', async () => {
    stacks.stack = stackOf('UPDATE_ROLLBACK_IN_PROGRESS');
    assert.equal((await read()).deadLetters, 0);
  });

  it('says that a complete stack is not a Media Batch stack', async () => {
    stacks.stack = stackOf('CREATE_COMPLETE', { outputs: {} });
    const { stack, problem } = await read();
    assert.equal(stack?.status, 'CREATE_COMPLETE');
    assert.equal((problem as { code?: unknown }).code, 'not-deployed');
  });

  it('shows the others when a part is denied', async () => {
    const denied = awsError('missing-permission');
    dispatch.mapping = async () => Promise.reject(denied);
    const { queue, deadLetters, mapping, problem } = await read();
    assert.deepEqual([queue?.waiting, deadLetters, mapping, problem], [0, 0, undefined, denied]);
  });

  it('uses known outputs where the stack may not be described', async () => {
    const denied = awsError('missing-permission');
    stacks.describe = async () => Promise.reject(denied);
    await assert.rejects(read(), denied);
    const { stack, outputs, deadLetters, problem } = await read({ known: OUTPUTS });
    assert.deepEqual([stack, outputs, deadLetters, problem], [undefined, OUTPUTS, 0, denied]);
  });

  it('raises what every part would get: an expired login, no network, a cancel', async () => {
    for (const failure of [awsError('expired-login'), awsError('no-credentials')]) {
      queues.depth = async () => Promise.reject(failure);
      await assert.rejects(read(), failure);
    }
    queues.depth = async () => Promise.reject(new DOMException('', 'AbortError'));
    await assert.rejects(read(), isAbort);
    stacks.describe = async () => Promise.reject(awsError('unreachable'));
    await assert.rejects(read({ known: OUTPUTS }), { code: 'unreachable' });
  });
});

describe('dispatchOf', () => {
  const paused: DispatchState = { state: 'paused', reason: 'HTTP 402', at: undefined, epoch: 0 };
  const running: DispatchState = { state: 'running', reason: undefined, at: undefined, epoch: 0 };
  const of = (state: string | undefined, dispatch: DispatchState | undefined, outputs?: StackOutputs) => {
    const mapping = state === undefined ? undefined : { ...new FakeControl().current, state };
    return dispatchOf({ mapping, dispatch, outputs });
  };

  it('follows the mapping; the control item only gives the reason', () => {
    assert.deepEqual(of('Enabled', paused), { state: 'running' });
    assert.deepEqual(of('Enabling', paused), { state: 'resuming' });
    assert.deepEqual(of('Disabling', paused), { state: 'pausing', reason: 'HTTP 402' });
    assert.deepEqual(of('Disabled', paused), { state: 'paused', reason: 'HTTP 402' });
    const until = '2026-11-23T10:05:00.000Z';
    const waiting: DispatchState = { ...paused, state: 'waiting', until };
    const waits = { state: 'waiting', reason: 'HTTP 402', until: new Date(until) };
    assert.deepEqual(of('Disabled', waiting), waits);
    assert.deepEqual(of('Updating', waiting), waits);
    assert.deepEqual(of('Disabling', waiting), { state: 'pausing', reason: 'HTTP 402' });
    assert.deepEqual(of('Disabled', { ...waiting, until: undefined }), { ...waits, until: undefined });
    assert.deepEqual(of('Disabled', running), { state: 'paused', reason: undefined });
    assert.deepEqual(of('Disabled', undefined), { state: 'paused', reason: undefined });
  });

  it('is not running where the consumer obeys an item that says otherwise', () => {
    const obeyed = { ...paused, epoch: 2 };
    assert.deepEqual(of('Enabled', obeyed, OUTPUTS), { state: 'pausing', reason: 'HTTP 402' });
    assert.equal(of('Enabled', { ...obeyed, state: 'waiting' }, OUTPUTS).state, 'waiting');
    const { reconcilerFunction: _, ...older } = OUTPUTS;
    assert.deepEqual(of('Enabled', obeyed, older), { state: 'running' });
    assert.deepEqual(of('Enabled', paused, OUTPUTS), { state: 'running' });
  });

  it('asks the control item only while the mapping is being tuned', () => {
    assert.equal(of('Updating', paused).state, 'paused');
    assert.equal(of('Updating', running).state, 'running');
    for (const state of ['Updating', 'Deleting', undefined]) {
      assert.deepEqual(of(state, undefined), { state: 'unknown' });
    }
    assert.deepEqual(of(undefined, paused), { state: 'unknown' });
  });
});
