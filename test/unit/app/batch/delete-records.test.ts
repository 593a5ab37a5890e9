import assert from 'node:assert/strict';
import { claimFile } from '../../../../src/app/batch/claim-file.ts';
import { deleteRecords, planDeletion } from '../../../../src/app/batch/delete-records.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';
import { workOf } from '../../../../src/core/batch/work.ts';
import { awsError, FakeQueues, PIPELINE } from '../../../helpers/fakes.ts';
import { MemoryEraser } from '../../../helpers/memory-eraser.ts';
import { MemoryLedger, noneNegative } from '../../../helpers/memory-ledger.ts';
import { CANCELLED } from '../../../helpers/ui/batch-marks.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';

const NOW = Date.parse('2026-11-24T12:00:00.000Z');
const COMMISSION = { job: DEFAULT_JOB_OPTIONS, connectionId: '' };

/** An item as a move leaves it: its history ends with its status. */
function itemOf(key: string, status: Status, change: Partial<ResultItem> = {}): ResultItem {
  const at = '2026-11-23T12:00:00.000Z';
  const file = { bucket: 'film', key, etag: 'e1' };
  return {
    ...{ batch: 'b1', ...file, kind: 'video', attempts: 1, run: 1, rev: 3, work: workOf(file, COMMISSION) },
    ...{ status, unclear: false, created_at: at, updated_at: at, history: [{ status, at, attempts: 1 }] },
    ...change,
  };
}

/** A batch `b1` that is over, with these files. */
function bench(items: readonly ResultItem[]) {
  const ledger = new MemoryLedger();
  const eraser = new MemoryEraser(ledger);
  const queues = new FakeQueues();
  const pauses: number[] = [];
  for (const item of items) {
    ledger.put(item);
    if (item.work !== undefined && item.status !== 'covered') {
      ledger.works.set(`s3://${item.bucket}/${item.key} ${item.work}`, item.batch);
    }
  }
  eraser.metas.set('b1', metaOf('b1', { prefix: '1999/' }));
  const services = {
    ...{ batches: eraser, eraser, ledger, queues, now: () => NOW },
    pause: async (ms: number) => void pauses.push(ms),
  };
  const left = () =>
    [...ledger.items.values()].map(({ batch, key, status }) => `${batch} ${key} ${status}`).sort();
  const run = (options = {}) => deleteRecords('b1', PIPELINE, services, options);
  return { ledger, eraser, queues, services, pauses, left, run };
}

const many = (count: number, status: Status): ResultItem[] =>
  Array.from({ length: count }, (_, i) => itemOf(`${status} ${String(i).padStart(3, '0')}.mov`, status));

describe('deleteRecords', () => {
  it('deletes what was not paid, keeps what succeeded, and the batch is gone', async () => {
    const { run, left, eraser, pauses, ledger } = bench([
      ...many(60, 'failed'),
      ...many(30, 'covered'),
      ...many(3, 'cancelled'),
      ...many(2, 'succeeded'),
    ]);
    const reports: number[] = [];
    const done = await run({ onProgress: ({ deleted }: { deleted: number }) => reports.push(deleted) });
    assert.deepEqual(done, { deleted: 93, kept: 2 });
    assert.deepEqual(left(), ['b1 succeeded 000.mov succeeded', 'b1 succeeded 001.mov succeeded']);
    assert.equal(eraser.metas.size, 0);
    assert.equal(ledger.counts.has('b1'), false);
    assert.deepEqual(reports, [25, 30, 33, 58, 83, 93], 'pages of 25');
    assert.deepEqual(pauses, [30_000], 'a consumer may have read of the batch just before');
  });

  it('pays no second time for a file that succeeded, whatever was deleted', async () => {
    const { run, ledger } = bench([itemOf('a.mov', 'succeeded', { output_url: 'https://out' })]);
    await run();
    const message = { batch: 'b2', bucket: 'film', key: 'a.mov', etag: 'e1' };
    const outcome = await claimFile(
      {
        ...{ message, isRedriven: false, job: DEFAULT_JOB_OPTIONS, again: false, claim: 'c' },
        sender: { apiUrl: '', connectionId: '', webhookUrl: '', signingKeys: ['k'.repeat(64)] },
        ...{ leaseUntilMs: NOW, dueMs: NOW, newReference: 'r'.repeat(32) },
        patience: { reconcileAfterMs: 1, settleMs: 1 },
      },
      { ledger, jobOf: async () => undefined, now: () => NOW },
    );
    assert.deepEqual(outcome, { type: 'done', note: 'covered by batch b1' });
  });

  it('ends dead files as cancelled, so that the sweep takes their letters', async () => {
    const { run, left } = bench(many(2, 'dead'));
    assert.deepEqual(await run(), { deleted: 0, kept: 2 });
    assert.deepEqual(left(), ['b1 dead 000.mov cancelled', 'b1 dead 001.mov cancelled']);
  });

  it('keeps a failure that a file of another batch waits for', async () => {
    const { run, left } = bench([
      itemOf('a.mov', 'failed'),
      itemOf('b.mov', 'failed'),
      itemOf('a.mov', 'waiting', { batch: 'b2' }),
    ]);
    assert.deepEqual(await run(), { deleted: 1, kept: 1 });
    assert.deepEqual(left(), ['b1 a.mov failed', 'b2 a.mov waiting']);
  });

  it('goes on where it was stopped or broke, and counts what is there at each moment', async () => {
    const control = new AbortController();
    const { run, eraser, ledger, left } = bench([...many(40, 'failed'), ...many(5, 'dead')]);
    const stopped = run({
      signal: control.signal,
      onProgress: () => {
        control.abort();
      },
    });
    await assert.rejects(stopped, { name: 'AbortError' });
    assert.equal(ledger.counts.get('b1')?.failed, 15);
    assert.ok(eraser.metas.get('b1')?.deleting);
    eraser.before = (what) => {
      if (what === 'forget') throw awsError('unreachable');
    };
    await assert.rejects(run(), { code: 'unreachable' });
    assert.ok(noneNegative(ledger.counts.get('b1') ?? assert.fail()));
    eraser.before = () => undefined;
    await run();
    assert.equal(left().length, 5);
    assert.equal(eraser.metas.size, 0);
  });

  it('waits no second time where its mark is older than any call in flight', async () => {
    const { run, eraser, pauses } = bench(many(1, 'failed'));
    const deleting = { at: '2026-11-24T11:59:29.000Z', by: 'operator' };
    eraser.metas.set('b1', metaOf('b1', { deleting, brake: { disarmed: [], ...CANCELLED } }));
    await run();
    assert.deepEqual(pauses, []);
  });

  it('leaves a file that another window retries meanwhile, and with it the batch', async () => {
    const { run, eraser, ledger, left } = bench(many(2, 'failed'));
    eraser.before = async (what, key) => {
      if (what !== 'remove' || key !== 'failed 000.mov') return;
      const item = [...ledger.items.values()].find((one) => one.key === key) ?? assert.fail();
      await ledger.write({ before: item, next: { ...item, status: 'retrying', run: 2, rev: item.rev + 1 } });
    };
    await assert.rejects(run(), /A file of batch b1 was sent again meanwhile/);
    assert.deepEqual(left(), ['b1 failed 000.mov retrying']);
    assert.ok(eraser.metas.has('b1'));
  });
});

