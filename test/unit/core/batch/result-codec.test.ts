import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readResult, resultItem, storedResult } from '../../../../src/core/batch/result-codec.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';

const ITEM: ResultItem = {
  bucket: 'photos',
  key: 'in/a.mov',
  batch: 'b-1',
  status: 'processing',
  kind: 'video',
  attempts: 1,
  run: 2,
  reference: 'r',
  claim: 'c',
  lease_until_ms: 5,
  first_post_at: '2026-11-23T14:00:00.000Z',
  job_id: 'job-1',
  output_url: 'https://cdn/x',
  duration_ms: 1200,
  error: 'e',
  created_at: '2026-11-23T14:00:00.000Z',
  updated_at: '2026-11-23T14:00:01.000Z',
  completed_at: '2026-11-23T14:00:02.000Z',
  history: [{ status: 'failed', at: '2026-11-23T14:00:01.000Z', attempts: 1, error: 'e' }],
  rev: 3,
};

describe('a result item', () => {
  it('is read whole, without the keys of the table', () => {
    assert.deepEqual(readResult({ ...ITEM, pk: 's3://photos/in/a.mov', sk: 'b-1', gsi1pk: 'x' }), ITEM);
  });

  it('is written as it is read, under its keys', () => {
    const written = resultItem(ITEM);
    const { pk, sk, gsi1pk, gsi1sk } = written;
    assert.deepEqual(
      { pk, sk, gsi1pk, gsi1sk },
      {
        pk: 's3://photos/in/a.mov',
        sk: 'batch#b-1',
        gsi1pk: 'batch#b-1#processing',
        gsi1sk: ITEM.updated_at,
      },
    );
    assert.deepEqual(readResult(written), ITEM);
    assert.deepEqual(storedResult(written), ITEM);
  });

  it('is refused for a transition when a part is missing or would be guessed', () => {
    const { history, ...rest } = ITEM;
    assert.deepEqual(storedResult(resultItem(rest)), rest);
    for (const name of Object.keys(ITEM)) {
      const broken = { ...resultItem(ITEM), [name]: { evil: true } };
      assert.throws(() => storedResult(broken), {
        code: 'unreadable-item',
        message: new RegExp(`"${name}"`),
      });
    }
    for (const name of ['kind', 'attempts', 'run', 'reference', 'created_at', 'rev']) {
      const broken = { ...resultItem(ITEM), [name]: undefined };
      assert.throws(() => storedResult(broken), {
        code: 'unreadable-item',
        message: new RegExp(`"${name}"`),
      });
    }
  });

  it('is left out where it does not say file, batch, time and status', () => {
    for (const name of ['bucket', 'key', 'batch', 'status', 'updated_at'] as const) {
      for (const value of [undefined, null, 7, {}, []]) {
        assert.equal(readResult({ ...ITEM, [name]: value }), undefined, name);
      }
    }
    assert.equal(readResult({ ...ITEM, status: 'toString' }), undefined);
  });

  it('loses only the attributes that cannot be read', () => {
    const { error, completed_at, ...rest } = ITEM;
    const read = readResult({ ...ITEM, error: { evil: true }, completed_at: 9, attempts: 'many', rev: NaN });
    assert.deepEqual(read, { ...rest, attempts: 0, rev: 0 });
    const history = [null, 'x', [], { status: 'nope', at: 'now' }, { status: 'dead' }, ITEM.history?.[0]];
    assert.deepEqual(readResult({ ...ITEM, history })?.history, ITEM.history);
    assert.equal(readResult({ ...ITEM, history: 'long' })?.history, undefined);
  });

  it('never raises', () => {
    const names = Object.keys(ITEM) as (keyof ResultItem)[];
    const anyItem = fc.dictionary(fc.constantFrom(...names), fc.anything({ withNullPrototype: true }));
    fc.assert(
      fc.property(anyItem, (change) => {
        readResult({ ...ITEM, ...change });
      }),
    );
  });
});
