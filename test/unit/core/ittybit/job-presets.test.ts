import assert from 'node:assert/strict';
import { parseJobOptions } from '../../../../src/core/ittybit/job-options.ts';
import { JOB_PRESETS } from '../../../../src/core/ittybit/job-presets.ts';

describe('JOB_PRESETS', () => {
  for (const { id, job } of JOB_PRESETS) {
    it(`${id} is a job that the API takes`, () => {
      assert.deepEqual(parseJobOptions(job), job);
    });
  }

  it('have ids and titles of their own', () => {
    for (const field of ['id', 'title'] as const) {
      assert.equal(new Set(JOB_PRESETS.map((preset) => preset[field])).size, JOB_PRESETS.length);
    }
  });
});