describe('planDeletion', () => {
  const refusal = async (made: ReturnType<typeof bench>): Promise<string> => {
    const error: unknown = await planDeletion('b1', PIPELINE, made.services).catch(
      (reason: unknown) => reason,
    );
    await assert.rejects(made.run(), { message: (error as Error).message });
    assert.deepEqual(made.eraser.metas.get('b1')?.deleting, undefined, 'nothing has begun');
    return (error as Error).message;
  };

  it('says how the files of a batch ended', async () => {
    const { services } = bench([...many(2, 'failed'), ...many(1, 'succeeded')]);
    const { meta, progress } = await planDeletion('b1', PIPELINE, services);
    assert.equal(meta.prefix, '1999/');
    assert.deepEqual([progress.counts.failed, progress.counts.succeeded], [2, 1]);
  });

  it('refuses a batch that is not over, or has no record', async () => {
    for (const status of ['submitted', 'retrying', 'waiting'] as const) {
      assert.match(await refusal(bench(many(1, status))), /^Batch b1 is not over/);
    }
    const claimed = bench([...many(1, 'failed'), itemOf('z.mov', 'submitting')]);
    claimed.eraser.metas.set('b1', metaOf('b1', { brake: { disarmed: [], ...CANCELLED } }));
    assert.match(await refusal(claimed), /^Batch b1 is not over/, 'no count tells of a claim');
    const queued = bench(many(1, 'failed'));
    queued.eraser.sent.set('b1', 2);
    assert.match(await refusal(queued), /^Batch b1 is not over/);
    const unknown = bench([]);
    unknown.eraser.metas.clear();
    assert.match(await refusal(unknown), /no readable record of batch b1/);
  });

  it('refuses a cancelled batch whose messages may still be in the queue', async () => {
    const made = bench(many(1, 'failed'));
    made.eraser.metas.set('b1', metaOf('b1', { brake: { disarmed: [], ...CANCELLED } }));
    made.eraser.sent.set('b1', 9);
    made.queues.add(PIPELINE.workQueueUrl, { body: 'x' });
    assert.match(await refusal(made), /^Batch b1 still drains/);
    made.queues.queues.clear();
    await made.run();
  });

  it('refuses a batch while parts of its cloud enqueue may still arrive', async () => {
    const made = bench(many(1, 'failed'));
    made.eraser.runs.set('b1', { execution: 'arn:execution', ordinal: 0 });
    const cancelled = (at: string) =>
      made.eraser.metas.set(
        'b1',
        metaOf('b1', { brake: { disarmed: [], cancelled: { at, by: 'operator' } } }),
      );
    cancelled('2026-11-24T11:50:01.000Z');
    assert.match(await refusal(made), /may still arrive: try again ten minutes after it was cancelled/);
    cancelled('2026-11-24T11:50:00.000Z');
    await made.run();
    assert.deepEqual(made.left(), []);
  });

  it('refuses while a dead file may have a job', async () => {
    const made = bench([...many(3, 'dead'), itemOf('z.mov', 'dead', { unclear: true })]);
    assert.match(await refusal(made), /dead files that may have a job at Ittybit/);
  });

  it('refuses a batch of an older stack, whose results count by what it was asked for', async () => {
    const { work: _, ...old } = itemOf('a.mov', 'succeeded');
    const made = bench([old]);
    made.ledger.hasOldResults = true;
    assert.match(await refusal(made), /was made by an older stack/);
    const newer = bench(many(1, 'succeeded'));
    newer.ledger.hasOldResults = true;
    await newer.run();
  });
});
