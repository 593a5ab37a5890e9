import assert from 'node:assert/strict';
import { MAX_MATCHES, searchBatch, type SearchState } from '../../../../src/app/batch/search-batch.ts';
import { zeroCounts } from '../../../../src/core/batch/batch.ts';
import { STATUSES, type ResultItem } from '../../../../src/core/batch/result-item.ts';
import { FakeBatches } from '../../../helpers/fakes.ts';
import { stored } from '../../../helpers/stored-items.ts';
import { CANCELLED } from '../../../helpers/ui/batch-marks.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';

function bench(items: readonly ResultItem[], sent = items.length, isCancelled = false) {
  const batches = new FakeBatches();
  batches.items = items;
  const counts = zeroCounts();
  for (const { status } of items) if (status !== 'submitting') counts[status] += 1;
  const checkpoint = { shard: 0, lastKey: 'z', listed: sent, sent, skipped: {}, done: true };
  const meta = metaOf('b1', isCancelled ? { brake: { disarmed: [], ...CANCELLED } } : {});
  batches.read = async () => ({ meta, checkpoints: [checkpoint], counts });
  const states = async (text: string, prefix = 'in/', signal?: AbortSignal): Promise<SearchState[]> => {
    const all: SearchState[] = [];
    for await (const state of searchBatch({ batch: 'b1', prefix, text }, 'results', batches, signal))
      all.push(state);
    return all;
  };
  const keys = async (text: string, prefix?: string): Promise<string[]> =>
    (await states(text, prefix)).at(-1)!.matches.map(({ key }) => key);
  return { batches, states, keys };
}

const succeeded = (key: string): ResultItem => stored('succeeded', { key });

describe('searching a batch', () => {
  it('looks at claimed files of every status', async () => {
    const { states } = bench(STATUSES.map((status) => stored(status, { key: `in/${status}.mp4` })));
    const end = (await states('.MP4')).at(-1)!;
    assert.deepEqual(end.matches.map(({ status }) => status).sort(), [...STATUSES].sort());
    assert.deepEqual([end.looked, end.isFull], [STATUSES.length, false]);
  });

  it('compares letters as people do, and only behind what all files have in common', async () => {
    const { keys } = bench(
      ['in/Café 1.mp4', 'in/cafe\u0301 2.MP4', 'in/cafe 3.mp4', 'in/bin/x.mp4'].map(succeeded),
    );
    assert.deepEqual(await keys('CAFÉ'), ['in/Café 1.mp4', 'in/cafe\u0301 2.MP4']);
    assert.deepEqual(await keys('in/'), ['in/bin/x.mp4']);
    assert.deepEqual(await keys('IN/CAFE 3'), ['in/cafe 3.mp4']);
    assert.deepEqual(await keys('none'), []);
  });

  it('tells after each page how far it is, and what only the queue knows', async () => {
    const items = [
      stored('submitting', { key: 'in/s.mp4' }),
      ...Array.from({ length: 1_500 }, (_, index) => succeeded(`in/${index}.mp4`)),
    ];
    const { states } = bench(items, 1_800);
    const all = await states('in/1499');
    assert.deepEqual(
      all.map(({ looked, total, matches, unclaimed }) => [looked, total, matches.length, unclaimed]),
      [
        [0, 1_500, 0, 300],
        [1, 1_500, 0, 299],
        [1_001, 1_500, 0, 299],
        [1_501, 1_501, 1, 299],
      ],
    );
    assert.equal(all[0]?.isCancelled, false);
    const cancelled = await bench([], 5, true).states('x');
    assert.deepEqual([cancelled[0]?.unclaimed, cancelled[0]?.isCancelled], [5, true]);
  });

  it('stops at its limit, and shows a file that has moved meanwhile once, as it is now', async () => {
    const many = bench(Array.from({ length: 2_500 }, (_, index) => succeeded(`in/${index}.mp4`)));
    const end = (await many.states('mp4')).at(-1)!;
    assert.deepEqual([end.matches.length, end.isFull, end.looked], [MAX_MATCHES, true, 1_000]);
    const moved = bench([stored('submitted', { key: 'in/a.mp4' }), succeeded('in/a.mp4')]);
    const [only, ...others] = (await moved.states('a.mp4')).at(-1)!.matches;
    assert.deepEqual([only?.status, others], ['succeeded', []]);
  });

  it('ends with its signal', async () => {
    const control = new AbortController();
    const { batches, states } = bench([succeeded('in/a.mp4')]);
    const results = batches.results.bind(batches);
    batches.results = (...args) => (control.abort(), results(...args));
    await assert.rejects(states('a', 'in/', control.signal), { name: 'AbortError' });
  });
});
