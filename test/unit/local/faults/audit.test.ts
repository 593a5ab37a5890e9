import assert from 'node:assert/strict';
import { batchProgress } from '../../../../src/app/batch/batch-progress.ts';
import { zeroCounts, type BatchMeta } from '../../../../src/core/batch/batch.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { audit, type Evidence } from '../../../../src/local/faults/audit.ts';
import type { JobEntry } from '../../../../src/local/ittybit/job-entry.ts';

const INPUT = 's3://media/a.mov';
const item = (change: Partial<ResultItem> = {}): ResultItem => ({
  ...{ batch: 'b1', bucket: 'media', key: 'a.mov', status: 'succeeded', kind: 'video', attempts: 1, run: 1 },
  ...{ reference: 'ref-1', job_id: 'job_1', unclear: false, created_at: '', updated_at: '', rev: 3 },
  ...change,
});
const job = (change: Partial<JobEntry> = {}): JobEntry => ({
  ...{ id: 'job_1', input: INPUT, kind: 'video', options: { width: 1920 }, output: null, connection: '' },
  ...{ metadata: {}, reference: 'ref-1', webhookUrl: 'http://hook/b1/source/signature' },
  ...{ createdAt: 1, finishedAt: 2, status: 'succeeded' },
  ...change,
});

