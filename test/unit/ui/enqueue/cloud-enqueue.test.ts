import assert from 'node:assert/strict';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';
import { sendInCloud, type CloudRequest } from '../../../../src/ui/enqueue/cloud-enqueue.ts';
import { enqueueInCloudCommand } from '../../../../src/ui/enqueue/enqueue-in-cloud.ts';
import { cloudOffer } from '../../../../src/ui/enqueue/cloud-advice-row.ts';
import { enumeratorName } from '../../../../src/core/stack/enumerator-contract.ts';
import { eventOf, OUTPUT_VALUES, stackOf } from '../../../helpers/fake-stacks.ts';
import { PIPELINE as OUTPUTS } from '../../../helpers/fakes.ts';
import { cloudFixture, MACHINE } from '../../../helpers/ui/cloud-fixture.ts';

/** The stack's outputs that the bucket's cloud enqueue was made for. */
const PIPELINE = {
  ...OUTPUTS,
  workQueueUrl: OUTPUT_VALUES['WorkQueueUrl'] ?? '',
  resultsTable: OUTPUT_VALUES['ResultsTableName'] ?? '',
};

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

  it('updates the stack of an older Media Batch first, and says so', async () => {
    const made = cloudFixture({}, '0');
    made.stub.files.set('/ext/dist/enumerator.yaml', 'Resources: {new}');
    const outputs = { EnumeratorArn: MACHINE, SourceBucket: 'film' };
    const { stacks } = made.fake;
    const execute = stacks.executeChangeSet.bind(stacks);
    stacks.executeChangeSet = async () => {
      await execute();
      stacks.others.set(
        enumeratorName('media-batch', 'film'),
        stackOf('UPDATE_COMPLETE', { id: 'arn:stack/enumerator', outputs }),
      );
      const done = eventOf(9, enumeratorName('media-batch', 'film'), 'UPDATE_COMPLETE');
      stacks.history.push(done);
    };
    await enqueueInCloudCommand(made.ui);
    const question = made.stub.shown.find(({ text }) => text.startsWith('Enqueue s3://film/'));
    assert.match(question?.detail ?? '', /^Updates the stack "media-batch-enqueue-[0-9a-f]{8}" first: /m);
    assert.deepEqual(
      stacks.requests.map(({ create, templateBody }) => [create, templateBody]),
      [[false, 'Resources: {new}']],
    );
    assert.equal(made.runs.started.length, 1);
  });

  it('splits what was counted to be more than one run takes, and says so before it begins', async () => {
    const made = cloudFixture();
    const { ui, connection, runs, stub } = made;
    const request = { bucket: 'film', prefix: '', job: DEFAULT_JOB_OPTIONS };
    const plan = { listed: 50_000_001, files: 1, truncated: true };
    const metas = await sendInCloud(ui, connection.session, PIPELINE, { request, plan });
    assert.deepEqual(
      metas?.map(({ prefix, planned }) => [prefix, planned]),
      [
        ['a', undefined],
        ['b', undefined],
      ],
    );
    assert.deepEqual(
      runs.started.map(({ input }) => input.run.prefix),
      ['a', 'b'],
    );
    const [question] = stub.shown;
    assert.deepEqual(question?.choices, ['Enqueue in the Cloud']);
    assert.match(question.detail ?? '', /so there are 2 batches with a run each, from a to b\.$/m);
  });

  it('splits what was not counted where the user says so, and asks again with the parts', async () => {
    let asked = 0;
    const made = cloudFixture({
      'Enqueue s3://film/': () => ((asked += 1) === 1 ? 'In Parts…' : 'Enqueue in the Cloud'),
    });
    await enqueueInCloudCommand(made.ui);
    assert.equal(asked, 2);
    assert.equal(made.batches.metas.size, 2);
    assert.match(made.said() ?? '', /^2 batches are enqueued in the cloud: .*You can close the editor\.$/);
  });

  it('offers the editor where there is nothing to split', async () => {
    const made = cloudFixture({ 's3://film/': undefined });
    const { ui, connection, runs, stub } = made;
    const request = { bucket: 'film', prefix: 'a.mp4', job: DEFAULT_JOB_OPTIONS };
    const plan = { listed: 50_000_001, files: 1, truncated: true };
    assert.equal(await sendInCloud(ui, connection.session, PIPELINE, { request, plan }), undefined);
    assert.match(stub.shown.at(-1)?.text ?? '', /has no parts/);
    assert.deepEqual(stub.shown.at(-1)?.choices, ['Enqueue from the Editor…']);
    assert.deepEqual(runs.started, []);
  });

  it('refuses what it cannot carry out before it asks or makes anything', async () => {
    const made = cloudFixture();
    const request = { bucket: 'film', prefix: '', job: DEFAULT_JOB_OPTIONS };
    const bad = [
      { ...request, source: { keys: ['a.mp4'] } },
      { ...request, job: { ...DEFAULT_JOB_OPTIONS, output: 's3://film/{stem}.mp4' } },
    ];
    for (const each of bad) {
      const send = sendInCloud(made.ui, made.connection.session, PIPELINE, {
        request: each,
        plan: undefined,
      });
      await assert.rejects(send, { code: 'invalid-input' });
    }
    assert.deepEqual([made.stub.shown, made.runs.started], [[], []]);
  });

  it('knows the planned number and the operator, where they are known', async () => {
    const made = cloudFixture();
    const request = { bucket: 'film', prefix: '', job: DEFAULT_JOB_OPTIONS, name: 'reels' };
    const said = async (plan: CloudRequest['plan']) => {
      await sendInCloud(made.ui, made.connection.session, PIPELINE, { request, plan });
      return [...made.batches.metas.values()].at(-1);
    };
    assert.equal((await said(undefined))?.planned, undefined);
    assert.equal((await said({ listed: 9, files: 7, truncated: true }))?.planned, undefined);
    const meta = await said({ listed: 9, files: 7, truncated: false });
    assert.deepEqual([meta?.planned, meta?.by, meta?.name], [7, 'user/me', 'reels']);
  });

  it('is offered by the size of the work', () => {
    const { vs } = cloudFixture().ui;
    const offers = [
      [5, 899, undefined],
      [5, 901, undefined],
      [2_000_000, 1, 60],
      [20_000_000, 1, 60],
      [5, 1, 11 * 86_400],
    ] as const;
    assert.deepEqual(
      offers.map(
        ([listed, countedIn, seconds]) =>
          cloudOffer(vs, { plan: { listed, files: 1 }, countedIn }, seconds)?.advice,
      ),
      [undefined, 'suggested', 'suggested', 'default', 'required'],
    );
  });
});
