import assert from 'node:assert/strict';
import { jobsAtIttybit } from '../../../../src/app/batch/jobs-at-ittybit.ts';
import { AwsError } from '../../../../src/core/errors.ts';
import { zeroCounts } from '../../../../src/core/batch/batch.ts';
import { awsError, FakeBatches, PIPELINE } from '../../../helpers/fakes.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';

describe('the jobs at Ittybit', () => {
  it('are counted over every page of batches and the bare messages', async () => {
    const batches = new FakeBatches();
    for (let index = 0; index < 150; index += 1) batches.metas.set(`b${index}`, metaOf(`b${index}`));
    batches.read = async () => ({
      meta: undefined,
      checkpoints: [],
      counts: { ...zeroCounts(), submitted: 1, processing: 1, retrying: 2, waiting: 5, dead: 7 },
    });
    const counted = await jobsAtIttybit(PIPELINE, batches);
    assert.deepEqual(counted, { atIttybit: 302, maybe: 302, unread: 0 });
  });

  it('are counted once where the bare messages have a record', async () => {
    const batches = new FakeBatches();
    batches.metas.set('default', metaOf('default'));
    batches.read = async () => ({
      meta: undefined,
      checkpoints: [],
      counts: { ...zeroCounts(), submitted: 3 },
    });
    assert.deepEqual(await jobsAtIttybit(PIPELINE, batches), { atIttybit: 3, maybe: 0, unread: 0 });
  });

  it('are not known where the batches cannot be listed, and known in part where some cannot be read', async () => {
    const batches = new FakeBatches();
    batches.metas.set('b1', metaOf('b1'));
    batches.read = async () => Promise.reject(awsError('missing-permission'));
    assert.deepEqual(await jobsAtIttybit(PIPELINE, batches), { atIttybit: 0, maybe: 0, unread: 2 });
    batches.list = async () => Promise.reject(awsError('missing-permission'));
    assert.equal(await jobsAtIttybit(PIPELINE, batches), undefined);
  });

  it('end with an error of the login, and with a cancel', async () => {
    const batches = new FakeBatches();
    batches.list = async () => Promise.reject(awsError('expired-login'));
    await assert.rejects(jobsAtIttybit(PIPELINE, batches), AwsError);
    const control = new AbortController();
    control.abort();
    batches.list = async () => Promise.reject(control.signal.reason as Error);
    await assert.rejects(jobsAtIttybit(PIPELINE, batches, control.signal), { name: 'AbortError' });
  });
});
