import assert from 'node:assert/strict';
import { failureOfItem, failureOfLetter } from '../../../../src/app/batch/failures.ts';
import { planRetry, retryFiles, type RetryProgress } from '../../../../src/app/batch/retry-files.ts';
import { zeroCounts } from '../../../../src/core/batch/batch.ts';
import { leftOut } from '../../../../src/core/batch/left-out.ts';
import { decodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { awsError, FakeQueues, PIPELINE } from '../../../helpers/fakes.ts';
import { MemoryLedger } from '../../../helpers/memory-ledger.ts';
import { metaOf } from '../../../helpers/ui/failures-world.ts';
import { stored } from '../../../helpers/stored-items.ts';

const HOSTILE = ['a b.mov', '../x', '"q".mp4', 'é/\u202E.mkv', '$&', ' ', '=1+1', '{"v":9}', 'a\nb'];

describe('a retry of some files', () => {
  let ledger: MemoryLedger;
  let queues: FakeQueues;
  let last: RetryProgress | undefined;

  beforeEach(() => {
    ledger = new MemoryLedger();
    queues = new FakeQueues();
    last = undefined;
  });

  function hold(...items: ResultItem[]): ResultItem[] {
    for (const item of items) ledger.items.set(`${item.batch} s3://${item.bucket}/${item.key}`, item);
    return items;
  }
  const retry = (items: readonly ResultItem[], payAgain = false, signal = new AbortController().signal) =>
    retryFiles(
      items,
      PIPELINE,
      { ledger, queues },
      {
        ...{ payAgain, signal },
        onProgress: (progress) => (last = progress),
      },
    );
  const states = () => [...ledger.items.values()].map(({ status, run }) => `${status} ${run}`);
  const sentKeys = () => queues.bodies('work').map((body) => decodeQueueMessage(body).key);
  const dead = (key: string, change: Partial<ResultItem> = {}) =>
    stored('dead', { key, unclear: false, ...change });
  const failed = (key: string) => stored('failed', { key, job_id: `job ${key}` });

  it('does what its plan says: a new paid run for failed files, the same run for dead ones', async () => {
    const items = hold(failed('a'), failed('b'), dead('c'));
    const { failed: paid, dead: again } = planRetry(items.map(failureOfItem), new Map());
    assert.deepEqual([paid, again], [2, 1]);
    assert.deepEqual(await retry(items), { sent: 3, paid: 2, changed: 0, refused: 0 });
    assert.deepEqual(states(), ['retrying 2', 'retrying 2', 'retrying 1']);
    assert.deepEqual(sentKeys(), ['a', 'b', 'c']);
  });

  it('sends hostile names as they are', async () => {
    await retry(hold(...HOSTILE.map((key, index) => (index % 2 ? failed(key) : dead(key)))));
    assert.deepEqual(sentKeys(), HOSTILE);
  });

  it('is harmless when it is repeated after it was killed at any place', async () => {
    for (let place = 0; place < 8; place += 1) {
      ledger = new MemoryLedger();
      queues = new FakeQueues();
      const items = hold(failed('a'), dead('b'), failed('c'), dead('d'));
      let steps = 0;
      // Half of the steps are before a write, the others between it and its message.
      const step = () => {
        if (steps++ === place) throw awsError('unreachable');
      };
      ledger.beforeWrite = step;
      queues.refuse = () => (step(), []);
      await assert.rejects(retry(items), { code: 'unreachable' });
      ledger.beforeWrite = () => undefined;
      queues.refuse = () => [];
      await retry(items);
      assert.deepEqual(states(), ['retrying 2', 'retrying 1', 'retrying 2', 'retrying 1'], String(place));
      assert.equal(new Set(sentKeys()).size, sentKeys().length, 'no file is sent twice');
      const lost = [...ledger.items.values()].filter(({ key }) => !sentKeys().includes(key));
      for (const { due_at, next_look_at } of lost) assert.ok(due_at && next_look_at, 'it is sent later');
    }
  });

  it('ends as the number in front said, also when it is killed half-way and asked for again', async () => {
    const items = hold(failed('a'), dead('b'), failed('c'), dead('d'), failed('e'));
    const first = planRetry(items.map(failureOfItem), new Map());
    let writes = 0;
    ledger.beforeWrite = () => {
      if (++writes > 2) throw awsError('unreachable');
    };
    await assert.rejects(retry(items));
    const { sent = 0, paid = 0 } = last ?? {};
    ledger.beforeWrite = () => undefined;
    const left = [...ledger.items.values()].filter(({ status }) => status === 'failed' || status === 'dead');
    const second = planRetry(left.map(failureOfItem), new Map());
    assert.deepEqual(
      [sent + second.items.length, paid + second.failed],
      [first.items.length, first.failed],
      'what is left is what the second question says',
    );
    const end = await retry(second.items);
    assert.deepEqual([end.sent, end.paid], [second.items.length, second.failed]);
    assert.deepEqual(sentKeys().sort(), ['a', 'b', 'c', 'd', 'e']);
    assert.deepEqual(states(), ['retrying 2', 'retrying 1', 'retrying 2', 'retrying 1', 'retrying 2']);
  });

  it('does not retry a file that somebody has left out since it was shown', async () => {
    const mark = { at: '', by: 'user/ann', note: 'n' };
    const items = hold(failed('a'), failed('b'));
    hold(leftOut(items[0]!, mark)!);
    assert.deepEqual(await retry(items), { sent: 1, paid: 1, changed: 1, refused: 0 });
    const [chosen] = [...ledger.items.values()];
    assert.deepEqual(await retry([chosen!]), { sent: 1, paid: 1, changed: 0, refused: 0 });
    assert.ok(!('left_out' in ledger.items.get('b1 s3://media/a')!), 'a retry takes the flag away');
  });

  it('leaves out what has changed since it was shown, so that nothing is paid unseen', async () => {
    const items = hold(dead('a'), failed('b'), dead('c'));
    hold(failed('a'), stored('failed', { key: 'b', run: 2 }), stored('submitted', { key: 'c' }));
    assert.deepEqual(await retry(items), { sent: 0, paid: 0, changed: 3, refused: 0 });
    assert.deepEqual(states(), ['failed 1', 'failed 2', 'submitted 1']);
  });

  it('pays again for a file that Ittybit cannot tell of, only where the user says so', async () => {
    const items = hold(dead('a', { unclear: true, cannot_tell: true }), dead('b', { unclear: true }));
    const { unclear, cannotTell } = planRetry(items.map(failureOfItem), new Map());
    assert.deepEqual([unclear, cannotTell], [2, 1]);
    assert.deepEqual(await retry(items, true), { sent: 2, paid: 1, changed: 0, refused: 0 });
    assert.deepEqual(states(), ['retrying 2', 'retrying 1']);
  });

  it('begins no other file after a cancel', async () => {
    const items = hold(...Array.from({ length: 100 }, (_, index) => dead(`k${index}`)));
    const control = new AbortController();
    queues.refuse = () => (control.abort(), []);
    const { sent } = await retry(items, false, control.signal);
    assert.ok(sent > 0 && sent < 100, String(sent));
    assert.equal(states().filter((state) => state.startsWith('retrying')).length, sent);
  });

  it('goes on past a file that cannot be read, and ends at a failure of AWS', async () => {
    const items = hold(...Array.from({ length: 40 }, (_, index) => dead(`k${index}`)));
    ledger.beforeWrite = async ({ next }) => {
      if (next.key === 'k3') hold({ ...dead('k3'), rev: Math.random() });
      if (next.key === 'k30') throw awsError('throttled');
    };
    await assert.rejects(retry(items), { code: 'throttled' });
    assert.equal(last?.refused, 1, 'a file that changes all the time');
    assert.ok(last.sent >= 20 && last.sent < 40, String(last.sent));
  });

  it('leaves out letters without an item, and files of cancelled batches', () => {
    const letter = failureOfLetter({
      ...{ id: 'm1', file: undefined, body: '{', receiveCount: 1, expiresAt: new Date(0) },
      ...{ failureClass: 'unreadable', reason: 'x', attempts: undefined, failedAt: undefined },
    });
    const brake = { cancelled: { at: '', by: 'operator' }, disarmed: [] };
    const record = { meta: metaOf('b2', { brake }), checkpoints: [], counts: zeroCounts() };
    const others = [failed('a'), stored('failed', { batch: 'b2' })].map(failureOfItem);
    const { items, letters, cancelled } = planRetry([letter, ...others], new Map([['b2', record]]));
    assert.deepEqual([items.map(({ key }) => key), letters, cancelled], [['a'], 1, 1]);
  });
});
