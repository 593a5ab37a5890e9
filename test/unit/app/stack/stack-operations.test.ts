import assert from 'node:assert/strict';
import { whatStays } from '../../../../src/app/stack/data-at-risk.ts';
import {
  cancelUpdate,
  continueRollback,
  deletePipeline,
  watchStack,
  type OperationOptions,
} from '../../../../src/app/stack/stack-operations.ts';
import { StackEventFeed } from '../../../../src/app/stack/stack-events.ts';
import { isAbort } from '../../../../src/core/errors.ts';
import type { Stack, StackEvent, StackService } from '../../../../src/core/stack/stack-service.ts';
import { awsError } from '../../../helpers/fakes.ts';

const ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/media-batch/1';
const STACK = 'AWS::CloudFormation::Stack';

interface Look {
  /** undefined: the stack is gone */
  readonly status: string | undefined;
  readonly events?: readonly StackEvent[];
  readonly reason?: string;
}

let serial = 0;
const event = (logicalId: string, status: string, reason?: string, token?: string): StackEvent => {
  const type = logicalId === 'media-batch' ? STACK : 'AWS::SQS::Queue';
  return { id: `e${(serial += 1)}`, at: new Date(serial), logicalId, type, status, reason, token };
};

/** One stack whose states are scripted; it records the requests. */
class ScriptedStacks implements StackService {
  readonly calls: string[] = [];
  readonly history: StackEvent[];
  pagesRead = 0;
  eventsFail = false;
  readonly #looks: Look[];

  constructor(history: readonly StackEvent[], ...looks: readonly Look[]) {
    this.history = [...history];
    this.#looks = [...looks];
  }

  async describe(name: string, signal?: AbortSignal): Promise<Stack | undefined> {
    signal?.throwIfAborted();
    this.calls.push(`describe ${name === ID ? 'id' : name}`);
    const look = this.#looks.length > 1 ? this.#looks.shift() : this.#looks[0];
    if (this.calls.length > 50) throw new Error('polls for ever');
    this.history.push(...(look?.events?.filter((each) => !this.history.includes(each)) ?? []));
    if (look?.status === undefined) return undefined;
    const { status, reason } = look;
    return { id: ID, status, reason, outputs: { A: 'b' }, parameters: {}, tags: {}, changedAt: undefined };
  }

  async *events(): AsyncGenerator<readonly StackEvent[]> {
    if (this.eventsFail && this.calls.length > 1) throw awsError('not-found');
    const newestFirst = this.history.toReversed();
    for (let i = 0; i < Math.max(1, newestFirst.length); i += 2) {
      this.pagesRead += 1;
      yield newestFirst.slice(i, i + 2);
    }
  }

  async cancelUpdate(): Promise<void> {
    this.calls.push('cancelUpdate');
  }
  async continueRollback(): Promise<void> {
    this.calls.push('continueRollback');
  }
  async deleteStack(): Promise<void> {
    this.calls.push('deleteStack');
  }
  async list() {
    return [];
  }
  async ownerOf() {
    return undefined;
  }
  createChangeSet = unexpected;
  describeChangeSet = unexpected;
  executeChangeSet = unexpected;
  deleteChangeSet = unexpected;
}

async function unexpected(): Promise<never> {
  throw new Error('not to be called');
}

const OLD = [
  event('media-batch', 'CREATE_IN_PROGRESS', 'User Initiated'),
  event('Queue', 'CREATE_FAILED', 'an old failure'),
  event('media-batch', 'CREATE_COMPLETE'),
];
const START = event('media-batch', 'UPDATE_IN_PROGRESS', 'User Initiated');
const FAST = { everyMs: 0 };

const seeing = (): { options: OperationOptions; seen: string[] } => {
  const seen: string[] = [];
  return {
    seen,
    options: { ...FAST, onEvent: ({ logicalId, status }) => seen.push(`${logicalId} ${status}`) },
  };
};

