import assert from 'node:assert/strict';
import { batchCancelled } from '../../../../src/app/batch/stop-batch.ts';
import { DEFAULT_JOB_OPTIONS, parseJobOptions } from '../../../../src/core/ittybit/job-options.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { enqueueRestCommand } from '../../../../src/ui/enqueue/enqueue-rest.ts';
import { runEnqueue, showEnqueueOutcome } from '../../../../src/ui/enqueue/run-enqueue.ts';
import { s3Object } from '../../../helpers/fakes.ts';
import { batchNode, CANCELLED, marksFixture } from '../../../helpers/ui/batch-marks.ts';
import { MemoryBuckets } from '../../../helpers/ui/memory-buckets.ts';
import { onEnter, row, SEND } from '../../../helpers/ui/enqueue-fixture.ts';

const JOB = parseJobOptions({
  kind: 'video',
  options: { format: 'mp4', height: 480 },
  output: 's3://results/{key}.mp4',
});
describe('Enqueue the Rest', () => {
  it('opens the review of Enqueue Prefix, with the answers of the batch and "Not yet done"', async () => {
    const filter = {
      glob: '**/*.mxf',
      min_size: 1_234_567,
      changed_since: '2026-01-02T00:00:00.000Z',
      segments: true,
    };
    const files = ['1999/a.mxf', '1999/b.mxf', '1999/c.mxf', '1999/d.mov'].map((key) =>
      s3Object(key, { size: 1_234_567, lastModified: new Date('2026-02-02') }),
    );
    const made = marksFixture(
      { 'Nothing has been sent': onEnter },
      { b1: { sent: 9, brake: CANCELLED, meta: { job: JOB, extensions: ['mxf', 'mov'], filter } } },
      { buckets: new MemoryBuckets({ film: files }) },
    );
    const done = { batch: 'b1', bucket: 'film', key: '1999/b.mxf', status: 'succeeded', kind: 'video' };
    const drained = { ...done, key: '1999/c.mxf', status: 'cancelled' };
    made.batches.items = [done, drained] as ResultItem[];
    await enqueueRestCommand(made.ui, batchNode('b1'));
    assert.deepEqual(made.questions(), [
      'Nothing has been sent yet. Enqueue?',
      '2 files are in the queue, of 4 objects. Skipped: 1 outside the filters, 1 done or under way.',
    ]);
    const review = made.review();
    for (const answer of [
      '$(folder) s3://film/1999/',
      '$(gear) As in batch b1 | video: format mp4, height 480',
      '$(save) s3://results/{key}.mp4',
      '$(files) mxf, mov',
      'Names: **/*.mxf, At least 1.23 MB',
    ])
      assert.ok(review.includes(answer), answer);
    const sent = [...made.batches.metas.values()].filter(({ batch }) => batch !== 'b1');
    assert.deepEqual(
      sent.map(({ bucket, prefix, job, extensions, filter: kept }) => [
        bucket,
        prefix,
        job,
        extensions,
        kept,
      ]),
      [['film', '1999/', JOB, ['mxf', 'mov'], { ...filter, not_yet_done: true }]],
    );
    assert.deepEqual(made.sent(), ['1999/a.mxf', '1999/c.mxf']);
  });

  it('takes another job in its place, and keeps the output', async () => {
    const made = marksFixture(
      {
        'Nothing has been sent': [row('$(gear)'), SEND],
        'What should Ittybit': 'Web video, 1080p MP4',
      },
      { b1: { sent: 9, brake: CANCELLED, meta: { job: JOB } } },
    );
    await enqueueRestCommand(made.ui, batchNode('b1'));
    const [, other] = [...made.batches.metas.values()];
    assert.deepEqual(other?.job, parseJobOptions({ ...DEFAULT_JOB_OPTIONS, output: JOB.output }));
  });

  it('is offered, in place of Resume, by an enqueue whose batch is cancelled meanwhile', async () => {
    const made = marksFixture({ 'Batch b1 was cancelled': 'Enqueue the Rest…' }, {});
    const outcome = await runEnqueue(made.ui, {
      title: 'x',
      total: undefined,
      begin: async ({ onProgress }) => {
        onProgress?.({ batch: 'b1', listed: 9, sent: 9, skipped: {} });
        throw batchCancelled('b1', 9);
      },
    });
    await showEnqueueOutcome(made.ui, outcome);
    assert.deepEqual(made.stub.shown[0]?.choices, ['Enqueue the Rest…', 'Show Batches']);
    const calls = made.stub.executed.filter(({ id }) => id !== 'setContext');
    assert.deepEqual(
      calls.map(({ id, args }) => [id, (args[0] as { data: unknown }).data]),
      [['mediaBatch.enqueueRest', { batch: 'b1' }]],
    );
    assert.equal(made.ui.enqueues.get('b1'), undefined);
  });

  it('offers only cancelled batches, with how much of them is left, from the palette', async () => {
    const made = marksFixture(
      { '': ({ choices }) => choices[0] },
      { b1: { sent: 1300, counts: { succeeded: 6, submitted: 10 }, brake: CANCELLED }, open: { sent: 9 } },
    );
    await enqueueRestCommand(made.ui);
    assert.deepEqual(
      made.stub.shown[0]?.items?.map(({ label, detail }) => [label, detail]),
      [['s3://film/1999/', 'cancelled: 1,284 of 1,300']],
    );
    assert.equal(made.sent().length, 2);
    const none = marksFixture({}, { open: { sent: 9 } });
    await enqueueRestCommand(none.ui);
    assert.deepEqual(
      none.stub.shown.map(({ text }) => text),
      ['No batch is cancelled.'],
    );
  });

  it('is refused for a batch that goes on', async () => {
    const made = marksFixture({}, { open: { sent: 9 } });
    await assert.rejects(enqueueRestCommand(made.ui, batchNode('open')), {
      code: 'invalid-input',
      message: /is not cancelled/,
    });
    assert.deepEqual([made.sent(), made.stub.shown], [[], []]);
  });
});
