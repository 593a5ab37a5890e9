import assert from 'node:assert/strict';
import { cancelBatch, holdBatch, resumeBatch } from '../../../../src/app/batch/stop-batch.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';
import { FakeBatches, PIPELINE } from '../../../helpers/fakes.ts';

describe('what the user says of a batch', () => {
  let batches: FakeBatches;
  const brake = (batch = 'b1') => batches.metas.get(batch)?.brake;

  beforeEach(async () => {
    batches = new FakeBatches();
    const place = { bucket: 'media', prefix: '', extensions: [], created_at: '' };
    for (const batch of ['b1', 'b2']) {
      await batches.create('table', { batch, job: DEFAULT_JOB_OPTIONS, ...place });
    }
  });

  it('is kept with who said it and when, for that batch only', async () => {
    const before = Date.now();
    await cancelBatch('b1', PIPELINE, batches);
    await holdBatch('b1', PIPELINE, batches);
    const { cancelled, hold } = brake() ?? {};
    for (const said of [cancelled, hold]) {
      assert.equal(said?.by, 'operator');
      assert.ok(Date.parse(said.at) >= before);
    }
    assert.deepEqual([hold?.reason, brake('b2')], ['You held this batch.', undefined]);
  });

  it('disarms the cause of a hold that is resumed, and never the hold of the user', async () => {
    await holdBatch('b1', PIPELINE, batches);
    await resumeBatch('b1', brake()!.hold!, PIPELINE, batches);
    assert.deepEqual([brake()?.hold, brake()?.disarmed], [undefined, []]);
    const hold = { reason: 'no connection', cause: 'cause-1', at: '', by: 'consumer' };
    await batches.hold('table', 'b1', hold);
    await resumeBatch('b1', hold, PIPELINE, batches);
    assert.deepEqual([brake()?.hold, brake()?.disarmed], [undefined, ['cause-1']]);
  });
});
