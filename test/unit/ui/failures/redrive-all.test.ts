import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { AwsError } from '../../../../src/core/errors.ts';
import type { QueueService, ReceivedMessage } from '../../../../src/core/batch/queue-service.ts';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { openDeadLetterCommand } from '../../../../src/ui/failures/dead-letter-commands.ts';
import { redriveAllCommand } from '../../../../src/ui/failures/redrive-all.ts';
import { ResultDocuments } from '../../../../src/ui/batches/result-document.ts';
import { DeadLettersView } from '../../../../src/ui/failures/dead-letters-view.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { olderOutputs, stackOf } from '../../../helpers/fake-stacks.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

/** One moment for all letters of a test: their order must not hang on the clock. */
let now = Date.now();

function letter(
  key: string,
  reason = 'invalid_input: cannot read input',
  change: Partial<ReceivedMessage> = {},
) {
  return {
    id: `id ${key}`,
    receipt: `receipt ${key}`,
    body: encodeQueueMessage({ batch: 'b1', bucket: 'film-archive', key, etag: 'e', size: 1 }),
    attributes: {
      failure_class: 'rejected',
      failure_reason: reason,
      attempts: '1',
      failed_at: new Date(now - 240_000).toISOString(),
    },
    group: 'b1',
    receiveCount: 2,
    sentAt: new Date(now - 3_600_000),
    ...change,
  } satisfies ReceivedMessage;
}

/** A dead-letter queue that hands out each message once until it is released. */
function queue(messages: ReceivedMessage[]) {
  const hidden = new Set<string>();
  const calls: string[] = [];
  const services = {
    calls,
    failure: undefined as Error | undefined,
    moves: async () =>
      calls.some((call) => call.startsWith('startMove'))
        ? [{ startedAt: 1, status: 'COMPLETED', moved: messages.length, toMove: undefined }]
        : [],
    startMove: async ({ perSecond }: { perSecond?: number | undefined }) => {
      calls.push(`startMove ${perSecond ?? ''}`);
      if (services.failure) throw services.failure;
      return 'handle';
    },
    depth: async () => ({ waiting: messages.length, inFlight: 0, delayed: 0 }),
    receive: async (_url: string, { max }: { max: number }) => {
      calls.push('receive');
      if (services.failure) throw services.failure;
      const page = messages.filter(({ id }) => !hidden.has(id)).slice(0, max);
      for (const { id } of page) hidden.add(id);
      return page;
    },
    release: async (_url: string, receipts: readonly string[]) => {
      for (const { id, receipt } of messages) if (receipts.includes(receipt)) hidden.delete(id);
    },
  };
  return { services, hidden };
}

function view(messages: ReceivedMessage[], answer?: Answer) {
  const { services: queues, hidden } = queue(messages);
  const services = { queues: queues as unknown as QueueService };
  const made = fixture(answer, { existing: stackOf('UPDATE_COMPLETE'), services });
  const letters = new DeadLettersView(made.ui);
  const tree = made.stub.treeViews.get('mediaBatch.deadLetters');
  assert.ok(tree);
  return { ...made, queues, hidden, letters, tree };
}

const counted = (deadLetters: number) => ({
  reading: { deadLetters, problems: {}, busy: false },
  error: undefined,
});

