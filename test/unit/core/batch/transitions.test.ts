import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jobReference } from '../../../../src/core/ittybit/job-reference.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';
import { isTerminal, type HistoryEntry, type ResultItem } from '../../../../src/core/batch/result-item.ts';
import { resultItem } from '../../../../src/core/batch/result-codec.ts';
import { RANK, transition, type ItemEvent } from '../../../../src/core/batch/transitions.ts';
import type { JobReport } from '../../../../src/core/ittybit/webhook-payload.ts';
import { MemoryLedger, noneNegative } from '../../../helpers/memory-ledger.ts';

const MAX_ATTEMPTS = 3;
const FILE = { batch: 'b1', bucket: 'media', key: 'a.mp4' };
const reference = (run: number) => jobReference(FILE, DEFAULT_JOB_OPTIONS, run);

function claimBy(claim: string, leaseUntilMs: number): ItemEvent {
  return { type: 'claim', claim, leaseUntilMs, reference, kind: 'video', maxAttempts: MAX_ATTEMPTS };
}

function report(status: JobReport['status'], change: Partial<JobReport> = {}): ItemEvent {
  return {
    type: 'reported',
    report: {
      about: 'job',
      ...(status && { status }),
      rawStatus: status ?? '',
      reference: reference(1),
      ...change,
    },
  };
}

/** Applies the events one after another, a second apart. */
function after(...events: ItemEvent[]): ResultItem {
  let item: ResultItem | undefined;
  events.forEach((event, second) => (item = transition(item, FILE, event, second * 1000).next ?? item));
  return item!;
}

