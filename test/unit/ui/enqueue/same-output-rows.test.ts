import assert from 'node:assert/strict';
import { NOTHING_READ, type EnqueuePlan } from '../../../../src/app/batch/plan-enqueue.ts';
import { sameOutputRows } from '../../../../src/ui/enqueue/same-output-rows.ts';
import { stubVscode } from '../../../helpers/ui/vscode-stub.ts';

describe('the row for files with one output', () => {
  const { vs } = stubVscode();
  const rows = (count: number, sameOutput: EnqueuePlan['sameOutput'], truncated = false) =>
    sameOutputRows(vs, { ...NOTHING_READ, skipped: { 'same-output': count }, sameOutput, truncated });
  const pair = { first: 'a.mov', second: 'a.mxf', output: 's3://out/a.mp4' };

  it('says the fact first, in few words, and counts one and many', () => {
    assert.deepEqual(
      [1, 2, 12_000].map((count) => rows(count, pair)[0]?.label),
      [
        '$(warning) 1 file left out: same output as another',
        '$(warning) 2 files left out: same output as another',
        '$(warning) 12,000 files left out: same output as another',
      ],
    );
    assert.deepEqual(rows(0, undefined), []);
    assert.equal(rows(2, pair, true)[0]?.label, '$(warning) at least 2 left out: same output as another');
  });

  it('shows the end of long names, where they differ', () => {
    const folder = 'x'.repeat(1_000);
    const [row] = rows(1, {
      first: `${folder}/a.mov`,
      second: `${folder}/a.mxf`,
      output: `s3://out/${folder}/a.mp4`,
    });
    assert.match(row?.detail ?? '', /^…x+\/a\.mov and …x+\/a\.mxf would both become …x+\/a\.mp4: /);
    assert.ok((row?.detail?.length ?? 0) < 330);
  });

  it('shows no icon, line break or half a character of a stranger', () => {
    const first = `😀${'$(x)\n\u202E'.repeat(20)}.mov`;
    const [row] = rows(1, { ...pair, first, second: `${'😀'.repeat(60)}.mov` });
    const detail = row?.detail ?? '';
    assert.ok(!/[\n\u202E]/.test(detail) && detail.isWellFormed());
    assert.ok(!/(^|[^\\])\$\(x\)/.test(detail), detail);
  });
});
