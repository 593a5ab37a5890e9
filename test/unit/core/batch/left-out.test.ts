import assert from 'node:assert/strict';
import { leftOut, leftOutOf, NOTE_CHARACTERS, takenIn } from '../../../../src/core/batch/left-out.ts';
import { STATUSES, type ResultItem } from '../../../../src/core/batch/result-item.ts';
import { reported, retried } from '../../../../src/core/batch/transitions.ts';
import { at, FILE, MINUTE, NOW, PATIENCE, stored } from '../../../helpers/stored-items.ts';

const MARK = { at: at(MINUTE), by: 'user/ann', note: 'not needed any more' };
const leave = (item: ResultItem): ResultItem => {
  const next = leftOut(item, MARK);
  assert.ok(next);
  return next;
};

describe('a file that is left out', () => {
  it('is failed or dead, says who, when and why, and keeps its state and its place in the lists', () => {
    for (const status of STATUSES) {
      const item = stored(status);
      const next = leftOut(item, MARK);
      assert.equal(next !== undefined, status === 'failed' || status === 'dead', status);
      if (!next) continue;
      assert.deepEqual(leftOutOf(next), MARK);
      assert.deepEqual({ ...next, left_out: undefined }, { ...item, left_out: undefined, rev: item.rev + 1 });
    }
  });

  it('is left out once, and can be taken in again', () => {
    const next = leave(stored('dead'));
    assert.equal(leftOut(next, { ...MARK, note: 'another' }), undefined);
    const back = takenIn(next);
    assert.deepEqual(back, { ...stored('dead'), rev: next.rev + 1 });
    assert.equal(takenIn(stored('dead')), undefined);
  });

  it('is a failure again after a retry, also where the functions do not know the flag', () => {
    const failed = leave(stored('failed', { reference: 'ref-1' }));
    const again = retried(failed, false, PATIENCE, NOW + 2 * MINUTE);
    assert.ok(again?.left_out, 'the transition keeps what it does not know');
    assert.equal(leftOutOf(again), undefined);
    const report = { about: 'job' as const, status: 'failed' as const, rawStatus: 'failed' };
    const second = reported({ ...again, status: 'submitted' }, FILE, again.run, report, NOW + 3 * MINUTE);
    assert.equal(second?.status, 'failed');
    assert.equal(leftOutOf(second), undefined);
    assert.ok(leftOut(second, MARK), 'it can be left out anew');
  });

  it('has a bounded, well-formed note', () => {
    const { note = '' } =
      leftOutOf(leftOut(stored('dead'), { ...MARK, note: '😀'.repeat(NOTE_CHARACTERS) })!) ?? {};
    assert.ok(note.length <= NOTE_CHARACTERS && note.isWellFormed());
    const cut = leftOut(stored('dead'), { ...MARK, note: `${'x'.repeat(NOTE_CHARACTERS - 1)}😀` });
    assert.ok(leftOutOf(cut!)?.note.isWellFormed());
  });

  it('is none where the flag cannot be read', () => {
    const { updated_at: of } = stored('dead');
    for (const left_out of [
      null,
      7,
      'x',
      [],
      {},
      { ...MARK },
      { ...MARK, of: at(9) },
      { ...MARK, of, note: 7 },
    ]) {
      assert.equal(leftOutOf(stored('dead', { left_out })), undefined, JSON.stringify(left_out));
    }
  });
});
