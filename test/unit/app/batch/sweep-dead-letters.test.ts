import assert from 'node:assert/strict';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { reasonAttributes } from '../../../../src/core/batch/dead-letter.ts';
import { STATUSES, type ResultItem, type Status } from '../../../../src/core/batch/result-item.ts';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { DispatchFixture, MINUTE } from '../../../helpers/dispatch-fixture.ts';
import { ReconcileFixture } from '../../../helpers/reconcile-fixture.ts';
import { at, FILE, NOW, stored } from '../../../helpers/stored-items.ts';

const BODY = encodeQueueMessage(FILE);

describe('the sweep of the dead letters', () => {
  let fixture: ReconcileFixture;

  beforeEach(() => {
    fixture = new ReconcileFixture();
    fixture.dispatch.now = NOW + MINUTE;
  });

  const put = (status: Status, change: Partial<ResultItem> = {}) => {
    // The look of the item is not due: only the sweep is tested.
    const item = stored(status, { next_look_at: at(9 * MINUTE), ...change });
    fixture.dispatch.ledger.items.set(`${item.batch} s3://${item.bucket}/${item.key}`, item);
  };
  const reason = (failedAt = at(0)) =>
    reasonAttributes({ failureClass: 'rejected', reason: 'no', attempts: 1, failedAt });
  const letters = () => fixture.letters.letters;

  it('removes a letter whose file has moved on, whatever its reason', async () => {
    for (const status of STATUSES.filter((one) => one !== 'dead')) {
      for (const attributes of [{}, reason(at(-1))]) {
        fixture = new ReconcileFixture();
        fixture.dispatch.now = NOW + MINUTE;
        put(status);
        fixture.letters.add(BODY, attributes);
        const { lettersRemoved } = await fixture.run();
        assert.deepEqual([letters().length, lettersRemoved], [0, 1], status);
      }
    }
  });

  it('keeps the letter of a dead file as it is, and makes it visible again', async () => {
    put('dead', { unclear: false, error: 'no' });
    fixture.letters.add(BODY, reason(), 'b1');
    const { lettersRemoved, lettersExplained } = await fixture.run();
    assert.deepEqual([lettersRemoved, lettersExplained], [0, 0]);
    assert.deepEqual([letters().length, (await fixture.letters.receive()).length], [1, 1]);
  });

  it('keeps a letter that has gone out just before its item becomes dead', async () => {
    for (const status of ['submitting', 'retrying'] as const) {
      put(status, { updated_at: at(0) });
      fixture.letters.add(BODY, reason(at(10)));
    }
    await fixture.run();
    assert.equal(letters().length, 2);
    put('submitted', { updated_at: at(0), job_id: 'job_1' });
    await fixture.run();
    assert.equal(letters().length, 0, 'a job is no death that is on its way');
  });

  it('does not lose the only letter of a file that is buried while it looks', async () => {
    const dispatch = new DispatchFixture();
    fixture = new ReconcileFixture(dispatch);
    dispatch.always(400);
    dispatch.ledger.beforeWrite = async ({ next }) => {
      if (next.status !== 'dead') return;
      fixture.collectLetters();
      await fixture.run();
    };
    await dispatch.deliver();
    assert.deepEqual([dispatch.ledger.only.status, letters().length], ['dead', 1]);
  });

  it('gives a letter that SQS has moved the reason of its item, or says that there is none', async () => {
    put('dead', { unclear: false, error: 'quota (HTTP 429)', attempts: 2 });
    const [unknown, foreign] = [encodeQueueMessage({ ...FILE, key: 'b.mp4' }), 'no message of ours'];
    for (const body of [BODY, unknown, foreign]) fixture.letters.add(body, {}, 'group');
    assert.equal((await fixture.run()).lettersExplained, 3);
    const never = 'received too often, never claimed';
    assert.deepEqual(
      letters().map(({ body, group, attributes }) => [
        body,
        group,
        attributes['failure_class'],
        attributes['failure_reason'],
      ]),
      [
        [BODY, 'group', 'receive-count', 'quota (HTTP 429)'],
        [unknown, 'group', 'receive-count', never],
        [foreign, 'group', 'receive-count', never],
      ],
    );
    assert.equal(letters()[0]?.attributes['failed_at'], at(0));
    assert.equal((await fixture.run()).lettersExplained, 0);
  });

  it('says of an item that cannot be read that it cannot, and removes nothing', async () => {
    fixture.dispatch.ledger.read = () =>
      Promise.reject(new MediaBatchError('unreadable-item', 'Correct the item.'));
    fixture.letters.add(BODY);
    fixture.letters.add(BODY, reason());
    await fixture.run();
    assert.deepEqual(
      letters().map(({ attributes }) => attributes['failure_reason']),
      ['no', 'Correct the item.'],
    );
  });

  it('makes a letter that it explains count as a redrive', async () => {
    put('dead', { unclear: false, error: 'quota' });
    fixture.letters.add(BODY);
    await fixture.run();
    await fixture.redrive();
    assert.equal(fixture.dispatch.ledger.only.status, 'submitted');
  });

  it('is bounded: a hundred letters a run, and none after the deadline', async () => {
    for (let i = 0; i < 250; i++) fixture.letters.add(encodeQueueMessage({ ...FILE, key: `${i}.mp4` }));
    assert.equal((await fixture.run()).lettersExplained, 100);
    assert.equal((await fixture.run({ deadlineMs: fixture.dispatch.now })).lettersExplained, 0);
  });

  it('keeps neither other letters nor files from their turn where one cannot be swept', async () => {
    put('submitted', { key: 'b.mp4', job_id: 'job_0', next_look_at: at(0) });
    for (const body of ['x'.repeat(1000), 'y', 'z']) fixture.letters.add(body);
    const replace = fixture.letters.replace.bind(fixture.letters);
    fixture.letters.replace = async (letter, attributes) => {
      if (letter.body.length > 100) throw new Error('the message is too large');
      return replace(letter, attributes);
    };
    await assert.rejects(fixture.run(), /too large/);
    assert.equal(letters().filter(({ attributes }) => attributes['failure_reason'] !== undefined).length, 2);
    assert.deepEqual(fixture.dispatch.ittybit.gets, ['job_0']);
  });

  it('keeps no file from its turn where the queue does not answer at all', async () => {
    put('submitted', { job_id: 'job_0', next_look_at: at(0) });
    fixture.letters.receive = () => Promise.reject(new Error('AccessDenied'));
    await assert.rejects(fixture.run(), /AccessDenied/);
    assert.deepEqual(fixture.dispatch.ittybit.gets, ['job_0']);
  });
});