describe('transition', () => {
  const submitted: ItemEvent = { type: 'submitted', reference: reference(1), jobId: 'job_1' };

  it('takes a file from its claim to its result', () => {
    const item = after(
      claimBy('i1', 60_000),
      submitted,
      report('processing'),
      report('succeeded', {
        outputUrl: 'https://out',
        durationMs: 5,
        finishedAt: '2026-01-01T00:00:00.000Z',
      }),
    );
    assert.deepEqual(item, {
      ...FILE,
      status: 'succeeded',
      kind: 'video',
      attempts: 1,
      run: 1,
      reference: reference(1),
      first_post_at: '1970-01-01T00:00:00.000Z',
      job_id: 'job_1',
      output_url: 'https://out',
      duration_ms: 5,
      created_at: '1970-01-01T00:00:00.000Z',
      updated_at: '1970-01-01T00:00:03.000Z',
      completed_at: '2026-01-01T00:00:00.000Z',
      history: (['submitting', 'submitted', 'processing', 'succeeded'] as const).map((status, second) => ({
        status,
        at: new Date(second * 1000).toISOString(),
        attempts: 1,
      })),
      rev: 4,
    });
  });

  it('refuses other claims while the lease runs, and says until when', () => {
    const item = after(claimBy('i1', 60_000));
    const answer = transition(item, FILE, claimBy('i2', 90_000), 59_999);
    assert.deepEqual(answer, { refusal: { type: 'busy', untilMs: 60_000 } });
    assert.equal(transition(item, FILE, claimBy('i2', 90_000), 60_000).next?.claim, 'i2');
  });

  it('refuses a claim of a file that is submitted already', () => {
    for (const done of [submitted, report('processing'), report('failed')]) {
      const item = after(claimBy('i1', 60_000), done);
      assert.deepEqual(transition(item, FILE, claimBy('i2', 1e9), 1e6), { refusal: { type: 'done' } });
    }
  });

  it('lets a late invocation, whose claim was taken over, change nothing except that it submitted', () => {
    const item = after(claimBy('late', 500), claimBy('holder', 60_000));
    const late: ItemEvent[] = [
      { type: 'deferred', claim: 'late', error: 'x' },
      { type: 'attempt-failed', claim: 'late', error: 'x' },
      { type: 'died', claim: 'late', error: 'x' },
    ];
    for (const event of late) assert.deepEqual(transition(item, FILE, event, 2000), {}, event.type);
    assert.equal(transition(item, FILE, submitted, 2000).next?.status, 'submitted');
  });

  it('does not count a deferred attempt', () => {
    const item = after(claimBy('i1', 60_000), { type: 'deferred', claim: 'i1', error: '429' });
    assert.deepEqual([item.status, item.attempts, item.claim], ['retrying', 0, undefined]);
  });

  it('gives a redriven dead file new attempts and the same reference', () => {
    const dead = after(claimBy('i1', 60_000), { type: 'died', claim: 'i1', error: 'x' });
    const item = transition(dead, FILE, claimBy('i2', 90_000), 2000).next!;
    assert.deepEqual([dead.status, item.attempts, item.reference], ['dead', 1, dead.reference]);
  });

  it('remembers across death and redrive when the reference may first have been posted', () => {
    const item = after(
      claimBy('i1', 60_000),
      { type: 'attempt-failed', claim: 'i1', error: 'timeout' },
      claimBy('i2', 60_000),
      { type: 'died', claim: 'i2', error: 'the key was used with another body' },
      claimBy('i3', 60_000),
    );
    assert.equal(item.first_post_at, '1970-01-01T00:00:00.000Z');
  });

  const withOtherOptions = { ...claimBy('i2', 60_000), reference: () => 'other' } as ItemEvent;

  it('keeps its reference when options change while a POST may have been accepted', () => {
    const item = after(
      claimBy('i1', 60_000),
      { type: 'attempt-failed', claim: 'i1', error: '' },
      withOtherOptions,
    );
    assert.deepEqual([item.reference, item.first_post_at], [reference(1), '1970-01-01T00:00:00.000Z']);
  });

  it('takes the reference of corrected options on a redrive, and renews the date of its first POST', () => {
    const item = after(claimBy('i1', 60_000), { type: 'died', claim: 'i1', error: '' }, withOtherOptions);
    assert.deepEqual([item.reference, item.first_post_at], ['other', '1970-01-01T00:00:02.000Z']);
  });

  it('makes a dead letter of a file whose attempts all ended without a record, with the claim that this needs', () => {
    const item = after(claimBy('i1', 500), claimBy('i2', 1500), claimBy('i3', 2500));
    const answer = transition(item, FILE, claimBy('i4', 9e9), 9000);
    assert.equal(answer.refusal?.type, 'exhausted');
    assert.equal(answer.next?.claim, 'i4');
  });

  it('stores a webhook that comes before the answer of its POST, and then only adds the id', () => {
    const early = after(claimBy('i1', 60_000), report('succeeded', { outputUrl: 's3://out' }));
    const item = transition(early, FILE, submitted, 2000).next!;
    assert.deepEqual([item.status, item.job_id, item.output_url], ['succeeded', 'job_1', 's3://out']);
  });

  it('stores a webhook of a file that the table does not know', () => {
    const item = after(report('succeeded', { jobId: 'job_9', kind: 'audio' }));
    assert.deepEqual(
      [item.status, item.job_id, item.kind, item.attempts],
      ['succeeded', 'job_9', 'audio', 0],
    );
  });

  it('ignores a webhook of another reference, and one whose status word is unknown', () => {
    const item = after(claimBy('i1', 60_000), submitted);
    assert.deepEqual(transition(item, FILE, report('failed', { reference: reference(2) }), 1), {});
    assert.deepEqual(transition(item, FILE, report(undefined), 1), {});
  });

  it('ignores a late answer for a reference that has been replaced', () => {
    const item = after(claimBy('i1', 60_000), { type: 'died', claim: 'i1', error: '' }, withOtherOptions);
    assert.deepEqual(transition(item, FILE, submitted, 2000), {});
  });

  it('drops the error of an earlier attempt when the job reports', () => {
    const item = after(
      claimBy('i1', 60_000),
      { type: 'attempt-failed', claim: 'i1', error: 'HTTP 503' },
      report('succeeded'),
    );
    assert.equal(item.error, undefined);
  });

  it('writes history: each attempt with its own error, and its end', () => {
    const item = after(
      claimBy('i1', 60_000),
      { type: 'deferred', claim: 'i1', error: '429' },
      claimBy('i2', 500),
      claimBy('i3', 60_000),
      { type: 'died', claim: 'i3', error: '400' },
    );
    assert.deepEqual(
      item.history?.map(({ status, attempts, error }) => [status, attempts, error]),
      [
        ['submitting', 1, undefined],
        ['retrying', 0, '429'],
        ['submitting', 1, undefined],
        ['submitting', 2, undefined],
        ['dead', 2, '400'],
      ],
    );
  });

  it('adds nothing to the history where only the job id is new', () => {
    const early = after(claimBy('i1', 60_000), report('succeeded'));
    assert.deepEqual(transition(early, FILE, submitted, 2000).next?.history, early.history);
  });

  it('cuts the errors of the history, also within a surrogate pair, and keeps the last one whole', () => {
    const error = `${'x'.repeat(299)}\u{1F3AC}${'y'.repeat(500)}`;
    const item = after(claimBy('i1', 60_000), { type: 'died', claim: 'i1', error });
    assert.equal(item.history?.at(-1)?.error, `${'x'.repeat(299)}\uFFFD`);
    assert.equal(item.error, error);
  });

  it('begins a history for an item that was stored without one', () => {
    const { history: _, ...stored } = after(claimBy('i1', 60_000));
    assert.deepEqual(transition(stored, FILE, submitted, 9000).next?.history, [
      { status: 'submitted', at: '1970-01-01T00:00:09.000Z', attempts: 1 },
    ]);
  });

  it('keeps the first entry and the latest ones of a file that is deferred again and again', () => {
    const rounds = Array.from({ length: 30 }, (_, i): ItemEvent[] => [
      claimBy(`i${i}`, 1e9),
      { type: 'deferred', claim: `i${i}`, error: `429 #${i}` },
    ]).flat();
    const history = after(...rounds).history!;
    assert.equal(history.length, 20);
    assert.equal(history[0]?.at, '1970-01-01T00:00:00.000Z');
    assert.equal(history[1]?.at, '1970-01-01T00:00:41.000Z');
    assert.equal(history.at(-1)?.error, '429 #29');
  });

  it('keeps the item of a usual file below 1 KB, the size of one write unit', () => {
    const reports = [report('processing'), report('succeeded', { outputUrl: 'https://'.padEnd(110, 'x') })];
    const item = after(claimBy('i1', 60_000), submitted, ...reports);
    const batch = '20261123-140201-k3x9f2';
    const file = { bucket: 'film-archive-prod', key: 'footage/1999/reel 07/camera a, take 12.mov', batch };
    const job = { reference: 'x'.repeat(32), job_id: 'job_'.padEnd(24, 'x'), duration_ms: 123_456 };
    assert.ok(dynamoBytes(resultItem({ ...item, ...file, ...job })) <= 1024);
  });
});

