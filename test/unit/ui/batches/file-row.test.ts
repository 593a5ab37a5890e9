import assert from 'node:assert/strict';
import { STATUSES, type ResultItem } from '../../../../src/core/batch/result-item.ts';
import { fileRow } from '../../../../src/ui/batches/file-row.ts';
import { formatTime } from '../../../../src/ui/base/format.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const AT = '2026-11-23T12:00:00.000Z';
const HOUR = 3_600_000;

function rowOf(change: Partial<ResultItem>, ageMs = 4 * 60_000) {
  const item: ResultItem = {
    ...{ bucket: 'film', key: '1999/reel 7.mov', batch: 'b2', status: 'failed', kind: 'video', attempts: 1 },
    ...{ run: 1, created_at: AT, updated_at: AT, rev: 1, ...change },
  };
  return fileRow(fixture().ui.vs, item, '1999/', 'parent', Date.parse(AT) + ageMs);
}

describe('the row of a file', () => {
  it('says first by which batch the work was done, or is done', () => {
    assert.equal(rowOf({ status: 'covered', covered_by: 'b1' }).description, 'done by batch b1  4 min ago');
    assert.equal(rowOf({ status: 'waiting', covered_by: 'b1' }).description, 'waits for batch b1  4 min ago');
    const { description, spoken, tooltip } = rowOf({ status: 'covered', covered_by: 'b\u202E\n1' });
    assert.equal(description, 'done by batch b\\u{202e}\\u{a}1  4 min ago');
    assert.equal(spoken, 'reel 7.mov, done by batch b\\u{202e}\\u{a}1, 4 min ago');
    assert.equal(tooltip, 's3://film/1999/reel 7.mov\ndone by batch b\\u{202e}\\u{a}1');
  });

  it('says until when it waits for another attempt, or for another batch', () => {
    const at = (ms: number): string => new Date(Date.parse(AT) + ms).toISOString();
    const { vs } = fixture().ui;
    const clock = (ms: number): string => formatTime(vs, new Date(at(ms)));
    const fact = (change: Partial<ResultItem>) => rowOf(change).description;
    assert.equal(fact({ status: 'retrying', due_at: at(HOUR) }), `waits, next try ${clock(HOUR)}  4 min ago`);
    assert.match(fact({ status: 'retrying', due_at: at(49 * HOUR) }) ?? '', /^waits, next try .*2026/);
    assert.equal(fact({ status: 'retrying', due_at: AT }), 'waits, next try is due  4 min ago');
    assert.equal(fact({ status: 'retrying', due_at: 'x' }), 'waits, next try is due  4 min ago');
    assert.equal(
      fact({ status: 'waiting', covered_by: 'b1', next_look_at: at(HOUR) }),
      `waits for batch b1, next look ${clock(HOUR)}  4 min ago`,
    );
  });

  it('says first what a dead file waits for, or that nobody can tell', () => {
    const asked = rowOf({ status: 'dead', unclear: true, error: 'timeout' });
    assert.equal(asked.description, 'Ittybit is being asked whether there is a job  4 min ago  timeout');
    const lost = rowOf({ status: 'dead', unclear: true, cannot_tell: true, error: 'No idea. Look there.' });
    assert.equal(lost.description, 'Ittybit cannot tell whether there is a job  4 min ago');
    assert.match(lost.tooltip ?? '', /No idea\. Look there\.$/);
    // An older stack has no reconciler that asks, and writes no `unclear`.
    for (const clear of [{ unclear: false }, {}]) {
      const row = rowOf({ status: 'dead', error: 'no such file', ...clear });
      assert.equal(row.description, '4 min ago  no such file');
    }
  });

  it('shows how long a job has been at Ittybit after a day, and only then offers to give it up', () => {
    for (const status of ['submitted', 'processing'] as const) {
      const fresh = rowOf({ status, job_id: 'j' }, 24 * HOUR - 1);
      assert.deepEqual([fresh.description, fresh.tokens.includes('hanging')], ['1 d ago', false]);
      const old = rowOf({ status, job_id: 'j' }, 51 * HOUR);
      assert.equal(old.description, 'at Ittybit for 2 d 3 h');
      assert.deepEqual(old.tokens, ['file', 'value', 'job', 'hanging']);
    }
    for (const status of STATUSES.filter((each) => each !== 'submitted' && each !== 'processing')) {
      assert.ok(!rowOf({ status }, 99 * HOUR).tokens.includes('hanging'), status);
    }
    assert.ok(!rowOf({ status: 'submitted', updated_at: 'never' }, 99 * HOUR).tokens.includes('hanging'));
  });

  it('says that a job was given up, and nothing of the sort of any other cancelled one', () => {
    const row = rowOf({ status: 'cancelled', given_up: true });
    assert.equal(row.description, 'given up; a late result is still taken over  4 min ago');
    assert.equal(rowOf({ status: 'cancelled' }).description, '4 min ago');
  });
});
