import assert from 'node:assert/strict';
import { fateOf } from '../../../../src/core/batch/deletion.ts';
import { STATUSES, type ResultItem, type Status } from '../../../../src/core/batch/result-item.ts';
import { verdictOn } from '../../../../src/core/batch/work.ts';

const WORK = 'work#0123456789abcdef#e1';

function itemOf(status: Status, change: Partial<ResultItem> = {}): ResultItem {
  const at = '2026-11-23T12:00:00.000Z';
  return {
    ...{ batch: 'b1', bucket: 'film', key: 'a.mov', kind: 'video', attempts: 1, run: 1, rev: 3 },
    ...{ status, work: WORK, unclear: false, created_at: at, updated_at: at },
    ...change,
  };
}

describe('what becomes of an item when the records of its batch are deleted', () => {
  it('depends on its status first', () => {
    const fates = Object.fromEntries(STATUSES.map((status) => [status, fateOf(itemOf(status), [])]));
    assert.deepEqual(fates, {
      submitting: 'keep',
      retrying: 'keep',
      dead: 'cancel',
      submitted: 'keep',
      processing: 'keep',
      waiting: 'keep',
      succeeded: 'keep',
      failed: 'delete',
      cancelled: 'delete',
      covered: 'delete',
    });
  });

  it('keeps what may have a job that is paid', () => {
    assert.equal(fateOf(itemOf('dead', { unclear: true }), []), 'keep');
    assert.equal(fateOf(itemOf('cancelled', { given_up: true, job_id: 'job_1' }), []), 'keep');
    assert.equal(fateOf(itemOf('cancelled', { job_id: 'job_1' }), []), 'delete', 'as Ittybit says');
    assert.equal(fateOf(itemOf('cancelled', { given_up: true }), []), 'delete');
  });

  it('keeps a cancelled file that was dead, as its letter may still be there', () => {
    const history = [{ status: 'dead' as const, at: '', attempts: 1 }];
    assert.equal(fateOf(itemOf('cancelled', { history }), []), 'keep');
  });

  it('keeps a failure that another batch waits for', () => {
    const failed = itemOf('failed');
    assert.equal(fateOf(failed, [failed, itemOf('waiting', { batch: 'b2' })]), 'keep');
    for (const other of [
      itemOf('waiting', { batch: 'b2', work: 'work#other#e1' }),
      itemOf('failed', { batch: 'b2' }),
    ]) {
      assert.equal(fateOf(failed, [failed, other]), 'delete');
    }
  });

  it('deletes only owners of which nobody would be told another verdict', () => {
    for (const status of STATUSES) {
      const owner = itemOf(status);
      if (fateOf(owner, []) === 'delete' && status !== 'covered') {
        // A covered file is never the owner of its work.
        assert.equal(verdictOn(owner, WORK), verdictOn(undefined, WORK), status);
      }
    }
  });
});
