import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  readResult,
  resultItem,
  shownResult,
  storedResult,
} from '../../../../src/core/batch/result-codec.ts';
import { isEnded, isUnclear, STATUSES, type ResultItem } from '../../../../src/core/batch/result-item.ts';
import { ofOldStack, stored } from '../../../helpers/stored-items.ts';

const ITEM: Required<Omit<ResultItem, 'left_out'>> = {
  ...{
    bucket: 'photos',
    key: 'in/a.mov',
    batch: 'b-1',
    status: 'processing',
    kind: 'video',
    attempts: 1,
    run: 2,
  },
  ...{
    reference: 'r',
    work: 'work#1#e',
    etag: 'e',
    size: 7,
    covered_by: 'b-0',
    exports: true,
    unclear: true,
    sent: 's',
  },
  ...{
    last_post_at: 'l',
    due_at: 'd',
    next_look_at: '2026-11-23T15:00:00.000Z',
    looks: 2,
    cannot_tell: true,
  },
  ...{
    given_up: false,
    claim: 'c',
    lease_until_ms: 5,
    first_post_at: '2026-11-23T14:00:00.000Z',
    job_id: 'job-1',
  },
  ...{
    output_url: 'https://cdn/x',
    duration_ms: 1200,
    error: 'e',
    failure_class: 'x',
    created_at: '2026-11-23T14:00:00.000Z',
  },
  ...{ updated_at: '2026-11-23T14:00:01.000Z', completed_at: '2026-11-23T14:00:02.000Z', rev: 3 },
  history: [{ status: 'failed', at: '2026-11-23T14:00:01.000Z', attempts: 1, error: 'e' }],
};
const NEEDED = [
  'bucket',
  'key',
  'batch',
  'status',
  'kind',
  'attempts',
  'run',
  'created_at',
  'updated_at',
  'rev',
];
const NAMES = Object.keys(ITEM) as (keyof ResultItem)[];

describe('a result item', () => {
  it('is written as it is read, under its keys', () => {
    const written = resultItem(ITEM);
    const { pk, sk, gsi1pk, gsi1sk } = written;
    assert.deepEqual(
      [pk, sk, gsi1pk, gsi1sk],
      ['s3://photos/in/a.mov', 'batch#b-1', 'batch#b-1#processing', ITEM.next_look_at],
    );
    assert.deepEqual(readResult(written), ITEM);
    assert.deepEqual(storedResult(written), ITEM);
  });

  it('is read for a transition with what only a newer version knows', () => {
    assert.deepEqual(storedResult({ ...resultItem(ITEM), priority: 7 }), { ...ITEM, priority: 7 });
  });

  it('is read for a transition as an older stack has left it', () => {
    const { reference: _, ...old } = ofOldStack('retrying');
    assert.deepEqual(storedResult(resultItem(old)), old);
  });

  it('is refused for a transition when a part would be guessed, or is missing', () => {
    const refused = (item: object, name: string) => {
      const expected = {
        code: 'unreadable-item',
        message: new RegExp(`"${name}" of s3://photos/in/a\\.mov in batch#b-1`),
      };
      assert.throws(() => storedResult({ ...resultItem(ITEM), ...item }), expected, name);
    };
    for (const name of NAMES) {
      refused({ [name]: { evil: true } }, name);
      refused({ [name]: null }, name);
    }
    for (const name of NEEDED) refused({ [name]: undefined }, name);
    for (const value of [NaN, Infinity, '3']) refused({ rev: value }, 'rev');
    refused({ unclear: 'false' }, 'unclear');
    refused({ status: 'toString' }, 'status');
  });

  it('is not shown where it does not say file, batch, time and status', () => {
    for (const name of ['bucket', 'key', 'batch', 'status', 'updated_at'] as const) {
      for (const value of [undefined, null, 7, {}, []]) {
        assert.equal(readResult({ ...ITEM, [name]: value }), undefined, name);
      }
    }
    assert.equal(readResult({ ...ITEM, status: 'toString' }), undefined);
  });

  it('is shown with what an operator has noted about it, whatever that is', () => {
    const flag = { at: 't', by: 'user/ann', note: 'n', of: 'u' };
    for (const left_out of [flag, null, 7]) {
      assert.deepEqual(shownResult({ ...ITEM, left_out }), { ...ITEM, left_out });
      assert.deepEqual(storedResult(resultItem({ ...ITEM, left_out })), { ...ITEM, left_out });
    }
    assert.deepEqual(shownResult({ ...ITEM }), ITEM);
    assert.equal(shownResult({ ...ITEM, key: 7, left_out: flag }), undefined);
  });

  it('is shown without the attributes that cannot be read', () => {
    const { error, completed_at, unclear, ...rest } = ITEM;
    const evil = { error: { evil: true }, completed_at: 9, attempts: 'many', rev: NaN, unclear: 'no' };
    assert.deepEqual(readResult({ ...ITEM, ...evil }), { ...rest, attempts: 0, rev: 0 });
    const history = [null, 'x', [], { status: 'nope', at: 'now' }, { status: 'dead' }, ITEM.history[0]];
    assert.deepEqual(readResult({ ...ITEM, history })?.history, ITEM.history);
    assert.equal(readResult({ ...ITEM, history: 'long' })?.history, undefined);
  });

  it('never raises when it is shown', () => {
    const anyItem = fc.dictionary(fc.constantFrom(...NAMES), fc.anything({ withNullPrototype: true }));
    fc.assert(
      fc.property(anyItem, (change) => {
        readResult({ ...ITEM, ...change });
      }),
    );
  });
});

describe('isUnclear', () => {
  it('is so whoever looks at a claim, and wherever nothing is said before an end', () => {
    assert.ok(isUnclear(stored('submitting', { unclear: false })));
    for (const status of ['submitting', 'retrying', 'dead', 'submitted', 'processing'] as const)
      assert.ok(isUnclear(ofOldStack(status)), status);
    for (const status of ['retrying', 'dead'] as const)
      assert.equal(isUnclear(stored(status, { unclear: false })), false);
  });

  it('is not so once the job is known, at an end, or while another batch does the work', () => {
    for (const status of STATUSES) {
      assert.equal(isUnclear(ofOldStack(status, { job_id: 'job_1' })), false, status);
      if (isEnded(status) || status === 'waiting') assert.equal(isUnclear(ofOldStack(status)), false, status);
    }
  });
});
