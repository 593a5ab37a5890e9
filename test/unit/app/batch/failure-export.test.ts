import assert from 'node:assert/strict';
import { exportFailures as exportGroups, formatOf } from '../../../../src/app/batch/failure-export.ts';
import { groupFailures } from '../../../../src/app/batch/failure-groups.ts';
import { failureOfItem, failureOfLetter, type Failure } from '../../../../src/app/batch/failures.ts';
import { leftOut } from '../../../../src/core/batch/left-out.ts';
import { atOnce } from '../../../../src/core/steps.ts';
import { at, stored } from '../../../helpers/stored-items.ts';

const exportFailures = (failures: readonly Failure[], format: 'csv' | 'jsonl') =>
  exportGroups(atOnce(groupFailures(failures)), format);
const failed = (key: string, error = 'bad input') =>
  failureOfItem(stored('failed', { key, error, size: 5, etag: 'e', job_id: 'j' }));
const HEADER =
  'bucket,key,batch,failed,cause,reason,failed_at,attempts,run,job_id,size,etag,left_out_at,left_out_by,note,message';

describe('exported failures', () => {
  it('are a table with a header, in which no cell is calculated', () => {
    const keys = ['=1+1', '+1', '-1', '@a', '\tx', '\rx', 'plain, "quoted"\nkey', 'ü'];
    const text = [
      ...exportFailures(
        keys.map((key) => failed(key, '=HYPERLINK("x")')),
        'csv',
      ),
    ].join('');
    const [header, first] = text.split('\r\n');
    assert.equal(header, `\uFEFF${HEADER}`);
    const cause = `"'=HYPERLINK(""x"")"`;
    assert.equal(first, `media,'=1+1,b1,failed,${cause},${cause},${at(0)},1,1,j,5,e,,,,`);
    for (const key of [`,'+1,`, `,'-1,`, `,'@a,`, `,'\tx,`, `'\rx`, `,"plain, ""quoted""\nkey",`, ',ü,']) {
      assert.ok(text.includes(key), key);
    }
    assert.deepEqual([...exportFailures([], 'csv')].join(''), `\uFEFF${HEADER}\r\n`);
  });

  it('are objects a line, with all values as they are', () => {
    const letter = failureOfLetter({
      ...{ id: 'm1', file: undefined, body: '{\n', receiveCount: 1, expiresAt: new Date(0) },
      ...{ failureClass: 'unreadable', reason: 'no JSON', attempts: 0, failedAt: undefined },
    });
    const text = [...exportFailures([failed('=1\n'), failed('b'), letter], 'jsonl')].join('');
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(rows[0], {
      ...{ bucket: 'media', key: '=1\n', batch: 'b1', failed: 'failed', cause: 'bad input' },
      ...{ reason: 'bad input', failed_at: at(0), attempts: 1, run: 1, job_id: 'j', size: 5, etag: 'e' },
    });
    assert.deepEqual(rows[2], {
      ...{ message: '{\n', failed: 'unreadable', cause: 'no JSON', reason: 'no JSON', attempts: 0 },
    });
  });

  it('say who left which of them out, when and why', () => {
    const mark = { at: at(5), by: 'user/ann', note: '=not "needed"' };
    const item = leftOut(stored('dead', { key: 'a', error: 'x' }), mark);
    const failures = [failureOfItem(item!), failed('b')];
    const [, first = '', second = ''] = [...exportFailures(failures, 'csv')].join('').split('\r\n');
    assert.ok(first.startsWith('media,b,') && first.endsWith(',,,,'), first);
    assert.ok(second.endsWith(`,${at(5)},user/ann,"'=not ""needed""",`), second);
    const [, row = '{}'] = [...exportFailures(failures, 'jsonl')].join('').split('\n');
    const { left_out_at, left_out_by, note } = JSON.parse(row) as Record<string, unknown>;
    assert.deepEqual({ at: left_out_at, by: left_out_by, note }, mark);
  });

  it('come in chunks, with one header', () => {
    const chunks = [
      ...exportFailures(
        Array.from({ length: 2500 }, (_, n) => failed(`k${n}`)),
        'csv',
      ),
    ];
    assert.equal(chunks.length, 11);
    assert.equal(chunks.join('').split('\r\n').length, 2502);
  });

  it('have the format that the file name says', () => {
    assert.deepEqual(['a.csv', 'a.JSONL', 'a.ndjson', 'jsonl', ''].map(formatOf), [
      ...['csv', 'jsonl', 'jsonl', 'csv', 'csv'],
    ]);
  });
});