describe('watchStack', () => {
  it('shows an operation under way from its start, and how it ended', async () => {
    const { seen, options } = seeing();
    const stacks = new ScriptedStacks(
      [...OLD, START, event('Queue', 'UPDATE_IN_PROGRESS')],
      { status: 'UPDATE_IN_PROGRESS' },
      { status: 'UPDATE_IN_PROGRESS', events: [event('Queue', 'UPDATE_COMPLETE')] },
      { status: 'UPDATE_COMPLETE', events: [event('media-batch', 'UPDATE_COMPLETE')] },
    );
    const result = await watchStack('media-batch', stacks, options);
    assert.deepEqual(result, { outcome: 'updated', outputs: { A: 'b' } });
    assert.deepEqual(seen, [
      'media-batch UPDATE_IN_PROGRESS',
      'Queue UPDATE_IN_PROGRESS',
      'Queue UPDATE_COMPLETE',
      'media-batch UPDATE_COMPLETE',
    ]);
    assert.deepEqual(stacks.calls, ['describe media-batch', 'describe id', 'describe id']);
  });

  it('uses the token where there is one, and the end of the operation before where the start is unknown', async () => {
    const open = async (history: readonly StackEvent[]) => {
      const feed = await StackEventFeed.ofOperation(ID, new ScriptedStacks(history));
      return (await feed.next()).map(({ logicalId, status }) => `${logicalId} ${status}`);
    };
    const tokens = [
      event('media-batch', 'UPDATE_IN_PROGRESS', undefined, 'one'),
      event('Queue', 'UPDATE_COMPLETE', undefined, 'one'),
      event('Queue', 'DELETE_IN_PROGRESS', undefined, 'two'),
      event('Queue', 'DELETE_COMPLETE', undefined, 'two'),
    ];
    assert.deepEqual(await open(tokens), ['Queue DELETE_IN_PROGRESS', 'Queue DELETE_COMPLETE']);
    assert.deepEqual(await open([...OLD, event('Queue', 'UPDATE_IN_PROGRESS')]), [
      'Queue UPDATE_IN_PROGRESS',
    ]);
    assert.equal((await open(OLD)).length, 3);
    assert.deepEqual(await open([]), []);
  });

  it('reads no page from before the start', async () => {
    const stacks = new ScriptedStacks([...OLD, ...OLD, ...OLD, START], { status: 'UPDATE_COMPLETE' });
    await StackEventFeed.ofOperation(ID, stacks);
    assert.equal(stacks.pagesRead, 1);
  });

  it('tells the first real cause, without old failures, and what to do', async () => {
    const stacks = new ScriptedStacks(
      [...OLD, START],
      { status: 'UPDATE_IN_PROGRESS' },
      {
        status: 'UPDATE_ROLLBACK_FAILED',
        events: [
          event('Table', 'UPDATE_FAILED', 'Resource update cancelled'),
          event('Queue', 'UPDATE_FAILED', 'Access denied.'),
        ],
      },
    );
    await assert.rejects(watchStack('media-batch', stacks, FAST), {
      code: 'deploy-failed',
      resource: 'Queue',
      message:
        /UPDATE_ROLLBACK_FAILED: Queue \(AWS::SQS::Queue\): Access denied\. Run "Media Batch: Continue Update Rollback"/,
    });
    const created = new ScriptedStacks([], { status: 'ROLLBACK_COMPLETE', reason: 'no luck' });
    await assert.rejects(watchStack('media-batch', created, FAST), {
      message: /no luck\. It must be deleted first: run "Media Batch: Delete Pipeline"/,
    });
  });

  it('tolerates an AWS that is unreachable for a while: the stack continues meanwhile', async () => {
    const stacks = new ScriptedStacks([], { status: 'UPDATE_IN_PROGRESS' }, { status: 'UPDATE_COMPLETE' });
    const describe = stacks.describe.bind(stacks);
    let looks = 0;
    stacks.describe = async (...args) => {
      looks += 1;
      if (looks === 2 || looks === 3) throw awsError('unreachable');
      return describe(...args);
    };
    assert.equal((await watchStack('media-batch', stacks, { everyMs: 0 })).outcome, 'updated');
  });

  it('says that there is no stack', async () => {
    const stacks = new ScriptedStacks([], { status: undefined });
    await assert.rejects(watchStack('media-batch', stacks, FAST), { code: 'not-deployed' });
  });
});

