import assert from 'node:assert/strict';
import type { Stack } from '../../../../src/core/stack/stack-service.ts';
import { AwsError, isAbort } from '../../../../src/core/errors.ts';
import { rememberedOperation } from '../../../../src/ui/pipeline/remembered-operation.ts';
import { showOutcome } from '../../../../src/ui/pipeline/stack-outcome.ts';
import { runOperation } from '../../../../src/ui/pipeline/run-operation.ts';
import {
  cancelUpdateOperation,
  watchStackOperation,
  type StackOutcome,
  type StackOperation,
} from '../../../../src/ui/pipeline/stack-operation.ts';
import { eventOf, FakeStacks, stackOf } from '../../../helpers/fake-stacks.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';
import type { Shown } from '../../../helpers/ui/vscode-stub.ts';
import { fixture, type Fixture } from '../../../helpers/ui/ui-fixture.ts';

interface Made extends Fixture {
  readonly stacks: FakeStacks;
}

/** Presses Cancel at the third look, then answers the question with this button. */
function cancelling(stack: Stack, button: string | undefined): Made {
  const stacks = new FakeStacks();
  stacks.stack = stack;
  const made = {
    ...fixture(({ modal }: Shown) => (modal ? button : undefined), { services: { stacks } }),
    stacks,
  };
  let looks = 0;
  stacks.onDescribe = () => {
    looks += 1;
    if (looks === 3) made.stub.cancel();
    // It ends in any case, so that a test that waits for more fails and does not hang.
    if (looks === 40) stacks.stack = stackOf(stack.status.replace('IN_PROGRESS', 'COMPLETE'));
  };
  return made;
}

const watching = ({ connection }: Made): StackOperation =>
  watchStackOperation(connection.session, { stackName: 'media-batch', kind: 'deploy' });

const run = (made: Made, operation = watching(made)): Promise<StackOutcome> =>
  runOperation(made.ui, made.connection.session, operation);

const done = ({ stacks }: Made): string[] => stacks.calls.filter((call) => !call.startsWith('describe'));