describe('the audit of a run', () => {
  /** A run in which everything is as it should be, with a change. */
  const brokenIn = (change: Partial<Evidence> = {}) => {
    const items = change.items ?? [item()];
    const evidence: Evidence = {
      ...{ wanted: new Map([['b1', [INPUT]]]), items, progress: new Map([['b1', shown(items, 1)]]) },
      ...{
        letters: [],
        seenLetters: [],
        jobs: [job()],
        forgedAccepted: 0,
        creates: [],
        again: new Set<string>(),
        cancelledAt: new Map(),
      },
      ...change,
    };
    return audit(evidence).map(({ promise }) => promise);
  };
  /** What the product shows of a batch that has sent so many files. */
  const shown = (items: readonly ResultItem[], sent: number, isCancelled = false) => {
    const counts = zeroCounts();
    for (const { status } of items) counts[status] += status === 'submitting' ? 0 : 1;
    const checkpoints = [{ shard: 0, lastKey: 'z', listed: sent, sent, skipped: {}, done: true }];
    const brake = { disarmed: [], ...(isCancelled && { cancelled: { at: '', by: 'operator' } }) };
    return batchProgress({ checkpoints, counts, meta: { brake } as unknown as BatchMeta });
  };
  const letter = (reason: string | undefined) => ({ batch: 'b1', input: INPUT, reason });

  it('finds nothing where each file has its end', () => {
    assert.deepEqual(brokenIn(), []);
    assert.deepEqual(
      brokenIn({ items: [item({ status: 'failed' })], jobs: [job({ status: 'failed' })] }),
      [],
    );
    assert.deepEqual(brokenIn({ items: [item({ status: 'dead', error: 'refused' })], jobs: [] }), []);
  });

  it('finds a file without an item, unless a letter tells why', () => {
    assert.deepEqual(brokenIn({ items: [] }), ['lost']);
    assert.deepEqual(brokenIn({ items: [], letters: [letter('no batch')] }), []);
    assert.deepEqual(brokenIn({ items: [], letters: [letter(undefined)] }), ['lost']);
    const wanted = new Map([
      ['b1', [INPUT]],
      ['b2', [INPUT]],
    ]);
    assert.deepEqual(brokenIn({ wanted }), ['lost']);
  });

  it('finds two paid jobs for one content, or for one run of a file', () => {
    assert.deepEqual(brokenIn({ jobs: [job(), job({ id: 'job_2', webhookUrl: null })] }), ['paidTwice']);
    // Another connection is another content, but not within one run.
    const elsewhere = job({ id: 'job_2', connection: 'other' });
    assert.deepEqual(brokenIn({ jobs: [job(), elsewhere] }), ['paidTwice']);
    const ofNewStack = { ...elsewhere, webhookUrl: 'http://new-hook/b1/source/other-signature' };
    assert.deepEqual(brokenIn({ jobs: [job(), ofNewStack] }), ['paidTwice']);
    const ofBatch2 = { ...elsewhere, webhookUrl: 'http://hook/b2/source/signature' };
    assert.deepEqual(brokenIn({ jobs: [job(), ofBatch2] }), []);
  });

  it('takes what a user pays again for another content', () => {
    const ofBatch2 = job({
      id: 'job_2',
      webhookUrl: 'http://hook/b2/source/signature',
      metadata: { batch: 'b2' },
    });
    assert.deepEqual(brokenIn({ jobs: [job(), ofBatch2] }), ['paidTwice']);
    assert.deepEqual(brokenIn({ jobs: [job(), ofBatch2], again: new Set(['b2']) }), []);
    const third = { ...ofBatch2, id: 'job_3', webhookUrl: null };
    assert.deepEqual(brokenIn({ jobs: [job(), ofBatch2, third], again: new Set(['b2']) }), ['paidTwice']);
  });

  it('does not count jobs that cost nothing', () => {
    for (const status of ['failed', 'cancelled'] as const) {
      assert.deepEqual(brokenIn({ jobs: [job(), job({ id: 'job_2', status })] }), []);
    }
  });

  it('finds letters and dead items without a reason, also of letters that are gone', () => {
    assert.deepEqual(brokenIn({ seenLetters: [letter(undefined)] }), ['withoutReason']);
    assert.deepEqual(brokenIn({ items: [item({ status: 'dead' })], jobs: [] }), ['withoutReason']);
  });

  it('finds files that have not ended', () => {
    for (const status of ['submitting', 'retrying', 'submitted', 'waiting'] as const) {
      assert.deepEqual(brokenIn({ items: [item({ status })] }), ['open'], status);
    }
    const { job_id: _, ...unknown } = item({ status: 'dead', unclear: true, error: 'no answer' });
    assert.deepEqual(brokenIn({ items: [unknown], jobs: [] }), ['open']);
    assert.deepEqual(brokenIn({ items: [{ ...unknown, cannot_tell: true }], jobs: [] }), []);
  });

  it('finds ends that Ittybit knows nothing of', () => {
    assert.deepEqual(brokenIn({ jobs: [job({ status: 'failed' })] }), ['falseEnd']);
    assert.deepEqual(brokenIn({ items: [item({ status: 'failed' })] }), ['falseEnd']);
    assert.deepEqual(brokenIn({ items: [item({ status: 'dead', error: 'refused' })] }), ['falseEnd']);
    assert.deepEqual(brokenIn({ items: [item({ status: 'covered', covered_by: 'b2' })] }), ['falseEnd']);
  });

  it('finds forged callbacks that were taken, and counts that differ', () => {
    assert.deepEqual(brokenIn({ forgedAccepted: 1 }), ['forgedAccepted']);
    assert.deepEqual(brokenIn({ progress: new Map([['b1', shown([], 1)]]) }), ['countsDiffer']);
    assert.deepEqual(brokenIn({ progress: new Map([['b1', shown([item()], 2)]]) }), ['countsDiffer']);
  });

  describe('with a batch that was cancelled', () => {
    const cancelled = item({ status: 'cancelled', error: 'cancelled' });
    const of = (items: readonly ResultItem[], sent: number, change: Partial<Evidence> = {}) =>
      brokenIn({
        ...{ wanted: new Map([['b1', []]]), cancelledAt: new Map([['b1', 50_000]]), items },
        ...{ progress: new Map([['b1', shown(items, sent, true)]]), ...change },
      });
    const ask = (at: number, n = 0) => ({ at, batch: 'b1', input: `${INPUT}${n}` });

    it('takes files that nobody has claimed for cancelled', () => {
      assert.deepEqual(of([], 30), []);
      assert.deepEqual(of([item(), { ...cancelled, key: 'b.mov' }], 30), []);
    });

    it('finds more items than it sent, and counts that leave some out', () => {
      assert.deepEqual(of([item()], 0), ['countsDiffer', 'countsDiffer']);
      assert.deepEqual(of([], 30, { progress: new Map([['b1', shown([], 30)]]) }), ['countsDiffer']);
    });

    it('finds a file that has not ended', () => {
      assert.deepEqual(of([item({ status: 'retrying' })], 30), ['open']);
    });

    it('finds requests that were not in flight when it was cancelled', () => {
      const inFlight = Array.from({ length: 20 }, (_, n) => ask(60_000, n));
      assert.deepEqual(of([], 30, { creates: [ask(1), ...inFlight] }), []);
      assert.deepEqual(of([], 30, { creates: [...inFlight, ask(60_000, 20)] }), ['sentAfterCancel']);
      assert.deepEqual(of([], 30, { creates: [ask(70_001)] }), ['sentAfterCancel']);
      assert.deepEqual(of([], 30, { creates: [{ ...ask(90_000), batch: 'b2' }] }), []);
    });
  });
});
