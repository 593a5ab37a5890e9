import assert from 'node:assert/strict';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { enqueuePrefixCommand } from '../../../../src/ui/enqueue/enqueue-prefix.ts';
import { olderOutputs, stackOf } from '../../../helpers/fake-stacks.ts';
import { s3Object } from '../../../helpers/fakes.ts';
import {
  enqueueFixture,
  metaOf,
  onEnter,
  placeNode,
  row,
  type Script,
} from '../../../helpers/ui/enqueue-fixture.ts';
import { MemoryBuckets } from '../../../helpers/ui/memory-buckets.ts';

const FILES = [
  ...Array.from({ length: 20 }, (_, i) => s3Object(`a/${String(i).padStart(2, '0')}.mp4`, { size: 5e6 })),
  s3Object('b/x.mov', { size: 5e9 }),
  s3Object('b/y.mxf', { size: 5e6 }),
];
const TRY = '$(beaker) Try 5 files first';
const REST = '$(run-all) Enqueue the other 17 files';

/** Each tried file ends like this as soon as it is looked at. */
function trial(script: Script, end: (key: string) => Partial<ResultItem> | undefined) {
  const buckets = new MemoryBuckets({
    film: FILES,
    results: [s3Object('a/00.mp4', { size: 1_234_567 })],
  });
  const made = enqueueFixture([], script, { buckets });
  made.batches.result = async (_table, { batch, bucket, key }) => {
    const change = end(key);
    return change && ({ batch, bucket, key, kind: 'video', status: 'succeeded', ...change } as ResultItem);
  };
  return made;
}

const good = (key: string): Partial<ResultItem> => ({
  duration_ms: 90_000,
  output_url: key === 'a/00.mp4' ? 's3://results/a/00.mp4' : `https://store.ittybit.net/${key}`,
});

