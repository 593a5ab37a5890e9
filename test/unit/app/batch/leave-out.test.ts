import assert from 'node:assert/strict';
import { leaveOut, type LeaveOutProgress } from '../../../../src/app/batch/leave-out.ts';
import { leftOutOf } from '../../../../src/core/batch/left-out.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { awsError } from '../../../helpers/fakes.ts';
import { MemoryLedger } from '../../../helpers/memory-ledger.ts';
import { at, stored } from '../../../helpers/stored-items.ts';

const MARK = { at: at(5), by: 'user/ann', note: 'not needed' };
const HOSTILE = ['a b.mov', '../x', '"q".mp4', 'é/\u202E.mkv', '$&', ' ', '=1+1', 'a\nb'];

describe('leaving files out', () => {
  let ledger: MemoryLedger;
  let last: LeaveOutProgress | undefined;

  beforeEach(() => {
    ledger = new MemoryLedger();
    last = undefined;
  });

  const hold = (...items: ResultItem[]): ResultItem[] => {
    for (const item of items) ledger.put(item);
    return items;
  };
  const run = (
    items: readonly ResultItem[],
    mark: typeof MARK | undefined,
    signal = new AbortController().signal,
  ) => leaveOut(items, mark, { ledger, signal, onProgress: (progress) => (last = progress) });
  const flagged = () => [...ledger.items.values()].filter((item) => leftOutOf(item)).map(({ key }) => key);

  it('writes a flag and changes no count, and taking them in again leaves no trace', async () => {
    const items = hold(...HOSTILE.map((key, index) => stored(index % 2 ? 'failed' : 'dead', { key })));
    const counts = structuredClone(ledger.counts);
    const { done, changed, refused } = await run(items, MARK);
    assert.deepEqual([done.length, changed, refused], [HOSTILE.length, 0, 0]);
    assert.deepEqual(flagged(), HOSTILE);
    assert.deepEqual(ledger.counts, counts);
    const back = await run(done, undefined);
    assert.deepEqual([back.done.length, flagged()], [HOSTILE.length, []]);
    assert.ok([...ledger.items.values()].every((item) => !('left_out' in item)));
  });

  it('leaves what has changed since it was shown as it is', async () => {
    const items = hold(
      stored('dead', { key: 'a' }),
      stored('failed', { key: 'b' }),
      stored('dead', { key: 'c' }),
    );
    hold(stored('retrying', { key: 'a' }), stored('failed', { key: 'b', run: 2, updated_at: at(9) }));
    const { done, changed } = await run(items, MARK);
    assert.deepEqual([done.map(({ key }) => key), changed], [['c'], 2]);
    assert.deepEqual(flagged(), ['c']);
  });

  it('can be repeated after it was killed at any place', async () => {
    for (let place = 0; place < 4; place += 1) {
      ledger = new MemoryLedger();
      const items = hold(...['a', 'b', 'c', 'd'].map((key) => stored('dead', { key })));
      let writes = 0;
      ledger.beforeWrite = () => {
        if (writes++ === place) throw awsError('unreachable');
      };
      await assert.rejects(run(items, MARK), { code: 'unreachable' });
      assert.equal(last?.done.length, flagged().length, 'what was done is told');
      ledger.beforeWrite = () => undefined;
      const { done, changed } = await run(items, MARK);
      assert.equal(done.length + changed, 4);
      assert.deepEqual(flagged(), ['a', 'b', 'c', 'd']);
    }
  });

  it('begins no other file after a cancel, and passes over one that cannot be changed', async () => {
    const items = hold(...Array.from({ length: 100 }, (_, index) => stored('dead', { key: `k${index}` })));
    const control = new AbortController();
    ledger.beforeWrite = ({ next }) => {
      if (next.key === 'k3')
        ledger.items.set('b1 s3://media/k3', { ...stored('dead', { key: 'k3' }), rev: Math.random() });
      if (next.key === 'k20') control.abort();
    };
    const { done, refused } = await run(items, MARK, control.signal);
    assert.equal(refused, 1);
    assert.ok(done.length > 10 && done.length < 60, String(done.length));
    assert.equal(flagged().length, done.length);
  });
});