describe('the Dead Letters view', () => {
  beforeEach(() => {
    now = Date.now();
  });

  it('receives nothing while it is hidden', () => {
    const { queues, watch, tree } = view([letter('a')]);
    watch.tell(counted(1));
    watch.tell(counted(2));
    assert.deepEqual(queues.calls, []);
    tree.setVisible(true);
    assert.deepEqual([...watch.demanded], ['dead-letters']);
  });

  it('groups by reason, the most frequent first, with age, attempts and expiry', async () => {
    const { tree, hidden } = view([letter('x', 'other'), letter('1999/reel 7+8.mov'), letter('b')]);
    const rows = await tree.rows();
    assert.deepEqual(
      rows.map(({ label, description }) => [label, description]),
      [
        ['invalid_input: cannot read input', '2 files, newest 4 min ago'],
        ['other', '1 file, newest 4 min ago'],
      ],
    );
    const [first] = await tree.rows(rows[0]?.node);
    assert.equal(first?.label, '1999/reel 7+8.mov');
    assert.equal(first.description, '4 min ago, 1 attempt, received 2 times, 13 days to expiry');
    assert.equal(hidden.size, 0, 'every message is visible again');
  });

  it('looks again when the number has changed, not at each poll', async () => {
    const { tree, watch, queues } = view([letter('a')]);
    tree.setVisible(true);
    watch.tell(counted(1));
    await tree.rows();
    const looks = queues.calls.length;
    watch.tell(counted(1));
    await tree.rows();
    assert.equal(queues.calls.length, looks);
    watch.tell(counted(2));
    await tree.rows();
    assert.ok(queues.calls.length > looks);
    assert.equal(tree.badge?.value, 2);
    watch.tell(counted(0));
    assert.equal(tree.badge, undefined);
  });

  it('shows unreadable messages and hostile reasons as harmless lines', async () => {
    const { tree, ui, stub } = view([
      letter('u', '\u202Eevil\n', { body: '<script>\u0000', receiveCount: 101, attributes: {} }),
    ]);
    const [group] = await tree.rows();
    const [row] = await tree.rows(group?.node);
    assert.equal(row?.label, 'Unreadable message: <script>\\u{0}');
    assert.doesNotMatch(row.contextValue, /\bfile\b/);
    const documents = new ResultDocuments(ui);
    await openDeadLetterCommand(ui, documents, row.node as ViewNode);
    const content = JSON.parse(stub.documents[0]?.text ?? '') as Record<string, unknown>;
    assert.equal(content['message'], '<script>\u0000');
    assert.equal(content['receive_count'], 101);
  });

  it('shows the error of a look with a way to retry it', async () => {
    const { tree, queues, letters } = view([letter('a')]);
    const details = { operation: 'sqs:ReceiveMessage', awsCode: 'AccessDenied' };
    queues.failure = new AwsError('missing-permission', 'AWS denies sqs:ReceiveMessage.', details);
    const [row] = await tree.rows();
    assert.equal(row?.contextValue, 'error');
    queues.failure = undefined;
    letters.tree.readLevelAgain(row.node as ViewNode);
    assert.equal((await tree.rows())[0]?.label, 'invalid_input: cannot read input');
  });

  it('says why the list is not complete: our own words as they are, others only in the log', async () => {
    const details = { operation: 'sqs:ReceiveMessage', awsCode: 'AccessDenied' };
    for (const [failure, words] of [
      [
        new AwsError('missing-permission', 'AWS denies [it](command:x).', details),
        'AWS denies [it] (command:x).',
      ],
      [
        new TypeError('x is not a function'),
        'Something went wrong inside Media Batch; the log has the details.',
      ],
    ] as const) {
      const { queues, tree, stub } = view(Array.from({ length: 15 }, (_, index) => letter(`f${index}`)));
      const { receive } = queues;
      queues.receive = async (url, options) => {
        if (queues.calls.length > 0) throw failure;
        return receive(url, options);
      };
      assert.equal((await tree.rows()).length, 1);
      while (tree.message === undefined) await setImmediate();
      assert.equal(tree.message, `The list is not complete: ${words}`);
      assert.ok(stub.logged.includes(`warn: ${failure.message}`), stub.logged.join('|'));
      assert.match((await tree.rows())[0]?.description ?? '', /^10 files/, 'the letters so far stay');
    }
  });
});

