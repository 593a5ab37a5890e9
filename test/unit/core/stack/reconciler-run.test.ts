import assert from 'node:assert/strict';
import { readRun, readSummary, reconcilerKey } from '../../../../src/core/stack/reconciler-run.ts';

describe("the record of the reconciler's last run", () => {
  it('lies beside the dispatch item of its stack', () => {
    assert.deepEqual(reconcilerKey('arn:stack/1'), { pk: 'control#arn:stack/1', sk: 'reconciler' });
  });

  it('is read with what it did, and with its error', () => {
    const item = { startedAt: 'a', endedAt: 'b', did: { settled: 12 }, error: 'AWS said no.', leaseEnds: 5 };
    assert.deepEqual(readRun(item), {
      startedAt: 'a',
      endedAt: 'b',
      did: { settled: 12 },
      error: 'AWS said no.',
    });
    assert.equal(readRun({ ...item, error: '' })?.error, undefined);
  });

  it('is nothing where there is none, and leaves out what cannot be read', () => {
    assert.equal(readRun(undefined), undefined);
    const did = { settled: 1, swept: '2', lost: -1, odd: NaN, deep: { a: 1 } };
    assert.deepEqual(readRun({ startedAt: 5, endedAt: ['b'], did, error: {} }), {
      startedAt: undefined,
      endedAt: undefined,
      did: { settled: 1 },
      error: undefined,
    });
    assert.deepEqual(readRun({ did: 'all' })?.did, {});
  });

  it('is the same in the answer of the function', () => {
    const summary = { busy: false, did: { settled: 3 } };
    assert.deepEqual(readSummary(summary), summary);
    assert.deepEqual(readSummary({ busy: true, did: {} }), { busy: true, did: {} });
    for (const other of [undefined, null, 'ok', [], {}, { busy: 'no', did: {} }, { busy: false, did: [1] }]) {
      assert.equal(readSummary(other), undefined, JSON.stringify(other));
    }
  });
});
