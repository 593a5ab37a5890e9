import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dynamoLedger } from '../../../src/aws/dynamo-ledger.ts';
import { zeroCounts } from '../../../src/core/batch/batch.ts';
import { MediaBatchError } from '../../../src/core/errors.ts';
import { STATUSES, type Status } from '../../../src/core/batch/result-item.ts';
import { COUNT_SHARDS, countsKey, resultKey } from '../../../src/core/batch/table-keys.ts';
import type { ItemEvent } from '../../../src/core/batch/transitions.ts';
import { fastTimers, type FastTimers } from '../../helpers/fast-timers.ts';
import { cancelled, MemoryTable } from '../../helpers/memory-table.ts';

const FILE = { batch: 'b1', bucket: 'media', key: 'a.mp4' };
const CLAIM: ItemEvent = {
  type: 'claim',
  claim: 'i1',
  leaseUntilMs: 1e6,
  reference: () => 'ref',
  kind: 'video',
  maxAttempts: 3,
};
const SUBMITTED: ItemEvent = { type: 'submitted', reference: 'ref', jobId: 'job_1' };
const reported = (status: 'processing' | 'succeeded'): ItemEvent => ({
  type: 'reported',
  report: { about: 'job', status, rawStatus: status },
});

describe('the ledger in DynamoDB', () => {
  let table: MemoryTable;
  let timers: FastTimers;
  const ledger = () => dynamoLedger(table.client, 'results', () => 0);

  beforeEach(() => {
    table = new MemoryTable();
    timers = fastTimers();
  });
  afterEach(() => {
    timers.restore();
  });

  /** @returns the counts of the batch, and what they have to be */
  function counts(): { stored: Record<Status, number>; items: Record<Status, number> } {
    const stored = zeroCounts();
    const items = zeroCounts();
    for (const row of table.rows.values()) {
      const isCount = String(row['sk']).startsWith('counts#');
      if (!isCount) items[row['status'] as Status] += 1;
      else for (const status of STATUSES) stored[status] += Number(row[status] ?? 0);
    }
    return { stored, items };
  }

  it('stores the item under its keys and the index, with the counts', async () => {
    await ledger().apply(FILE, CLAIM);
    const { next } = await ledger().apply(FILE, SUBMITTED);
    assert.deepEqual(table.row(resultKey(FILE)), {
      ...next,
      pk: 's3://media/a.mp4',
      sk: 'batch#b1',
      gsi1pk: 'batch#b1#submitted',
      gsi1sk: '1970-01-01T00:00:00.000Z',
    });
    const key = countsKey(FILE);
    assert.match(key.sk, new RegExp(`^counts#[0-${COUNT_SHARDS - 1}]$`));
    assert.deepEqual(table.row(key), { ...key, submitting: 0, submitted: 1 });
    assert.ok(table.reads.every((read) => (read as { ConsistentRead?: boolean }).ConsistentRead));
  });

  it('keeps what only a newer version knows, in the item and in its history', async () => {
    await ledger().apply(FILE, CLAIM);
    const key = resultKey(FILE);
    const row = table.row(key)!;
    const newer = { work: 'work#x', sent: { at: 5 }, ttl: 9 };
    const entry = { status: 'waiting', at: '1970-01-01T00:00:00.000Z', owner: 'b0' };
    const history = [...(row['history'] as object[]), entry];
    table.rows.set(`${key.pk}|${key.sk}`, { ...row, ...newer, history });
    const { next } = await ledger().apply(FILE, SUBMITTED);
    const { work, sent, ttl, status, history: after } = table.row(key)!;
    assert.deepEqual({ work, sent, ttl, status }, { ...newer, status: 'submitted' });
    assert.deepEqual(after, [...history, next?.history?.at(-1)]);
    assert.deepEqual(table.row(countsKey(FILE)), { ...countsKey(FILE), submitting: 0, submitted: 1 });
  });

  it('writes nothing over an item that it cannot read: a claim on it might be paid for twice', async () => {
    await ledger().apply(FILE, { ...CLAIM, leaseUntilMs: -1 });
    const key = resultKey(FILE);
    const row = table.row(key)!;
    const unreadable: [attribute: string, change: Record<string, unknown>][] = [
      ['status', { status: 'waiting' }],
      ['status', { status: undefined }],
      ['key', { key: 7 }],
      ['reference', { reference: undefined }],
      ['attempts', { attempts: '1' }],
      ['rev', { rev: undefined }],
      ['first_post_at', { first_post_at: 1 }],
      ['lease_until_ms', { lease_until_ms: 'soon' }],
      ['job_id', { job_id: {} }],
      ['history', { history: 'long' }],
    ];
    for (const [attribute, change] of unreadable) {
      const stored = { ...row, ...change };
      table.rows.set(`${key.pk}|${key.sk}`, stored);
      for (const event of [CLAIM, SUBMITTED, reported('succeeded')]) {
        await assert.rejects(ledger().apply(FILE, event), (error) => {
          assert.ok(error instanceof MediaBatchError);
          assert.equal(error.code, 'unreadable-item');
          assert.ok(error.message.includes(`"${attribute}" of s3://media/a.mp4 in batch#b1`), error.message);
          return true;
        });
      }
      assert.deepEqual(table.row(key), stored);
    }
    assert.equal(table.transactions, 1);
  });

  it('writes nothing where the event changes nothing', async () => {
    await ledger().apply(FILE, CLAIM);
    await ledger().apply(FILE, SUBMITTED);
    assert.deepEqual(await ledger().apply(FILE, SUBMITTED), {});
    assert.equal(table.transactions, 2);
  });

  it('asks again after a lost race, on the state that won', async () => {
    await ledger().apply(FILE, CLAIM);
    table.beforeTransaction = (count) => {
      if (count !== 2) return;
      // The webhook wins between our read and our write.
      const row = table.row(resultKey(FILE))!;
      table.rows.set('s3://media/a.mp4|batch#b1', { ...row, status: 'succeeded', rev: 2 });
    };
    const { next } = await ledger().apply(FILE, SUBMITTED);
    assert.deepEqual([next?.status, next?.job_id, table.transactions], ['succeeded', 'job_1', 3]);
  });

  it('tries again on a conflict and on throttling, and gives up after 10', async () => {
    for (const code of ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']) {
      table = new MemoryTable();
      table.beforeTransaction = () => {
        throw cancelled('None', code);
      };
      await assert.rejects(ledger().apply(FILE, CLAIM), { name: 'TransactionCanceledException' });
      assert.equal(table.transactions, 10, code);
    }
  });

  it('does not try again what cannot succeed', async () => {
    for (const error of [
      cancelled('ValidationError'),
      cancelled(),
      new Error('AccessDenied'),
      Object.assign(new Error('x'), { name: 'TransactionCanceledException' }),
    ]) {
      table = new MemoryTable();
      table.beforeTransaction = () => {
        throw error;
      };
      await assert.rejects(ledger().apply(FILE, CLAIM), error);
      assert.equal(table.transactions, 1);
    }
  });

  it('lets one of many claims win', async () => {
    const claims = ['i1', 'i2', 'i3', 'i4'].map((claim) => ledger().apply(FILE, { ...CLAIM, claim }));
    const answers = await Promise.all(claims);
    assert.equal(answers.filter(({ next }) => next).length, 1);
    assert.equal(answers.filter(({ refusal }) => refusal?.type === 'busy').length, 3);
  });

  it('keeps exact counts under any mix of concurrent events on a few files', async () => {
    const event = fc.constantFrom<ItemEvent>(
      CLAIM,
      { ...CLAIM, claim: 'i2', leaseUntilMs: -1 } as ItemEvent,
      SUBMITTED,
      { type: 'deferred', claim: 'i1', error: '429' },
      { type: 'attempt-failed', claim: 'i2', error: '503' },
      { type: 'died', claim: 'i1', error: '400' },
      reported('processing'),
      reported('succeeded'),
    );
    const step = fc.tuple(fc.constantFrom('a.mp4', 'b.mp4'), event);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
        async (rounds) => {
          table = new MemoryTable();
          for (const round of rounds) {
            await Promise.all(round.map(([key, what]) => ledger().apply({ ...FILE, key }, what)));
            const { stored, items } = counts();
            assert.deepEqual(stored, items);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