describe('cancelUpdate', () => {
  it('follows the rollback', async () => {
    const { seen, options } = seeing();
    const stacks = new ScriptedStacks(
      [...OLD, START],
      { status: 'UPDATE_IN_PROGRESS' },
      { status: 'UPDATE_IN_PROGRESS' },
      {
        status: 'UPDATE_ROLLBACK_IN_PROGRESS',
        events: [event('Queue', 'UPDATE_FAILED', 'Resource update cancelled')],
      },
      { status: 'UPDATE_ROLLBACK_COMPLETE' },
    );
    const result = await cancelUpdate('media-batch', stacks, options);
    assert.deepEqual(result, { outcome: 'rolled-back', outputs: { A: 'b' } });
    assert.deepEqual(seen, ['Queue UPDATE_FAILED']);
    assert.equal(stacks.calls[1], 'cancelUpdate');
  });

  it('says when the update had finished before', async () => {
    const stacks = new ScriptedStacks(OLD, { status: 'UPDATE_IN_PROGRESS' }, { status: 'UPDATE_COMPLETE' });
    assert.equal((await cancelUpdate('media-batch', stacks, FAST)).outcome, 'updated');
  });

  it('makes no request for a stack without an update', async () => {
    for (const status of ['UPDATE_COMPLETE', 'CREATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS']) {
      const stacks = new ScriptedStacks(OLD, { status });
      await assert.rejects(cancelUpdate('media-batch', stacks, FAST), { code: 'conflict' });
      assert.deepEqual(stacks.calls, ['describe media-batch']);
    }
  });
});

describe('continueRollback', () => {
  it('does not take the state before the request for the end', async () => {
    const stacks = new ScriptedStacks(
      OLD,
      { status: 'UPDATE_ROLLBACK_FAILED' },
      { status: 'UPDATE_ROLLBACK_FAILED' },
      { status: 'UPDATE_ROLLBACK_FAILED' },
      { status: 'UPDATE_ROLLBACK_IN_PROGRESS' },
      { status: 'UPDATE_ROLLBACK_COMPLETE' },
    );
    assert.equal((await continueRollback('media-batch', stacks, FAST)).outcome, 'rolled-back');
  });

  it('tells why it failed again, even when AWS gives no reason', async () => {
    const stacks = new ScriptedStacks(
      OLD,
      { status: 'UPDATE_ROLLBACK_FAILED' },
      {
        status: 'UPDATE_ROLLBACK_FAILED',
        events: [event('Queue', 'UPDATE_FAILED', 'Access denied')],
      },
    );
    await assert.rejects(continueRollback('media-batch', stacks, FAST), {
      code: 'deploy-failed',
      message: /Access denied\. Run "Media Batch: Continue Update Rollback"/,
    });
    const silent = new ScriptedStacks(OLD, { status: 'UPDATE_ROLLBACK_FAILED' });
    await assert.rejects(continueRollback('media-batch', silent, FAST), { code: 'deploy-failed' });
  });

  it('makes no request for a stack without a failed rollback', async () => {
    const stacks = new ScriptedStacks(OLD, { status: 'UPDATE_COMPLETE' });
    await assert.rejects(continueRollback('media-batch', stacks, FAST), { code: 'conflict' });
    assert.deepEqual(stacks.calls, ['describe media-batch']);
  });
});

