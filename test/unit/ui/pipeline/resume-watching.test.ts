import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { UPDATE_PAUSE } from '../../../../src/app/stack/live-parameters.ts';
import { AwsError } from '../../../../src/core/errors.ts';
import { resumeWatching } from '../../../../src/ui/pipeline/resume-watching.ts';
import {
  forgetOperation,
  rememberedOperation,
  rememberOperation,
} from '../../../../src/ui/pipeline/remembered-operation.ts';
import type { Session } from '../../../../src/ui/connection/session.ts';
import { watchStackOperation } from '../../../../src/ui/pipeline/stack-operation.ts';
import { eventOf, FakeStacks, stackOf } from '../../../helpers/fake-stacks.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';
import { FakeControl } from '../../../helpers/fake-control.ts';
import { fixture, type Fixture } from '../../../helpers/ui/ui-fixture.ts';

interface Made extends Fixture {
  readonly stacks: FakeStacks;
}

type Target = Partial<Parameters<typeof watchStackOperation>[1]>;

/** A window that was reloaded while an operation was under way. */
function reloaded(change: Partial<Session> = {}, target: Target = {}): Made {
  const stacks = new FakeStacks();
  const made = { ...fixture(undefined, { services: { stacks } }), stacks };
  const { session } = made.connection;
  rememberOperation(
    made.ui,
    { ...session, ...change },
    watchStackOperation(session, { stackName: 'media-batch', kind: 'deploy', ...target }),
  );
  return made;
}

async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns += 1) {
    assert.ok(turns < 1000, 'it never came');
    await setImmediate();
  }
}

const connect = ({ connection }: Made): void => {
  connection.become({ kind: 'ready', session: connection.session });
};