describe('Redrive All', () => {
  async function redrive(
    answers: ReturnType<Answer>[],
    messages = [letter('a'), letter('b')],
    prepare: (made: ReturnType<typeof view>) => void = () => undefined,
    isShown = true,
  ) {
    const queued = [...answers];
    const made = view(messages, () => queued.shift());
    if (isShown) await made.tree.rows();
    prepare(made);
    const moved: string[] = [];
    made.ui.scopes.present.onNews((news) => moved.push(news));
    const done = redriveAllCommand(made.ui, () => made.letters.groups);
    return { ...made, moved, outcome: await done.catch((error: unknown) => error) };
  }

  it('says how many and why before anything moves', async () => {
    const { stub, queues, outcome } = await redrive([undefined]);
    assert.equal(stub.shown[0]?.text, 'Send about 2 dead letters back to the work queue?');
    assert.match(stub.shown[0].detail ?? '', /2 × invalid_input: cannot read input/);
    assert.equal((outcome as Error).name, 'AbortError');
    assert.ok(!queues.calls.some((call) => call.startsWith('startMove')));
  });

  it('says what is paid, which the stack’s template decides', async () => {
    const { stub } = await redrive([undefined]);
    assert.match(
      stub.shown[0]?.detail ?? '',
      /Fix the cause first, or they come back\.\nFiles that another batch has done meanwhile end as covered/,
    );
    const old = await redrive([undefined], [letter('a')], (made) => {
      made.fake.stacks.stack = stackOf('CREATE_COMPLETE', { outputs: olderOutputs() });
    });
    assert.match(old.stub.shown[0]?.detail ?? '', /or they come back\.\nFiles .* are paid again: run/);
  });

  it('says that the reasons are not known before the view has read the letters', async () => {
    const { stub } = await redrive([undefined], undefined, undefined, false);
    assert.equal(stub.shown[0]?.text, 'Send about 2 dead letters back to the work queue?');
    assert.match(stub.shown[0].detail ?? '', /not known yet: the Dead Letters view shows it/);
  });

  it('moves at the chosen rate and refreshes the views', async () => {
    const { queues, moved, stub, watch } = await redrive(['Continue', 'Another rate…', '25']);
    assert.ok(queues.calls.includes('startMove 25'));
    assert.deepEqual(moved, ['redriven']);
    assert.equal(watch.refreshes, 1);
    assert.equal(stub.context.get('mediaBatch.redriving'), false);
    assert.match(stub.shown.at(-1)?.text ?? '', /went back to the work queue/);
  });

  it('takes a whole rate from 1 to 500 only, and moves nothing on Escape', async () => {
    for (const text of ['0', '501', '2.5', '-1', '1e2', '', 'fast']) {
      const { queues, stub, outcome } = await redrive(['Continue', 'Another rate…', text]);
      assert.equal(stub.shown.at(-1)?.problem, 'Type a whole number from 1 to 500.', text);
      assert.equal((outcome as Error).name, 'AbortError');
      assert.ok(!queues.calls.some((call) => call.startsWith('startMove')));
    }
  });

  it('offers the rate that Ittybit takes, where it is known, and asks about one letter', async () => {
    const mapping = { state: 'Enabled', batchSize: 5, maximumConcurrency: 2 };
    const { queues, stub } = await redrive(
      ['Continue', '10 messages a second'],
      [letter('a')],
      ({ watch }) => {
        watch.last = { pipeline: { stack: undefined, mapping } as never, problems: {}, busy: false };
      },
    );
    assert.equal(stub.shown[0]?.text, 'Send about 1 dead letter back to the work queue?');
    assert.ok(queues.calls.includes('startMove 10'), queues.calls.join());
  });

  it('is no longer under way after an error', async () => {
    const { stub } = await redrive(['Continue', 'As fast as SQS chooses'], undefined, (made) => {
      const details = { operation: 'sqs:StartMessageMoveTask', awsCode: 'x' };
      made.queues.failure = new AwsError('unreachable', 'AWS does not answer.', details);
    });
    assert.equal(stub.context.get('mediaBatch.redriving'), false);
  });

  it('starts a move once, also when the queue is missing', async () => {
    const missing = { operation: 'sqs:StartMessageMoveTask', awsCode: 'ResourceNotFoundException' };
    const answers = ['Continue', 'As fast as SQS chooses', 'Continue', 'As fast as SQS chooses'];
    const { queues, stub, outcome } = await redrive(answers, undefined, (made) => {
      made.queues.failure = new AwsError('not-found', 'There is no such queue.', missing);
    });
    assert.equal((outcome as AwsError).code, 'not-found');
    assert.equal(queues.calls.filter((call) => call.startsWith('startMove')).length, 1);
    assert.equal(stub.shown.length, 2);
  });

  it('does not mention a pause of another stack that was chosen meanwhile', async () => {
    const dispatch = { state: 'paused', at: '2026-11-23T15:00:00.000Z', by: 'consumer' };
    const paused = { pipeline: { stack: undefined, mapping: { state: 'Disabled' }, dispatch } as never };
    const answers = ['Continue', 'As fast as SQS chooses'];
    const here = await redrive(answers, undefined, ({ watch }) => {
      watch.last = { ...paused, problems: {}, busy: false };
    });
    assert.match(
      here.stub.shown.at(-1)?.text ?? '',
      /Dispatch is paused, .* Since .*2026.*, by the consumer\.$/,
    );
    const elsewhere = await redrive(answers, undefined, ({ watch, connection, queues }) => {
      watch.last = { ...paused, problems: {}, busy: false };
      const { moves } = queues;
      queues.moves = async () => {
        const session = { ...connection.session, stackName: 'another' };
        connection.become({ kind: 'ready', session });
        return moves();
      };
    });
    assert.equal(elsewhere.stub.shown.at(-1)?.kind, 'info');
    assert.doesNotMatch(elsewhere.stub.shown.at(-1)?.text ?? '', /paused/);
  });

  it('asks nothing when there is no dead letter', async () => {
    const { stub, queues } = await redrive([], []);
    assert.deepEqual(
      stub.shown.map(({ text }) => text),
      ['There are no dead letters to redrive.'],
    );
    assert.ok(!queues.calls.some((call) => call.startsWith('startMove')));
  });
});
