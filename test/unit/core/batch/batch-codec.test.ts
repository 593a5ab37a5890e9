import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  checkpointItem,
  metaItem,
  readBatchItems,
  readMeta,
  storedOrder,
} from '../../../../src/core/batch/batch-codec.ts';
import { zeroCounts, type BatchMeta, type Checkpoint } from '../../../../src/core/batch/batch.ts';
import { InvalidInputError } from '../../../../src/core/errors.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';
import { NO_BRAKE } from '../../../helpers/memory-brakes.ts';

const META: BatchMeta = {
  batch: 'b-1',
  bucket: 'photos',
  prefix: 'in/',
  job: DEFAULT_JOB_OPTIONS,
  extensions: ['mp4'],
  filter: { glob: '*.mp4', not_yet_done: true },
  created_at: '2026-11-23T14:00:00.000Z',
};
const CHECKPOINT: Checkpoint = {
  shard: 0,
  lastKey: 'in/a.mp4',
  listed: 3,
  sent: 1,
  skipped: { empty: 2 },
  done: false,
};
const HOSTILE = [null, 7, {}, [], true];

describe('the items of a batch', () => {
  it('give its meta whole, with or without a filter', () => {
    assert.deepEqual(readMeta({ ...META, pk: 'batch#b-1', sk: 'meta', gsi1pk: 'batches' }), META);
    const { filter, ...plain } = META;
    assert.deepEqual(readMeta({ ...plain }), plain);
  });

  it('give its source, name and operator, and nothing where the source cannot be read', () => {
    for (const source of [{ keys: ['a', 'b'] }, { file: 'list.csv', sha256: 'ab' }]) {
      const meta = { ...META, source, name: 'Trailers', by: 'user/anna' };
      assert.deepEqual(readMeta(metaItem(meta)), meta);
    }
    for (const source of [...HOSTILE, '', { keys: [] }, { keys: [1] }, { file: 'x' }])
      assert.equal(readMeta({ ...META, source }), undefined, 'it would be the whole prefix');
    assert.deepEqual(readMeta({ ...META, name: 7, by: '' }), META);
  });

  it('are written as they are read, under their keys', () => {
    const meta = metaItem(META);
    const { pk, sk, gsi1pk, gsi1sk } = meta;
    assert.deepEqual(
      { pk, sk, gsi1pk, gsi1sk },
      { pk: 'batch#b-1', sk: 'meta', gsi1pk: 'batches', gsi1sk: META.created_at },
    );
    const second = { ...CHECKPOINT, shard: 1, done: true };
    const checkpoint = checkpointItem('b-1', second);
    assert.deepEqual([checkpoint['pk'], checkpoint['sk']], ['batch#b-1', 'shard#1']);
    assert.deepEqual(readBatchItems([checkpoint, meta, checkpointItem('b-1', CHECKPOINT)]), {
      meta: META,
      checkpoints: [CHECKPOINT, second],
      counts: zeroCounts(),
    });
  });

  it('give the handlers the job with any words, and nothing of another form', () => {
    const job = { kind: 'video', options: { format: 'holo', depth: 3 }, output: 's3://o/{key}' };
    assert.deepEqual(storedOrder({ ...META, job }), { job, again: false, brake: NO_BRAKE });
    assert.deepEqual(storedOrder(metaItem(META)), { job: META.job, again: false, brake: NO_BRAKE });
    assert.equal(storedOrder({ pk: 'batch#b-1', sk: 'meta', again: true }), undefined);
    for (const broken of [
      ...[null, 'video', [], {}, { kind: 'song', options: {} }, { kind: 'video', options: {}, later: 1 }],
      ...[
        { kind: 'video', options: [] },
        { kind: 'video', options: { width: {} } },
      ],
      ...[
        { kind: 'video', options: { width: NaN } },
        { kind: 'video', options: {}, output: 7 },
      ],
      ...[
        { kind: 'video', options: {}, connection_id: null },
        { kind: 'video', options: 'all' },
      ],
    ]) {
      assert.throws(() => storedOrder({ ...META, job: broken }), InvalidInputError, JSON.stringify(broken));
    }
  });

  it('know how many files were planned, where that is a number', () => {
    assert.deepEqual(readMeta({ ...META, planned: 15_000 }), { ...META, planned: 15_000 });
    for (const planned of ['many', -1, null]) assert.deepEqual(readMeta({ ...META, planned }), META);
  });

  it('pay again only where they say exactly that', () => {
    const again = { ...META, again: true };
    assert.deepEqual(readMeta({ ...again }), again);
    assert.deepEqual(storedOrder(metaItem(again)), { job: META.job, again: true, brake: NO_BRAKE });
    for (const value of [undefined, false, 'true', 1, null, {}, [true]]) {
      assert.deepEqual(readMeta({ ...META, again: value }), META, JSON.stringify(value));
      assert.equal(storedOrder({ ...META, again: value })?.again, false, JSON.stringify(value));
    }
  });

  it('give no meta where a resumed enqueue would send other files, or for another job', () => {
    for (const name of ['batch', 'bucket', 'prefix', 'created_at'] as const) {
      for (const value of [undefined, ...HOSTILE]) {
        assert.equal(readMeta({ ...META, [name]: value }), undefined, `${name}: ${JSON.stringify(value)}`);
      }
    }
    for (const filter of [null, 'x', [], { globs: '*' }, { min_size: '1' }, { not_yet_done: 'yes' }]) {
      assert.equal(readMeta({ ...META, filter }), undefined, JSON.stringify(filter));
    }
    for (const job of [undefined, null, 'x', {}, { kind: 'song' }, { ...DEFAULT_JOB_OPTIONS, more: 1 }]) {
      assert.equal(readMeta({ ...META, job }), undefined, JSON.stringify(job));
    }
    const old = { kind: 'image', options: { format: 'gif' }, output: 's3://b/{key}' };
    assert.deepEqual(readMeta({ ...META, job: old })?.job, old, 'what an older version took stays readable');
    assert.deepEqual(readMeta({ ...META, extensions: 'mp4' })?.extensions, [], 'takes no file');
    assert.deepEqual(readMeta({ ...META, extensions: ['mp4', 7, null] })?.extensions, ['mp4']);
  });

  it('give the checkpoints by part, and only those that can be read', () => {
    const shard = (n: unknown, change = {}) => ({
      ...CHECKPOINT,
      sk: `shard#${String(n)}`,
      shard: n,
      ...change,
    });
    const unreadable = [shard('0'), shard(0.5), shard(3, { lastKey: 9 }), shard(4, { sk: 'part#4' })];
    const { checkpoints } = readBatchItems([shard(2), ...unreadable, shard(0, { listed: 'many', done: 1 })]);
    assert.deepEqual(checkpoints, [
      { ...CHECKPOINT, listed: 0 },
      { ...CHECKPOINT, shard: 2 },
    ]);
  });

  it('give back the open stems of a checkpoint, and none where they cannot be read', () => {
    const open = { ...CHECKPOINT, stems: ['a/clip', '.mov'] };
    assert.deepEqual(readBatchItems([checkpointItem('b-1', open)]).checkpoints, [open]);
    for (const stems of [...HOSTILE, 'a', [7], ['a', null]]) {
      const { checkpoints } = readBatchItems([{ ...checkpointItem('b-1', CHECKPOINT), stems }]);
      assert.deepEqual(checkpoints, [CHECKPOINT], JSON.stringify(stems));
    }
  });

  it('give the sums of the counts that are numbers', () => {
    const { counts, meta } = readBatchItems([
      { sk: 'counts#0', succeeded: 2, failed: 1, dead: NaN },
      { sk: 'counts#7', succeeded: 3, failed: '1', dead: Infinity, nonsense: 5 },
      { sk: 'count', succeeded: 9 },
    ]);
    assert.deepEqual(counts, { ...zeroCounts(), succeeded: 5, failed: 1 });
    assert.equal(meta, undefined);
  });

  it('never raise', () => {
    const names = fc.constantFrom('sk', ...Object.keys({ ...META, ...CHECKPOINT }));
    const value = fc.oneof(
      fc.anything({ withNullPrototype: true }),
      fc.constantFrom('meta', 'shard#0', 'counts#0'),
    );
    fc.assert(
      fc.property(fc.array(fc.dictionary(names, value)), (changes) => {
        readBatchItems(changes.map((change) => ({ ...META, ...CHECKPOINT, sk: 'meta', ...change })));
      }),
    );
  });
});