describe('deletePipeline', () => {
  const kept = event('ResultsTable', 'DELETE_SKIPPED');

  it('follows the deletion by id to its end, and says what stays', async () => {
    for (const end of [{ status: 'DELETE_COMPLETE' }, { status: undefined }]) {
      const stacks = new ScriptedStacks(
        OLD,
        { status: 'UPDATE_COMPLETE' },
        { status: 'DELETE_IN_PROGRESS', events: [event('Queue', 'DELETE_COMPLETE'), kept] },
        end,
      );
      assert.deepEqual(await deletePipeline('media-batch', stacks, FAST), {
        outcome: 'deleted',
        kept: [{ logicalId: 'ResultsTable', type: 'AWS::SQS::Queue' }],
      });
      assert.deepEqual(stacks.calls.slice(1, 3), ['deleteStack', 'describe id']);
    }
  });

  it('counts a stack as deleted when its events are gone too', async () => {
    const stacks = new ScriptedStacks(OLD, { status: 'CREATE_COMPLETE' }, { status: undefined });
    stacks.eventsFail = true;
    assert.deepEqual(await deletePipeline('media-batch', stacks, FAST), { outcome: 'deleted', kept: [] });
  });

  it('tells the first real cause of a failed deletion', async () => {
    const stacks = new ScriptedStacks(
      OLD,
      { status: 'DELETE_FAILED' },
      { status: 'DELETE_FAILED' },
      { status: 'DELETE_IN_PROGRESS' },
      { status: 'DELETE_FAILED', events: [event('Queue', 'DELETE_FAILED', 'Access denied')] },
    );
    await assert.rejects(deletePipeline('media-batch', stacks, FAST), {
      code: 'deploy-failed',
      resource: 'Queue',
      message: /could not be deleted: Queue .*: Access denied\. Fix that/,
    });
  });

  it('follows a running deletion, and refuses while the stack is updated', async () => {
    const stacks = new ScriptedStacks(
      [...OLD, event('media-batch', 'DELETE_IN_PROGRESS', 'User Initiated'), kept],
      { status: 'DELETE_IN_PROGRESS' },
      { status: 'DELETE_IN_PROGRESS' },
      { status: 'DELETE_COMPLETE' },
    );
    const result = await deletePipeline('media-batch', stacks, FAST);
    assert.equal(result.outcome === 'deleted' && result.kept.length, 1);
    assert.equal(stacks.calls.includes('deleteStack'), false);
    for (const status of ['UPDATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS']) {
      const busy = new ScriptedStacks(OLD, { status });
      await assert.rejects(deletePipeline('media-batch', busy, FAST), { code: 'stack-busy' });
      assert.deepEqual(busy.calls, ['describe media-batch']);
    }
  });

  it('makes no request after a cancel, and after the request only stops watching', async () => {
    const early = new ScriptedStacks(OLD, { status: 'CREATE_COMPLETE' });
    await assert.rejects(deletePipeline('media-batch', early, { signal: AbortSignal.abort() }), isAbort);
    assert.deepEqual(early.calls, []);
    const late = new ScriptedStacks(OLD, { status: 'CREATE_COMPLETE' }, { status: 'DELETE_IN_PROGRESS' });
    const control = new AbortController();
    const onExecute = () => {
      control.abort();
    };
    await assert.rejects(
      deletePipeline('media-batch', late, { ...FAST, signal: control.signal, onExecute }),
      isAbort,
    );
    assert.deepEqual(late.calls, ['describe media-batch', 'deleteStack']);
  });
});

describe('whatStays', () => {
  it("names the table as what stays, and leaves out a key in the user's own secret", () => {
    const ids = (parameters: Record<string, string>) => {
      const { stays, goes } = whatStays({ parameters });
      return [stays, goes].map((list) => list.map(({ logicalId }) => logicalId));
    };
    const [stays, goes] = ids({ ApiKeyArn: '' });
    assert.deepEqual(stays, ['ResultsTable']);
    assert.ok(
      goes?.includes('WorkQueue') && goes.includes('DeadLetterQueue') && goes.includes('MediaBatchApiKey'),
    );
    assert.equal(
      ids({ ApiKeyArn: 'arn:aws:ssm:eu-west-1:1:parameter/k' })[1]?.includes('MediaBatchApiKey'),
      false,
    );
  });
});
