import assert from 'node:assert/strict';
import { exportFailures, formatOf } from '../../../../src/app/batch/failure-export.ts';
import { failureOfItem, failureOfLetter } from '../../../../src/app/batch/failures.ts';
import { at, stored } from '../../../helpers/stored-items.ts';

const failed = (key: string, error = 'bad input') =>
  failureOfItem(stored('failed', { key, error, size: 5, etag: 'e', job_id: 'j' }));
const HEADER = 'bucket,key,batch,failed,cause,reason,failed_at,attempts,run,job_id,size,etag,message';

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
    assert.equal(first, `media,'=1+1,b1,failed,${cause},${cause},${at(0)},1,1,j,5,e,`);
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

  it('come in chunks, with one header', () => {
    const chunks = [
      ...exportFailures(
        Array.from({ length: 2500 }, (_, n) => failed(`k${n}`)),
        'csv',
      ),
    ];
    assert.equal(chunks.length, 4);
    assert.equal(chunks.join('').split('\r\n').length, 2502);
  });

  it('have the format that the file name says', () => {
    assert.deepEqual(['a.csv', 'a.JSONL', 'a.ndjson', 'jsonl', ''].map(formatOf), [
      ...['csv', 'jsonl', 'jsonl', 'csv', 'csv'],
    ]);
  });
});