/** Size as DynamoDB calculates it (Developer Guide, "DynamoDB item sizes and formats"), with its largest small numbers. */
function dynamoBytes(item: object): number {
  const ofValue = (value: unknown): number => {
    if (typeof value === 'number') return 5;
    if (typeof value === 'string') return Buffer.byteLength(value);
    const entries = Object.entries(value as object);
    const names = Array.isArray(value) ? 0 : Buffer.byteLength(entries.map(([name]) => name).join(''));
    return entries.reduce((sum, [, inner]) => sum + 1 + ofValue(inner), 3 + names);
  };
  return Object.entries(item).reduce((sum, [name, value]) => sum + name.length + ofValue(value), 0);
}

describe('transition, for any order of events of several invocations', () => {
  const invocation = fc.constantFrom('i1', 'i2', 'i3');
  const anyEvent = fc.oneof(
    { weight: 4, arbitrary: invocation.map((id) => ({ type: 'claim' as const, id })) },
    invocation.map((claim): ItemEvent => ({ type: 'deferred', claim, error: '429' })),
    invocation.map((claim): ItemEvent => ({ type: 'attempt-failed', claim, error: '503' })),
    invocation.map((claim): ItemEvent => ({ type: 'died', claim, error: '400' })),
    fc
      .tuple(fc.constantFrom(reference(1), 'another'), fc.constantFrom('job_1', undefined))
      .map(([of, jobId]): ItemEvent => ({ type: 'submitted', reference: of, jobId })),
    fc
      .tuple(
        fc.constantFrom('submitted', 'processing', 'succeeded', 'failed', 'cancelled', undefined),
        fc.constantFrom(reference(1), 'another', undefined),
      )
      .map(([status, of]) => {
        const { reference: _, ...rest } = (report(status) as { report: JobReport }).report;
        return { type: 'reported' as const, report: { ...rest, ...(of !== undefined && { reference: of }) } };
      }),
  );
  const history = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 40 })), { maxLength: 60 });

  /** Runs a history on a ledger and shows each step to the check. */
  async function replay(
    steps: [ItemEvent | { type: 'claim'; id: string }, number][],
    check: (before: ResultItem | undefined, event: ItemEvent, ledger: MemoryLedger, now: number) => void,
  ): Promise<void> {
    let now = 0;
    const ledger = new MemoryLedger(() => now);
    for (const [step, seconds] of steps) {
      now += seconds * 1000;
      const event = 'id' in step ? claimBy(step.id, now + 21_000) : step;
      const [before] = ledger.items.values();
      await ledger.apply(FILE, event);
      check(before, event, ledger, now);
    }
  }

  it('never moves a status down once submitted, and never moves a final one', () =>
    fc.assert(
      fc.asyncProperty(history, (steps) =>
        replay(steps, (before, _event, ledger) => {
          const [item] = ledger.items.values();
          if (!before || !item) return;
          if (RANK[before.status] > 0) assert.ok(RANK[item.status] >= RANK[before.status]);
          if (isTerminal(before.status)) assert.equal(item.status, before.status);
          assert.equal(item.reference, before.reference);
        }),
      ),
    ));

  it('keeps counts that equal the statuses and are never negative', () =>
    fc.assert(
      fc.asyncProperty(history, (steps) =>
        replay(steps, (_before, _event, ledger) => {
          assert.deepEqual(ledger.counts, ledger.recount());
          assert.ok(noneNegative(ledger.counts));
        }),
      ),
    ));

  it('keeps a history that is bounded and chronological, begins with the first change and ends with the present', () =>
    fc.assert(
      fc.asyncProperty(history, async (steps) => {
        let first: HistoryEntry | undefined;
        await replay(steps, (_before, _event, ledger) => {
          const [item] = ledger.items.values();
          if (!item) return;
          const entries = item.history ?? assert.fail('there is no history');
          first ??= entries[0];
          assert.ok(entries.length <= 20);
          assert.deepEqual(entries[0], first);
          assert.equal(entries.at(-1)?.status, item.status);
          const times = entries.map(({ at }) => at);
          assert.deepEqual(times, times.toSorted());
        });
      }),
    ));

  it('changes nothing on a repeat, except for a claim that takes over', () =>
    fc.assert(
      fc.asyncProperty(history, (steps) =>
        replay(steps, (_before, event, ledger, now) => {
          if (event.type === 'claim') return;
          const [item] = ledger.items.values();
          assert.deepEqual(transition(item, FILE, event, now + 1), {});
        }),
      ),
    ));

  it('lets only the holder of the claim end it', () =>
    fc.assert(
      fc.asyncProperty(history, (steps) =>
        replay(steps, (before, event, ledger) => {
          const ends = event.type === 'deferred' || event.type === 'attempt-failed' || event.type === 'died';
          if (!ends || (before?.status === 'submitting' && before.claim === event.claim)) return;
          assert.deepEqual([...ledger.items.values()], before ? [before] : []);
        }),
      ),
    ));

  it('counts at most MaxAttempts attempts between the first claim, or a redrive, and the dead letter', () =>
    fc.assert(
      fc.asyncProperty(history, async (steps) => {
        let allowed = 0;
        await replay(steps, (before, event, ledger) => {
          const [item] = ledger.items.values();
          if (event.type === 'claim' && item !== before) {
            if (before === undefined || before.status === 'dead') allowed = 0;
            if (item!.attempts <= MAX_ATTEMPTS) allowed += 1;
          }
          if (event.type === 'deferred' && item !== before) allowed -= 1;
          assert.ok(allowed <= MAX_ATTEMPTS);
        });
      }),
    ));
});