describe('after a reload of the window', () => {
  let timers: FastTimers;
  beforeEach(() => {
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  it('attaches to the operation once something else has connected, and says how it ended', async () => {
    const made = reloaded();
    let looks = 0;
    made.stacks.history = [eventOf(1, 'WorkQueue', 'CREATE_IN_PROGRESS')];
    made.stacks.stack = stackOf('CREATE_IN_PROGRESS');
    made.stacks.onDescribe = () => {
      looks += 1;
      if (looks === 3) made.stacks.stack = stackOf('CREATE_COMPLETE');
    };
    const resumed = resumeWatching(made.ui);
    assert.deepEqual(made.connection.uses, [], 'activation sends no request');
    connect(made);
    connect(made);
    await until(() => made.stub.shown.length > 0);
    assert.deepEqual(made.connection.uses, [{ ask: false }]);
    assert.match(made.stub.shown[0]?.text ?? '', /"media-batch" is deployed/);
    assert.equal(made.ui.operations.current?.events.length, 1);
    assert.equal(made.ui.operations.current.running, false);
    assert.equal(rememberedOperation(made.ui), undefined);
    resumed.dispose();
  });

  it('knows that the new stack goes on with the table of a deleted one', async () => {
    const made = reloaded({}, { takesOver: 'media-batch-ResultsTable-1ABC' });
    made.stacks.stack = stackOf('CREATE_COMPLETE');
    const resumed = resumeWatching(made.ui);
    connect(made);
    await until(() => made.stub.shown.length > 0);
    assert.match(made.stub.shown[0]?.text ?? '', /goes on with the results in media-batch-ResultsTable-1ABC/);
    assert.deepEqual(made.stub.shown[0]?.choices, ['Set Ittybit API Key…', 'Send Dead Files Again…']);
    resumed.dispose();
  });

  it('finds a stack by its id that has gone meanwhile', async () => {
    const made = reloaded({}, { kind: 'delete', stackId: 'arn:stack/1', resultsTable: 'results' });
    const asked: string[] = [];
    made.stacks.describe = async (name) => {
      asked.push(name);
      return stackOf('DELETE_COMPLETE');
    };
    resumeWatching(made.ui);
    connect(made);
    await until(() => made.stub.shown.length > 0);
    assert.ok(asked.every((name) => name === 'arn:stack/1'));
    assert.match(made.stub.shown[0]?.text ?? '', /"media-batch" is deleted\. .* results/);
  });

  describe('in the middle of an update that pauses dispatch', () => {
    const paused = (phase: 'pausing' | 'begun', status: string) => {
      const dispatch = new FakeControl();
      dispatch.state = { state: 'paused', reason: UPDATE_PAUSE, at: undefined, epoch: 0 };
      const stacks = new FakeStacks();
      stacks.stack = stackOf(status);
      const made = { ...fixture(undefined, { services: { stacks, dispatch } }), stacks };
      const { session } = made.connection;
      rememberOperation(
        made.ui,
        session,
        watchStackOperation(session, { stackName: 'media-batch', kind: 'deploy' }),
        phase,
      );
      resumeWatching(made.ui);
      connect(made);
      return { ...made, dispatch };
    };

    it('resumes where AWS had not begun, and says why', async () => {
      const made = paused('pausing', 'UPDATE_COMPLETE');
      await until(() => made.stub.shown.length > 0);
      assert.match(
        made.stub.shown[0]?.text ?? '',
        /is resumed: it was paused for an update that was interrupted/,
      );
      assert.equal(made.dispatch.state.state, 'running');
      assert.equal(rememberedOperation(made.ui), undefined);
    });

    it('leaves a pause alone that is not of the update', async () => {
      const made = paused('pausing', 'UPDATE_COMPLETE');
      made.dispatch.state = { state: 'paused', reason: 'by hand in VS Code', at: undefined, epoch: 0 };
      await until(() => rememberedOperation(made.ui) === undefined);
      assert.deepEqual([made.dispatch.calls, made.stub.shown], [[], []]);
    });

    for (const phase of ['pausing', 'begun'] as const) {
      it(`watches what AWS had begun to its end, and resumes then (${phase})`, async () => {
        const made = paused(phase, 'UPDATE_IN_PROGRESS');
        let looks = 0;
        made.stacks.onDescribe = () => {
          looks += 1;
          if (looks < 4) assert.equal(made.dispatch.state.state, 'paused');
          else made.stacks.stack = stackOf('UPDATE_COMPLETE');
        };
        await until(() => made.stub.shown.length > 0);
        assert.match(made.stub.shown[0]?.text ?? '', /is updated/);
        assert.equal(made.dispatch.state.state, 'running');
      });
    }
  });

  it('shows a failure with its first real cause', async () => {
    const made = reloaded();
    made.stacks.history = [eventOf(1, 'Role', 'CREATE_FAILED', 'denied [x](command:y)\u202e')];
    made.stacks.stack = stackOf('ROLLBACK_COMPLETE');
    resumeWatching(made.ui);
    connect(made);
    await until(() => made.stub.shown.length > 0);
    assert.equal(made.stub.shown[0]?.kind, 'error');
    assert.match(made.stub.shown[0].text, /Role \(AWS::SQS::Queue\): denied \[x\] \(command:y\)\\u\{202e\}/);
    assert.equal(rememberedOperation(made.ui), undefined);
  });

  for (const [name, change] of Object.entries({
    account: { account: '999999999999' },
    region: { region: 'us-east-1' },
    endpoint: { endpoint: 'http://localhost:4566' },
  })) {
    it(`leaves it alone where the connection is to another ${name}`, async () => {
      const made = reloaded(change);
      resumeWatching(made.ui);
      connect(made);
      await setImmediate();
      assert.deepEqual(made.connection.uses, []);
      assert.ok(rememberedOperation(made.ui));
    });
  }

  it('does not attach to what this window is watching itself', async () => {
    const made = reloaded();
    made.ui.operations.begin({ stackName: 'media-batch', kind: 'deploy' }, () => undefined);
    resumeWatching(made.ui);
    connect(made);
    await setImmediate();
    assert.deepEqual(made.connection.uses, []);
  });

  it('keeps it in mind when only the connection failed, for the next one', async () => {
    const made = reloaded();
    made.stacks.describe = async () => {
      throw new AwsError('unreachable', 'no network', { operation: 'DescribeStacks', awsCode: 'ENOTFOUND' });
    };
    resumeWatching(made.ui);
    connect(made);
    await until(() => made.stub.logged.includes('warn: no network'));
    assert.equal(made.stub.shown.length, 0);
    assert.ok(rememberedOperation(made.ui));
    await setImmediate();
    made.stacks.describe = async () => stackOf('UPDATE_COMPLETE');
    connect(made);
    await until(() => made.stub.shown.length > 0);
    assert.match(made.stub.shown[0]?.text ?? '', /is updated/);
  });

  it('lets an operation of days ago rest', async () => {
    const made = reloaded();
    const old = { ...rememberedOperation(made.ui), startedAt: Date.now() - 25 * 3_600_000 };
    await made.ui.memory.workspace.update('mediaBatch.stackOperation', old);
    resumeWatching(made.ui);
    connect(made);
    await setImmediate();
    assert.deepEqual(made.connection.uses, []);
    assert.equal(rememberedOperation(made.ui), undefined);
  });

  it('does nothing where there is nothing, or nothing that can be read', async () => {
    const made = reloaded();
    forgetOperation(made.ui);
    await made.ui.memory.workspace.update('mediaBatch.stackOperation', 'garbage');
    resumeWatching(made.ui);
    connect(made);
    await setImmediate();
    assert.deepEqual(made.connection.uses, []);
  });
});
