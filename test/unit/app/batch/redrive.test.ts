import assert from 'node:assert/strict';
import { moveMessages } from '../../../../src/app/batch/mover.ts';
import { redriveAll, type RedriveOptions } from '../../../../src/app/batch/redrive.ts';
import { type MediaBatchError, InvalidInputError } from '../../../../src/core/errors.ts';
import type { MoveTask } from '../../../../src/core/batch/queue-service.ts';
import { awsError, FakeQueues, PIPELINE } from '../../../helpers/fakes.ts';
import { fastTimers, type FastTimers } from '../../../helpers/fast-timers.ts';

const bodies = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `body ${from + i}`);

describe('redrive', () => {
  let queues: FakeQueues;
  let timers: FastTimers;

  beforeEach(() => {
    queues = new FakeQueues();
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  const fill = (count: number) => {
    for (const body of bodies(count))
      queues.add('dead', { body, group: 'b1', attributes: { failure_class: 'rejected' } });
  };

  describe('redriveAll', () => {
    const redrive = (options: RedriveOptions = {}) =>
      redriveAll(PIPELINE, queues, { everyMs: 0, ...options });
    const task = (status: MoveTask['status'], moved: number, change: Partial<MoveTask> = {}): MoveTask => ({
      startedAt: 2,
      status,
      moved,
      toMove: 10,
      handle: status === 'RUNNING' ? 'handle' : undefined,
      failure: undefined,
      ...change,
    });
    // The first read is before the start: an earlier redrive is in the list, as AWS keeps ten.
    const earlier = task('FAILED', 99, { startedAt: 1, failure: 'an old story' });
    const script = (...looks: MoveTask[][]) => {
      looks.unshift([earlier]);
      queues.listMoves = async () => (looks.length > 1 ? looks.shift()! : looks[0]!);
    };

    it("lets SQS move, follows it and reports SQS's own estimate", async () => {
      script([task('RUNNING', 3)], [task('RUNNING', 7)], [task('COMPLETED', 10)]);
      const progress: [number, number | undefined][] = [];
      const onProgress = (...args: [number, number | undefined]) => void progress.push(args);
      assert.deepEqual(await redrive({ perSecond: 500, onProgress }), {
        moved: 10,
        by: 'move-task',
        cancelled: false,
      });
      assert.deepEqual(progress, [
        [3, 10],
        [7, 10],
        [10, 10],
      ]);
      const arns = { sourceArn: PIPELINE.deadLetterQueueArn, destinationArn: PIPELINE.workQueueArn };
      assert.deepEqual(queues.startedMoves, [{ ...arns, perSecond: 500 }]);
    });

    it('does not take an earlier task for its own while the list lags behind', async () => {
      script([earlier], [earlier], [task('COMPLETED', 10), earlier]);
      assert.equal((await redrive()).moved, 10);
    });

    it('ends when its task is never listed', async () => {
      script([]);
      assert.deepEqual(await redrive(), { moved: 0, by: 'move-task', cancelled: false });
    });

    it('refuses a rate that SQS does not take', async () => {
      for (const perSecond of [0, -1, 501, 1.5, NaN, Infinity]) {
        await assert.rejects(redrive({ perSecond }), InvalidInputError);
      }
      assert.equal(queues.startedMoves.length, 0);
    });

    it('says when the task failed, and why', async () => {
      script([task('FAILED', 4, { failure: 'AccessDenied' })]);
      await assert.rejects(redrive(), (error: MediaBatchError) => {
        assert.equal(error.code, 'redrive-failed');
        assert.match(error.message, /about 4 messages: AccessDenied/);
        return true;
      });
    });

    it('tolerates an AWS that is unreachable for a while, during a cancel too, but not endlessly', async () => {
      script([task('RUNNING', 3)], [task('COMPLETED', 10)]);
      const { listMoves } = queues;
      let looks = 0;
      queues.listMoves = async (...args) => {
        looks += 1;
        if (looks === 2) throw awsError('unreachable');
        if (looks === 4) throw awsError('throttled');
        return listMoves(...args);
      };
      assert.equal((await redrive()).moved, 10);

      script([task('RUNNING', 3)], [task('CANCELLED', 4)]);
      queues.failures.cancelMove = awsError('unreachable');
      const controller = new AbortController();
      const cancels = () => queues.calls.filter((call) => call.startsWith('cancelMove')).length;
      const onProgress = () => {
        controller.abort();
      };
      const stopped = redrive({ signal: controller.signal, onProgress });
      while (cancels() < 3) await new Promise(setImmediate);
      delete queues.failures.cancelMove;
      assert.deepEqual(await stopped, { moved: 4, by: 'move-task', cancelled: true });

      script([task('RUNNING', 3)]);
      const { listMoves: running } = queues;
      looks = 0;
      queues.listMoves = async (...args) => {
        looks += 1;
        if (looks > 1) throw awsError('unreachable');
        return running(...args);
      };
      await assert.rejects(redrive(), { code: 'unreachable' });
    });

    it('cancels once, and reports what had moved by then', async () => {
      script([task('RUNNING', 3)], [task('CANCELLING', 4)], [task('CANCELLED', 5)]);
      const control = new AbortController();
      const onProgress = () => {
        control.abort();
      };
      assert.deepEqual(await redrive({ signal: control.signal, onProgress }), {
        moved: 5,
        by: 'move-task',
        cancelled: true,
      });
      assert.deepEqual(
        queues.calls.filter((call) => call.startsWith('cancelMove')),
        ['cancelMove handle'],
      );
    });

    it('accepts that the task ended before the cancel, but no other error of the cancel', async () => {
      for (const [codeOfCancel, ok] of [
        ['not-found', true],
        ['missing-permission', false],
      ] as const) {
        queues.failures = { cancelMove: awsError(codeOfCancel) };
        script([task('RUNNING', 3)], [task('COMPLETED', 10)]);
        const control = new AbortController();
        const onProgress = () => {
          control.abort();
        };
        const result = redrive({ signal: control.signal, onProgress });
        if (ok) assert.equal((await result).moved, 10);
        else await assert.rejects(result, { code: codeOfCancel });
      }
    });

    it('moves messages itself only where the service does not have this operation', async () => {
      fill(25);
      queues.failures = { startMove: awsError('unsupported') };
      assert.deepEqual(await redrive(), { moved: 25, by: 'mover', cancelled: false });
      for (const other of [awsError('missing-permission'), awsError('throttled'), new Error('bug')]) {
        queues.failures = { startMove: other };
        await assert.rejects(redrive(), other);
      }
    });
  });

  describe('moveMessages', () => {
    const move = (options: Parameters<typeof moveMessages>[3] = {}) =>
      moveMessages('dead', 'work', queues, options);

    it('moves every body with its group and its reason, by which the consumer knows a redrive', async () => {
      fill(25);
      assert.deepEqual(await move(), { moved: 25, cancelled: false });
      assert.deepEqual(queues.bodies('work'), bodies(25));
      assert.deepEqual(queues.bodies('dead'), []);
      for (const { group, attributes } of queues.queues.get('work')!)
        assert.deepEqual([group, attributes], ['b1', { failure_class: 'rejected' }]);
    });

    it('leaves a message in both queues, never in none, when it breaks between send and delete', async () => {
      fill(5);
      queues.failures = { delete: awsError('throttled') };
      await assert.rejects(move(), { code: 'throttled' });
      assert.deepEqual([queues.bodies('work').length, queues.bodies('dead').length], [5, 5]);
    });

    it('ends with the reason where the work queue refuses a whole page, and loses no dead letter', async () => {
      fill(3);
      const refusal = { code: 'InvalidMessageContents', message: 'no', senderFault: true };
      queues.refuse = (messages) => messages.map((_, index) => ({ index, ...refusal }));
      await assert.rejects(moveMessages('dead', 'work', queues), {
        code: 'redrive-failed',
        message: /refuses messages \(InvalidMessageContents: no\).*The dead letters stay where they are/,
      });
      assert.deepEqual([queues.bodies('dead'), queues.bodies('work')], [bodies(3), []]);
      assert.ok(!queues.calls.includes('delete dead'));
    });

    it('ends a pause for the rate on a cancel, without an error', async () => {
      fill(4);
      const control = new AbortController();
      const onProgress = () => {
        control.abort();
      };
      const options = { perSecond: 1, signal: control.signal, onProgress };
      assert.deepEqual(await moveMessages('dead', 'work', queues, options), { moved: 1, cancelled: true });
      assert.equal(timers.pauses.length, 1);
    });

    it('deletes nothing that was not sent', async () => {
      fill(5);
      queues.refuse = () => [{ index: 1, code: 'InternalError', message: '', senderFault: false }];
      assert.deepEqual(await move(), { moved: 4, cancelled: false });
      assert.deepEqual(queues.bodies('dead'), ['body 1']);
      queues.failures = { send: awsError('unreachable') };
      fill(1);
      await assert.rejects(move(), { code: 'unreachable' });
      assert.equal(queues.bodies('dead').length, 2);
    });

    it('does not move a file again that becomes a dead letter again at once', async () => {
      fill(3);
      queues.sentAt = () => new Date(Date.now() + 60_000);
      const send = queues.send.bind(queues);
      queues.send = async (...args) => {
        queues.add('dead', { body: 'buried again' });
        return send(...args);
      };
      assert.deepEqual(await move(), { moved: 3, cancelled: false });
      assert.deepEqual(queues.bodies('dead'), ['buried again']);
      assert.equal(queues.visible('dead'), 1, 'released for others');
    });

    it('keeps to the rate, and sends no more than a second of it at once', async () => {
      fill(9);
      await move({ perSecond: 3 });
      assert.deepEqual(
        queues.sends.map(({ bodies }) => bodies.length),
        [3, 3, 3],
      );
      assert.equal(timers.pauses.length, 3);
      assert.ok(timers.pauses[0]! > 900 && timers.pauses[0]! <= 1000);
    });

    it('stops between two pages on a cancel, and says what has moved', async () => {
      fill(25);
      const control = new AbortController();
      const onProgress = () => {
        control.abort();
      };
      assert.deepEqual(await move({ signal: control.signal, onProgress }), { moved: 10, cancelled: true });
      assert.equal(queues.bodies('dead').length, 15);
      assert.equal(queues.visible('dead'), 15);
    });

    it('polls twice before it counts the queue as empty', async () => {
      fill(5);
      const receive = queues.receive.bind(queues);
      let call = 0;
      queues.receive = async (...args) => ((call += 1) % 2 === 1 ? [] : receive(...args));
      assert.equal((await move()).moved, 5);
    });
  });
});
