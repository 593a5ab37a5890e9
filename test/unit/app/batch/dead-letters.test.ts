import assert from 'node:assert/strict';
import { listDeadLetters, type DeadLetterList } from '../../../../src/app/batch/dead-letters.ts';
import { reasonAttributes } from '../../../../src/core/batch/dead-letter.ts';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { awsError, FakeQueues, PIPELINE } from '../../../helpers/fakes.ts';

const FILE = { batch: 'b1', bucket: 'media', key: 'é/a b.mp4' };

describe('listDeadLetters', () => {
  let queues: FakeQueues;
  const list = (options = {}) => listDeadLetters(PIPELINE, queues, options);

  beforeEach(() => {
    queues = new FakeQueues();
  });

  it('shows the file, the reason and when it expires', async () => {
    const failedAt = '2026-11-23T10:00:00.000Z';
    const reason = { failureClass: 'rejected', reason: 'no codec', attempts: 2, failedAt } as const;
    queues.add('dead', { body: encodeQueueMessage(FILE), attributes: reasonAttributes(reason) });
    const { letters, about } = await list();
    assert.equal(about, 1);
    assert.deepEqual(letters, [
      {
        id: 'm1',
        file: FILE,
        body: encodeQueueMessage(FILE),
        failureClass: 'rejected',
        reason: 'no codec',
        attempts: 2,
        receiveCount: 1,
        failedAt,
        expiresAt: new Date(14 * 86_400_000),
      },
    ]);
  });

  it('lists what cannot be read, and what SQS itself moved', async () => {
    for (const body of ['not json', '{"v":9}', '{"bucket":"media","key":"a"}']) queues.add('dead', { body });
    const { letters } = await list();
    assert.deepEqual(
      letters.map(({ file }) => file?.key),
      [undefined, undefined, 'a'],
    );
    for (const { failureClass, attempts, failedAt } of letters) {
      assert.deepEqual([failureClass, attempts, failedAt], ['receive-count', undefined, undefined]);
    }
  });

  it('makes every message visible again, whole or broken off', async () => {
    for (let i = 0; i < 25; i++) queues.add('dead', { body: `${i}` });
    assert.equal((await list()).letters.length, 25);
    assert.equal(queues.visible('dead'), 25);
    const receive = queues.receive.bind(queues);
    let call = 0;
    queues.receive = async (...args) => {
      if ((call += 1) === 3) throw awsError('expired-login');
      return receive(...args);
    };
    await assert.rejects(list(), { code: 'expired-login' });
    assert.equal(queues.visible('dead'), 25);
  });

  it('shows what it has so far, and keeps nothing hidden when that fails', async () => {
    for (let i = 0; i < 25; i++) queues.add('dead', { body: `${i}` });
    const progress: [number, number][] = [];
    await list({
      onProgress: ({ letters, about }: DeadLetterList) => progress.push([letters.length, about]),
    });
    assert.deepEqual(progress, [
      [10, 25],
      [20, 25],
      [25, 25],
    ]);
    const onProgress = () => {
      throw new Error('the view is gone');
    };
    await assert.rejects(list({ onProgress }), /^Error: the view is gone$/);
    assert.equal(queues.visible('dead'), 25);
  });

  it('tells the first error when the release fails as well', async () => {
    queues.add('dead', { body: 'a' });
    queues.failures = { release: awsError('missing-permission') };
    const onProgress = () => {
      throw new Error('the first');
    };
    await assert.rejects(list({ onProgress }), /^Error: the first$/);
    queues.add('dead', { body: 'b' });
    await assert.rejects(list(), { code: 'missing-permission' });
  });

  it('shows a message once that comes twice', async () => {
    for (let i = 0; i < 5; i++) queues.add('dead', { body: `${i}` });
    const receive = queues.receive.bind(queues);
    queues.receive = async (...args) => {
      const page = await receive(...args);
      for (const message of queues.queues.get('dead')!) message.hidden = false;
      return page;
    };
    const { letters } = await list();
    assert.deepEqual(
      letters.map(({ body }) => body),
      ['0', '1', '2', '3', '4'],
    );
  });

  it('stops at the limit and still says about how many there are', async () => {
    for (let i = 0; i < 25; i++) queues.add('dead', { body: `${i}` });
    const { letters, about } = await list({ limit: 12 });
    assert.deepEqual([letters.length, about, queues.visible('dead')], [12, 25, 25]);
  });

  it('accepts a release that fails: the messages become visible again', async () => {
    queues.add('dead', { body: 'a' });
    queues.failures = { release: awsError('throttled') };
    assert.equal((await list()).letters.length, 1);
  });
});
