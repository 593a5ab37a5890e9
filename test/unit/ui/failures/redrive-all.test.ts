import assert from 'node:assert/strict';
import { AwsError } from '../../../../src/core/errors.ts';
import { redriveAllCommand } from '../../../../src/ui/failures/redrive-all.ts';
import type { Answer } from '../../../helpers/ui/vscode-stub.ts';
import { olderOutputs, stackOf } from '../../../helpers/fake-stacks.ts';
import { leftOut } from '../../../../src/core/batch/left-out.ts';
import { awsError } from '../../../helpers/fakes.ts';
import { dead, failed, failuresWorld, letter, metaOf } from '../../../helpers/ui/failures-world.ts';

describe('Redrive All', () => {
  async function redrive(
    answers: ReturnType<Answer>[],
    messages = [letter('a'), letter('b')],
    prepare: (made: ReturnType<typeof failuresWorld>) => void = () => undefined,
    isShown = true,
  ) {
    const queued = [...answers];
    const made = failuresWorld({ letters: messages }, () => queued.shift());
    if (isShown) await made.tree.rows();
    prepare(made);
    const moved: string[] = [];
    made.ui.scopes.present.onNews((news) => moved.push(news));
    const done = redriveAllCommand(made.ui, made.failures);
    return { ...made, moved, outcome: await done.catch((error: unknown) => error) };
  }

  it('says how many and why before anything moves', async () => {
    const { stub, queues, outcome } = await redrive([undefined]);
    assert.equal(stub.shown[0]?.text, 'Send about 2 dead letters back to the work queue?');
    assert.match(stub.shown[0].detail ?? '', /2 × invalid_input: cannot read input/);
    assert.equal((outcome as Error).name, 'AbortError');
    assert.ok(!queues.calls.some((call) => call.startsWith('startMove')));
  });

  it('names the reasons of letters alone: a failed job has none', async () => {
    const items = [failed('a'), failed('b'), dead('c'), dead('d', { error: 'too large' }), dead('e')];
    const made = failuresWorld({ letters: ['c', 'd', 'e'].map((key) => letter(key)), items });
    await made.tree.rows();
    await assert.rejects(redriveAllCommand(made.ui, made.failures));
    assert.match(
      made.stub.shown[0]?.detail ?? '',
      /there:\n2 × cannot read input \(HTTP 422\)\n1 × too large\n\n/,
    );
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

  it('reads the reasons where the view has not, and says so where they cannot be read', async () => {
    const { stub } = await redrive([undefined], undefined, undefined, false);
    assert.match(stub.shown[0]?.detail ?? '', /2 × invalid_input: cannot read input/);
    const refused = await redrive(
      [undefined],
      [letter('a')],
      ({ store, ledger }) => {
        ledger.items.set('x', dead('x'));
        store.metas.set('b1', metaOf('b1'));
        store.failure = awsError('missing-permission');
      },
      false,
    );
    const { text, detail = '' } = refused.stub.shown[0]!;
    assert.equal(text, 'Send about 1 dead letter back to the work queue?');
    assert.match(detail, /Why they are there is not known/);
    assert.match(detail, /Files that were left out by hand may be among them: they are sent, too\./);
    assert.ok(refused.stub.logged.includes('warn: AWS said missing-permission.'));
  });

  it('says how many of them were left out by hand, since SQS moves every letter', async () => {
    const mark = { at: '2026-11-23T15:00:00.000Z', by: 'user/ann', note: 'not needed' };
    const items = [dead('a'), leftOut(dead('b'), mark)!, leftOut(failed('c'), mark)!];
    const made = failuresWorld({ letters: ['a', 'b'].map((key) => letter(key)), items });
    await assert.rejects(redriveAllCommand(made.ui, made.failures));
    const { text, detail = '' } = made.stub.shown[0]!;
    assert.match(text, /about 2 dead letters/);
    assert.match(detail, /\n1 of them were left out by hand, and are sent, too: SQS moves every letter\./);
    assert.match(detail, /there:\n1 × cannot read input/);
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
