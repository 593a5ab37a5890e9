import assert from 'node:assert/strict';
import {
  zeroCounts,
  type BatchMeta,
  type BatchRecord,
  type StatusCounts,
} from '../../../../src/core/batch/batch.ts';
import type { PipelineFacts } from '../../../../src/ui/pipeline/pipeline-facts.ts';
import { progressRows } from '../../../../src/ui/pipeline/progress-rows.ts';
import { CANCELLED } from '../../../helpers/ui/batch-marks.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

const { vs } = stubVscode();
/** The default side bar: about so many characters of label and description. */
const FITS = 38;

const record = (
  batch: string,
  sent: number,
  counts: Partial<StatusCounts>,
  meta: Partial<BatchMeta> = {},
): [string, BatchRecord] => {
  const checkpoint = { shard: 0, lastKey: 'z', listed: sent, sent, skipped: {}, done: true };
  return [
    batch,
    { meta: metaOf(batch, meta), checkpoints: [checkpoint], counts: { ...zeroCounts(), ...counts } },
  ];
};

const rows = (batches: readonly [string, BatchRecord][] | undefined, change: Partial<PipelineFacts> = {}) =>
  progressRows(vs, {
    pipeline: undefined,
    throughput: undefined,
    operation: undefined,
    failed: false,
    now: 0,
    batches: batches && new Map(batches),
    ...change,
  });
const texts = (...given: Parameters<typeof rows>) =>
  rows(...given).map(({ label, description = '' }) => `${label}: ${description}`);

describe('the rows of progress', () => {
  const busy = record('a', 15_000, { succeeded: 9_257, failed: 30, dead: 25, submitted: 40 });
  const throughput = { filesPerSecond: 35, secondsLeft: 720 };

  it('say how far the work is, how fast it goes, and what failed', () => {
    assert.deepEqual(texts([busy], { throughput }), [
      '62 %: 9,312 of 15,000  12 min left',
      '35 done/s: 40 at Ittybit',
      '55 failed: ',
    ]);
    for (const text of texts([busy], { throughput })) assert.ok(text.length <= FITS, text);
    const [progress, , failed] = rows([busy], { throughput });
    assert.equal(progress?.spoken, 'Progress: 62 %, 9,312 of 15,000, 12 min left');
    assert.equal(failed?.open, 'mediaBatch.showDeadLetters');
  });

  it('take batches together, and leave out those that are done, cancelled or lost', () => {
    const others = [
      record('b', 1_000, { succeeded: 10, processing: 5 }),
      record('done', 500, { succeeded: 499, failed: 1 }),
      record('gone', 500, { succeeded: 9 }, { brake: { disarmed: [], ...CANCELLED } }),
      record('lost', 500, { succeeded: 9 }),
    ];
    const [first, second] = texts([busy, ...others], { neverClaimed: new Set(['lost']) });
    assert.deepEqual([first, second], ['58 %: 9,322 of 16,000', '45 at Ittybit: ']);
  });

  it('name no time and no rate before there is one, and none from before a silence', () => {
    const unknown = { filesPerSecond: undefined, secondsLeft: undefined };
    for (const change of [{ throughput: unknown }, { throughput, silentSince: 1 }, {}]) {
      assert.deepEqual(texts([busy], change).slice(0, 2), ['62 %: 9,312 of 15,000', '40 at Ittybit: ']);
    }
    const slow = { filesPerSecond: 0.05, secondsLeft: 9_000 };
    assert.equal(texts([busy], { throughput: slow })[1], '3 done/min: 40 at Ittybit');
  });

  it('are only the failures of the newest batch where nothing is at work', () => {
    const done = record('done', 10, { succeeded: 8, failed: 1, dead: 1 });
    assert.deepEqual(texts([done, record('old', 10, { dead: 10 })]), ['2 failed: ']);
    assert.deepEqual(texts([record('new', 10, { succeeded: 10 }), done]), []);
    assert.deepEqual([texts(undefined), texts([])], [[], []]);
  });
});
