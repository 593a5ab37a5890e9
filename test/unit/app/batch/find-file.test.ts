import assert from 'node:assert/strict';
import { findFile, newestBatches, type KnownBatches } from '../../../../src/app/batch/find-file.ts';
import { zeroCounts, type BatchMeta, type BatchRecord } from '../../../../src/core/batch/batch.ts';
import { parseObjectAddress } from '../../../../src/core/files/object-address.ts';
import { FakeBatches } from '../../../helpers/fakes.ts';
import { at, stored } from '../../../helpers/stored-items.ts';
import { CANCELLED } from '../../../helpers/ui/batch-marks.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';

const TABLE = 'results';

function recordOf(meta: BatchMeta, sent: number, done = true): BatchRecord {
  const checkpoint = { shard: 0, lastKey: 'z', listed: sent, sent, skipped: {}, done };
  return { meta, checkpoints: [checkpoint], counts: { ...zeroCounts(), succeeded: 1 } };
}

/** A table whose requests are counted. */
function bench(metas: readonly BatchMeta[], records: readonly BatchRecord[] = []) {
  const batches = new FakeBatches();
  for (const meta of metas) batches.metas.set(meta.batch, meta);
  const requests: string[] = [];
  const list = batches.list.bind(batches);
  const resultsOf = batches.resultsOf.bind(batches);
  batches.list = (...args) => (requests.push('list'), list(...args));
  batches.resultsOf = (table, file) => (requests.push(`${file.bucket} ${file.key}`), resultsOf(table, file));
  batches.read = async (_table, batch) => {
    requests.push(`read ${batch}`);
    return records.find(({ meta }) => meta?.batch === batch) ?? recordOf(metaOf(batch), 0);
  };
  const find = async (text: string, known: Partial<KnownBatches> = {}) =>
    findFile(
      parseObjectAddress(text),
      { metas: await newestBatches(TABLE, batches), ...known },
      TABLE,
      batches,
    );
  return { batches, requests, find };
}

const made = (batch: string, bucket: string, day: number, change: Partial<BatchMeta> = {}): BatchMeta =>
  metaOf(batch, { bucket, prefix: '1999/', created_at: `2026-11-0${day}T00:00:00.000Z`, ...change });

describe('finding a file', () => {
  it('takes one request for all its batches, newest first', async () => {
    const { batches, requests, find } = bench([made('b1', 'film', 1)]);
    const file = { bucket: 'film', key: '1999/a.mp4' };
    batches.items = [
      stored('succeeded', { ...file, batch: 'old', created_at: at(0) }),
      stored('failed', { ...file, batch: 'new', created_at: at(5) }),
      stored('dead', { ...file, batch: 'other', key: '1999/b.mp4' }),
    ];
    const { results, isPartial, mayCome } = await find('s3://film/1999/a.mp4');
    assert.deepEqual(
      results.map(({ batch }) => batch),
      ['new', 'old'],
    );
    assert.deepEqual([isPartial, mayCome], [false, []]);
    assert.deepEqual(requests, ['list', 'film 1999/a.mp4']);
  });

  it('asks for a bare key in each bucket of the batches, which is three requests for two of them', async () => {
    const metas = [made('b1', 'film', 1), made('b2', 'tape', 2), made('b3', 'film', 3)];
    const { batches, requests, find } = bench(metas);
    batches.items = [stored('failed', { bucket: 'tape', key: '1999/a.mp4' })];
    const { results, asked } = await find('1999/a.mp4');
    assert.equal(results.length, 1);
    assert.deepEqual(requests, ['list', 'film 1999/a.mp4', 'tape 1999/a.mp4']);
    assert.deepEqual(
      asked.map(({ bucket }) => bucket),
      ['film', 'tape'],
    );
  });

  it('takes the first part of a bare key for a bucket, too, as the rows show both', async () => {
    const { batches, find } = bench([made('b1', 'film', 1)]);
    batches.items = [stored('failed', { bucket: 'film', key: '1999/a.mp4' })];
    assert.equal((await find('film/1999/a.mp4')).results.length, 1);
  });

  it('stops at eight places, and says so', async () => {
    const metas = Array.from({ length: 9 }, (_, index) => made(`b${index}`, `bucket-${index}`, 1));
    const { requests, find } = bench(metas);
    const { isPartial, asked } = await find('x.mp4');
    assert.deepEqual([isPartial, asked.length, requests.length], [true, 8, 9]);
  });

  it('says which batches may still bring a file that none has claimed, with one request more', async () => {
    const [queued, drained, elsewhere, gone, later] = [
      made('queued', 'film', 5),
      made('drained', 'film', 4),
      made('elsewhere', 'film', 6, { prefix: '2001/' }),
      made('gone', 'film', 7, { brake: { disarmed: [], ...CANCELLED } }),
      made('later', 'film', 3),
    ];
    const text = made('text', 'film', 8, { extensions: ['srt'] });
    const metas = [queued, drained, elsewhere, gone, later, text];
    const { requests, find } = bench(metas, [recordOf(queued, 10)]);
    const records = new Map([
      ['drained', recordOf(drained, 1)],
      ['later', recordOf(later, 1, false)],
    ]);
    const { mayCome } = await find('s3://film/1999/x.MP4', { records });
    assert.deepEqual(
      mayCome.map(({ meta, queued: count, enqueued }) => [meta.batch, count, enqueued]),
      [
        ['queued', 9, true],
        ['later', 0, false],
      ],
    );
    assert.deepEqual(requests, ['list', 'film 1999/x.MP4', 'read queued']);
  });

  it('asks for nothing more where no batch has the prefix', async () => {
    const { requests, find } = bench([made('b1', 'film', 1)]);
    const { results, mayCome } = await find('s3://tape/1999/x.mp4');
    assert.deepEqual([results, mayCome], [[], []]);
    assert.deepEqual(requests, ['list', 'tape 1999/x.mp4']);
  });
});