describe('a stack operation', () => {
  let timers: FastTimers;
  beforeEach(() => {
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('asks what a cancel means during an update, and rolls it back', async () => {
    const made = cancelling(stackOf('UPDATE_IN_PROGRESS'), 'Roll Back the Update');
    made.stacks.history = [eventOf(1, 'Consumer', 'UPDATE_IN_PROGRESS')];
    made.stacks.after = [
      {
        status: 'UPDATE_ROLLBACK_COMPLETE',
        events: [eventOf(2, 'Consumer', 'UPDATE_FAILED', 'Resource update cancelled')],
      },
    ];
    assert.equal((await run(made)).outcome, 'rolled-back');
    assert.deepEqual(made.stub.shown[0]?.choices, ['Stop Watching', 'Roll Back the Update']);
    assert.deepEqual(done(made), ['cancelUpdate']);
    const { current } = made.ui.operations;
    assert.equal(current?.running, false);
    assert.equal(current.events.length, 2, 'what was seen before the cancel stays');
    assert.equal(current.failure, undefined, 'a cancel is no failure');
    assert.equal(rememberedOperation(made.ui), undefined);
  });

  it('deletes a stack that is being created', async () => {
    const made = cancelling(stackOf('CREATE_IN_PROGRESS'), 'Delete the Stack');
    assert.equal((await run(made)).outcome, 'deleted');
    assert.deepEqual(made.stub.shown[0]?.choices, ['Stop Watching', 'Delete the Stack']);
    assert.deepEqual(done(made), ['deleteStack']);
  });

  it('leaves AWS at work when only the watching is to end, and does not come back to it', async () => {
    const made = cancelling(stackOf('UPDATE_IN_PROGRESS'), 'Stop Watching');
    assert.equal((await run(made)).outcome, 'unwatched');
    assert.deepEqual(done(made), []);
    assert.equal(made.ui.operations.current?.running, false);
    assert.equal(rememberedOperation(made.ui), undefined);
  });

  it('says so and keeps it in mind where dispatch waits for the end of what is watched no longer', async () => {
    const made = cancelling(stackOf('UPDATE_IN_PROGRESS'), 'Stop Watching');
    const end = await run(made, { ...watching(made), paused: true });
    assert.deepEqual(end, { outcome: 'unwatched', paused: true });
    const { phase, paused } = rememberedOperation(made.ui) ?? {};
    assert.deepEqual([phase, paused], ['begun', true]);
    await showOutcome(made.ui, watching(made), end);
    assert.match(made.stub.shown.at(-1)?.text ?? '', /Dispatch stays paused: resume it there/);
  });

  it('says each phase of an update that pauses dispatch, and is remembered from its first on', async () => {
    const made = cancelling(stackOf('UPDATE_COMPLETE'), undefined);
    const phases: (string | undefined)[] = [];
    const operation: StackOperation = {
      stackName: 'media-batch',
      kind: 'deploy',
      begin: async ({ onPhase, onExecute }) => {
        for (const phase of ['pausing', 'draining', 'updating'] as const) {
          onPhase(phase);
          phases.push(rememberedOperation(made.ui)?.phase);
        }
        onExecute();
        phases.push(rememberedOperation(made.ui)?.phase);
        onPhase('resuming');
        return { outcome: 'updated', outputs: {} };
      },
    };
    await run(made, operation);
    assert.deepEqual(phases, ['pausing', 'pausing', 'pausing', 'begun']);
    assert.equal(rememberedOperation(made.ui), undefined);
    assert.ok(made.stub.progress.includes('resuming dispatch'), made.stub.progress.join('|'));
  });

  it('forgets an update that was cancelled while dispatch was being paused for it', async () => {
    const made = cancelling(stackOf('UPDATE_COMPLETE'), undefined);
    const operation: StackOperation = {
      stackName: 'media-batch',
      kind: 'deploy',
      begin: async ({ onPhase, signal }) => {
        onPhase('pausing');
        await new Promise((resolve) => setImmediate(resolve));
        made.stub.cancel();
        signal?.throwIfAborted();
        return { outcome: 'unchanged' };
      },
    };
    await assert.rejects(run(made, operation), isAbort);
    assert.equal(rememberedOperation(made.ui), undefined);
  });

  it('continues where Escape closes the question', async () => {
    const made = cancelling(stackOf('UPDATE_IN_PROGRESS'), undefined);
    assert.equal((await run(made)).outcome, 'updated');
    assert.equal(made.stub.shown.length, 1);
  });

  it('watches the update further where its rollback is refused, and says why', async () => {
    const made = cancelling(stackOf('UPDATE_IN_PROGRESS'), 'Roll Back the Update');
    const details = { operation: 'cloudformation:CancelUpdateStack', awsCode: 'AccessDenied' };
    made.stacks.cancelUpdate = () =>
      Promise.reject(new AwsError('missing-permission', 'AWS denies [it](command:x).', details));
    assert.equal((await run(made)).outcome, 'updated');
    const [question, error] = made.stub.shown;
    assert.equal(question?.text, 'Stop watching the stack "media-batch"?');
    assert.deepEqual([error?.kind, error?.text], ['error', 'AWS denies [it] (command:x).']);
    assert.equal(made.ui.operations.current?.kind, 'deploy');
    assert.equal(rememberedOperation(made.ui), undefined);
  });

  it('asks about a cancel also where AWS does not say how the stack is', async () => {
    const made = cancelling(stackOf('UPDATE_IN_PROGRESS'), 'Stop Watching');
    const look = made.stacks.describe.bind(made.stacks);
    let looks = 0;
    made.stacks.describe = (name, signal) => {
      looks += 1;
      // Only the question describes the stack without a signal.
      if (!signal && looks > 1) return Promise.reject(new Error('no answer'));
      return look(name, signal);
    };
    assert.equal((await run(made)).outcome, 'unwatched');
    assert.deepEqual(made.stub.shown[0]?.choices, ['Stop Watching'], 'nothing that may not fit is offered');
    assert.ok(made.stub.logged.includes('warn: no answer'), made.stub.logged.join('|'));
  });

  it('offers nothing to take back where nothing can be', async () => {
    const made = cancelling(stackOf('UPDATE_ROLLBACK_IN_PROGRESS'), 'Stop Watching');
    await run(made);
    assert.deepEqual(made.stub.shown[0]?.choices, ['Stop Watching']);
  });

  it('gives way to another operation of this window, which alone tells the end', async () => {
    const made = cancelling(stackOf('UPDATE_IN_PROGRESS'), undefined);
    made.stacks.onDescribe = () => undefined;
    made.stacks.after = [{ status: 'UPDATE_ROLLBACK_COMPLETE' }];
    const first = run(made);
    const second = run(made, cancelUpdateOperation(made.connection.session, 'media-batch'));
    assert.deepEqual([(await first).outcome, (await second).outcome], ['replaced', 'rolled-back']);
    assert.equal(made.ui.operations.current?.kind, 'cancel');
  });

  it('is remembered while it runs, and after a connection that was lost', async () => {
    const made = cancelling(stackOf('UPDATE_IN_PROGRESS'), undefined);
    let looks = 0;
    made.stacks.onDescribe = () => {
      looks += 1;
      if (looks < 3) return;
      assert.equal(rememberedOperation(made.ui)?.stackName, 'media-batch');
      throw new AwsError('expired-login', 'log in', { operation: 'DescribeStacks', awsCode: 'ExpiredToken' });
    };
    await assert.rejects(run(made), { code: 'expired-login' });
    assert.equal(rememberedOperation(made.ui)?.stackName, 'media-batch');
    assert.equal(made.ui.operations.current?.running, false);
  });

  it('is silent when it is cancelled before AWS has begun', async () => {
    const made = cancelling(stackOf('UPDATE_COMPLETE'), undefined);
    const operation: StackOperation = {
      stackName: 'media-batch',
      kind: 'deploy',
      begin: async ({ signal }) => {
        await new Promise((resolve) => setImmediate(resolve));
        made.stub.cancel();
        signal?.throwIfAborted();
        return { outcome: 'unchanged' };
      },
    };
    await assert.rejects(run(made, operation), isAbort);
    assert.equal(made.ui.operations.current, undefined);
    assert.deepEqual(made.stub.shown, []);
  });

  it('logs and reports hostile text as it is', async () => {
    const made = cancelling(stackOf('UPDATE_COMPLETE'), undefined);
    made.stacks.onDescribe = () => undefined;
    made.stacks.history = [eventOf(1, 'A\u202e', 'UPDATE_FAILED', 'why\ninfo: all is well')];
    await run(made);
    const all = [...made.stub.logged, ...made.stub.progress];
    assert.ok(all.some((line) => line.startsWith('warn: UPDATE_FAILED A\\u{202e}')));
    for (const line of all) assert.doesNotMatch(line, /[\u202e\n]/);
  });
});