describe('Try N files first', () => {
  it('is what Enter does, sends a spread as a batch of its own, shows the results, and then sends the rest', async () => {
    const made = trial({ 'Nothing has been sent': onEnter, '5 of 5 tried': onEnter }, good);
    await enqueuePrefixCommand(made.ui, placeNode('film', ''));
    const [first, second] = [...made.batches.metas.values()];
    assert.deepEqual(first?.source, { keys: ['a/00.mp4', 'b/x.mov', 'b/y.mxf', 'a/01.mp4', 'a/02.mp4'] });
    assert.deepEqual([first.name, first.prefix, second?.source], ['Trial of 5', '', undefined]);
    // The same work: what was tried is paid by its claim only once.
    assert.deepEqual([second?.job, second?.again], [first.job, undefined]);
    assert.deepEqual(made.sent().length, 5 + FILES.length);
    const asked = made.stub.shown.find(({ detail }) => detail?.startsWith('5 of 5 tried files succeeded'));
    assert.deepEqual(asked?.choices.slice(0, 3), [REST, '$(arrow-left) Back to the Review', 'Results']);
    const [result] = asked.items?.slice(3) ?? [];
    assert.deepEqual(
      [result?.label, result?.description, result?.detail],
      ['$(pass) a/00.mp4', 'Succeeded · 90 s long · 1.23 MB', 's3://results/a/00.mp4'],
    );
  });

  it('does not offer the rest where it is more than the queue can keep until its turn comes', async () => {
    const made = trial({ 'Nothing has been sent': [onEnter, undefined], '5 of 5 tried': onEnter }, good);
    const throughput = { filesPerSecond: 1, secondsLeft: undefined };
    made.watch.last = { problems: {}, busy: true, throughput, pipeline: { at: Date.now() } as never };
    made.queues.depth = async () => ({ waiting: 20 * 86_400, inFlight: 0, delayed: 0 });
    await assert.rejects(enqueuePrefixCommand(made.ui, placeNode('film', '')), { name: 'AbortError' });
    const asked = made.stub.shown.find(({ detail }) => detail?.startsWith('5 of 5 tried files succeeded'));
    assert.deepEqual(asked?.choices.slice(0, 2), ['$(arrow-left) Back to the Review', 'Results']);
    assert.equal(made.sent().length, 5);
  });

  it('pays for nothing more with Enter where one failed, and goes back to the review', async () => {
    const made = trial({ 'Nothing has been sent': [onEnter, undefined], '4 of 5 tried': onEnter }, (key) =>
      key === 'b/x.mov' ? { status: 'dead', error: 'access denied' } : good(key),
    );
    await assert.rejects(enqueuePrefixCommand(made.ui, placeNode('film', '')), { name: 'AbortError' });
    const asked = made.stub.shown.find(({ detail }) => detail?.startsWith('4 of 5 tried'));
    assert.deepEqual(asked?.picked, ['$(arrow-left) Back to the Review']);
    assert.ok(asked.items?.some(({ detail }) => detail === 'access denied'));
    assert.equal(made.sent().length, 5);
    // Counted anew: the trial is an earlier batch now, so only what it has not done is offered.
    const last = made.stub.shown.findLast(({ detail }) => detail?.startsWith('Nothing has been sent'));
    assert.ok(!last?.choices.includes(TRY));
  });

  it('does not take an output for good that is not in the bucket', async () => {
    const made = trial({ 'Nothing has been sent': [onEnter, undefined], '5 of 5 tried': onEnter }, (key) => ({
      output_url: `s3://results/${key}`,
    }));
    await assert.rejects(enqueuePrefixCommand(made.ui, placeNode('film', '')), { name: 'AbortError' });
    const asked = made.stub.shown.find(({ detail }) => detail?.startsWith('5 of 5 tried'));
    assert.match(asked?.items?.[4]?.description ?? '', /its output is not there/);
    assert.equal(made.sent().length, 5);
  });

  it('measures the minutes for the cost at the own rate', async () => {
    const made = trial(
      { 'Nothing has been sent': [onEnter, undefined], '5 of 5': row('$(arrow-left)') },
      good,
    );
    await made.ui.memory.global.update('mediaBatch.enqueue.rate', '$0.10 per minute');
    await assert.rejects(enqueuePrefixCommand(made.ui, placeNode('film', '')), { name: 'AbortError' });
    const reviews = made.stub.shown.filter(({ detail }) => detail?.startsWith('Nothing has been sent'));
    const words = reviews.map(({ items = [] }) => {
      const cost = items.find(({ label }) => label.includes('Ittybit:'));
      return [cost?.label, cost?.description];
    });
    assert.deepEqual(words[0], [
      '$(credit-card) Ittybit: $0.1 per minute',
      'your rate; try some files first to measure their minutes',
    ]);
    assert.deepEqual(words[1], [
      '$(credit-card) Ittybit: about $3.30',
      'at your rate, $0.1 per minute, and the 1.5 min of a result in the trial',
    ]);
  });

  it('can be left while it runs, which loses nothing, and waited for again', async () => {
    let looks = 0;
    const made = trial(
      {
        'Nothing has been sent': onEnter,
        '0 of 5 tried files have ended': row('$(watch) Wait on'),
        '5 of 5': onEnter,
      },
      (key) => {
        looks += 1;
        if (looks > 5) return good(key);
        made.stub.cancel();
        return undefined;
      },
    );
    await enqueuePrefixCommand(made.ui, placeNode('film', ''));
    const asked = made.stub.shown.find(({ detail }) => detail?.startsWith('0 of 5'));
    assert.deepEqual(asked?.choices.slice(0, 2), [REST, '$(watch) Wait on']);
    assert.deepEqual(asked.picked, ['$(watch) Wait on']);
    assert.equal(made.sent().length, 5 + FILES.length);
  });

  it('takes another number, and one tests the connection', async () => {
    const made = trial(
      {
        'Nothing has been sent': [row('$(beaker) Try Another'), undefined],
        'How many files first': ['0', '26', '1'],
        '1 of 1': row('$(pass)'),
        'a/00.mp4': [row('$(link-external)'), undefined],
      },
      good,
    );
    await assert.rejects(enqueuePrefixCommand(made.ui, placeNode('film', '')), { name: 'AbortError' });
    assert.deepEqual(made.sent(), ['a/00.mp4']);
    const opened = made.stub.executed.find(({ id }) => id === 'mediaBatch.openOutput');
    const { data } = opened?.args[0] as { data: { item: ResultItem } };
    assert.equal(data.item.output_url, 's3://results/a/00.mp4');
    assert.equal(
      made.stub.shown.filter(({ problem }) => problem === 'Give a number from 1 to 22.').length,
      2,
    );
  });

  it('is not offered where files would be paid twice, and not before few', async () => {
    const older = enqueueFixture(FILES, { 'Nothing has been sent': undefined });
    older.fake.stacks.stack = stackOf('CREATE_COMPLETE', { outputs: olderOutputs() });
    const few = enqueueFixture(FILES.slice(0, 5), { 'Nothing has been sent': undefined });
    for (const made of [older, few]) {
      made.batches.metas.set('x', metaOf('x', { bucket: 'tape' }));
      await assert.rejects(enqueuePrefixCommand(made.ui, placeNode('film', '')), { name: 'AbortError' });
      assert.ok(!made.review().includes('Try 5'));
    }
    assert.ok(!older.review().includes('$(beaker)') && few.review().includes('$(beaker) Try Another Number'));
  });
});
