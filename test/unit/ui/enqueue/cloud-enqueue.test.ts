import assert from 'node:assert/strict';
import { enqueueInCloudCommand } from '../../../../src/ui/enqueue/enqueue-in-cloud.ts';
import { cloudOffer } from '../../../../src/ui/enqueue/cloud-advice-row.ts';
import { enumeratorName } from '../../../../src/core/stack/enumerator-contract.ts';
import type { Stack } from '../../../../src/core/stack/stack-service.ts';
import { stackOf } from '../../../helpers/fake-stacks.ts';
import { FakeCloudRuns } from '../../../helpers/fake-cloud-runs.ts';
import { enqueueFixture, type EnqueueFixture, type Script } from '../../../helpers/ui/enqueue-fixture.ts';

const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:MediaBatchEnumerator-x';

/** An account in which the bucket `film` has its cloud enqueue. */
function cloudFixture(script: Script = {}): EnqueueFixture & { readonly runs: FakeCloudRuns } {
  const made = enqueueFixture(['a.mp4'], { 'Enqueue s3://film/': 'Enqueue in the Cloud', ...script });
  const own: Stack = {
    ...stackOf('CREATE_COMPLETE'),
    outputs: { EnumeratorArn: MACHINE, SourceBucket: 'film' },
  };
  made.fake.stacks.others.set(enumeratorName('media-batch', 'film'), own);
  const { cloudRuns } = made.fake.services;
  assert.ok(cloudRuns instanceof FakeCloudRuns);
  return { ...made, runs: cloudRuns };
}

describe('Enqueue in the Cloud', () => {
  it('asks as the enqueue does, says what it costs, and starts the run of a new batch', async () => {
    const made = cloudFixture();
    await enqueueInCloudCommand(made.ui);
    const question = made.stub.shown.find(({ text }) => text.startsWith('Enqueue s3://film/'));
    assert.match(question?.detail ?? '', /about \$0\.17 for each million objects listed/);
    assert.match(question?.detail ?? '', /Account 111122223333/);
    const [run] = made.runs.started;
    assert.equal(run?.machine, MACHINE);
    assert.deepEqual([...made.batches.metas.keys()], [run.name]);
    assert.equal(run.input.run.bucket, 'film');
    assert.match(made.stub.shown.at(-1)?.text ?? '', /is enqueued in the cloud.*You can close the editor\.$/);
    assert.deepEqual(made.sent(), []);
  });

  it('starts nothing where the question is left', async () => {
    const made = cloudFixture({ 'Enqueue s3://film/': undefined });
    await assert.rejects(enqueueInCloudCommand(made.ui), { name: 'AbortError' });
    assert.deepEqual([made.runs.started, made.batches.metas.size], [[], 0]);
  });

  it('offers the editor for a bucket elsewhere', async () => {
    const made = cloudFixture({ 'The bucket "film" is in': undefined });
    made.buckets.region = async () => 'us-west-2';
    await enqueueInCloudCommand(made.ui);
    assert.match(
      made.stub.shown.at(-1)?.text ?? '',
      /is in us-west-2 and the pipeline in .*: enqueue it from the editor/,
    );
    assert.deepEqual(made.runs.started, []);
  });

  it('is offered by the size of the work', () => {
    const { vs } = cloudFixture().ui;
    const offers = [
      [5, undefined],
      [2_000_000, 60],
      [20_000_000, 60],
      [5, 11 * 86_400],
    ] as const;
    assert.deepEqual(
      offers.map(([listed, seconds]) => cloudOffer(vs, { listed }, seconds)?.advice),
      [undefined, 'suggested', 'default', 'required'],
    );
  });
});
