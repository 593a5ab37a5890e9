import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dynamoLedger } from '../../../src/aws/dynamo-ledger.ts';
import { zeroCounts } from '../../../src/core/batch/batch.ts';
import { firstItem, move } from '../../../src/core/batch/item-step.ts';
import type { LedgerWrite } from '../../../src/core/batch/ledger.ts';
import { STATUSES, type ResultItem, type Status } from '../../../src/core/batch/result-item.ts';
import {
  COUNT_SHARDS,
  countsKey,
  OLD_RESULTS_KEY,
  outputKey,
  resultKey,
  workKey,
} from '../../../src/core/batch/table-keys.ts';
import { MediaBatchError } from '../../../src/core/errors.ts';
import { fastTimers, type FastTimers } from '../../helpers/fast-timers.ts';
import { cancelled, MemoryTable } from '../../helpers/memory-table.ts';

const FILE = { batch: 'b1', bucket: 'media', key: 'a.mp4' };
const WORK = 'work#0123456789abcdef#e1';
const ADDRESS = 's3://results/a.mp4';
const NEW = firstItem(FILE, 0);
const CLAIMED = move(
  NEW,
  'submitting',
  { claim: 'i1', lease_until_ms: 1e6, reference: 'ref', work: WORK },
  0,
);
const CLAIM: LedgerWrite = {
  before: undefined,
  next: CLAIMED,
  work: { work: WORK, from: undefined, owner: 'b1' },
  output: { owner: { ...FILE, address: ADDRESS }, from: undefined },
};

/** @returns the next state of an item */
function next(item: ResultItem, status: Status): ResultItem {
  return move(item, status, {}, 1000 * item.rev);
}

describe('the ledger in DynamoDB', () => {
  let table: MemoryTable;
  let timers: FastTimers;
  const ledger = () => dynamoLedger(table.client, 'results');

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
      if (!isCount && row['status'] !== 'submitting') items[row['status'] as Status] += 1;
      else for (const status of STATUSES) stored[status] += Number(row[status] ?? 0);
    }
    return { stored, items };
  }

  it('stores the item under its keys and the index, with its work and its output address', async () => {
    assert.equal(await ledger().write(CLAIM), true);
    assert.deepEqual(table.row(resultKey(FILE)), {
      ...CLAIMED,
      ...{ pk: 's3://media/a.mp4', sk: 'batch#b1' },
      ...{ gsi1pk: 'batch#b1#submitting', gsi1sk: '1970-01-01T00:00:00.000Z' },
    });
    assert.deepEqual(table.row(workKey(FILE, WORK)), { pk: 's3://media/a.mp4', sk: WORK, owner: 'b1' });
    const owner = { ...FILE, owner: 'b1/s3://media/a.mp4' };
    assert.deepEqual(table.row(outputKey(ADDRESS)), { pk: `output#${ADDRESS}`, sk: 'owner', ...owner });
    assert.deepEqual(await ledger().readOutput(ADDRESS), { ...FILE, address: ADDRESS });
    assert.equal(table.row(countsKey(FILE)), undefined);
  });

  it('counts each state but a claim, in the shard of the file', async () => {
    await ledger().write(CLAIM);
    const submitted = next(CLAIMED, 'submitted');
    await ledger().write({ before: CLAIMED, next: submitted });
    const key = countsKey(FILE);
    assert.match(key.sk, /^counts#\d+$/);
    assert.ok(Number(key.sk.slice('counts#'.length)) < COUNT_SHARDS);
    assert.deepEqual(table.row(key), { ...key, submitted: 1 });
    await ledger().write({ before: submitted, next: next(submitted, 'succeeded') });
    assert.deepEqual(table.row(key), { ...key, submitted: 0, succeeded: 1 });
  });

  it('reads strongly, or for half of it where a second does not matter', async () => {
    await ledger().write(CLAIM);
    assert.deepEqual(await ledger().read(FILE), CLAIMED);
    assert.deepEqual(await ledger().read(FILE, true), CLAIMED);
    assert.equal(await ledger().read({ ...FILE, key: 'b.mp4' }), undefined);
    const isStrong = table.reads.map((read) => (read as { ConsistentRead?: boolean }).ConsistentRead);
    assert.deepEqual(isStrong, [true, false, true]);
  });

  describe('writes nothing where a condition does not hold', () => {
    const other = move(firstItem({ ...FILE, batch: 'b2' }, 0), 'dead', { error: '400' }, 0);
    const races: [what: string, change: LedgerWrite][] = [
      ['the item is there already', { before: undefined, next: CLAIMED }],
      ['the item has changed', { before: next(CLAIMED, 'retrying'), next: next(CLAIMED, 'submitted') }],
      [
        'the item is gone',
        { before: { ...CLAIMED, key: 'b.mp4' }, next: { ...next(CLAIMED, 'submitted'), key: 'b.mp4' } },
      ],
      [
        'somebody owns the work',
        {
          before: CLAIMED,
          next: next(CLAIMED, 'retrying'),
          work: { work: WORK, from: undefined, owner: 'b1' },
        },
      ],
      [
        'another one owns the work',
        { before: CLAIMED, next: next(CLAIMED, 'retrying'), work: { work: WORK, from: 'b2', owner: 'b1' } },
      ],
      [
        'nobody owns the work any more',
        {
          before: CLAIMED,
          next: next(CLAIMED, 'retrying'),
          work: { work: 'work#x#-', from: 'b2', owner: 'b1' },
        },
      ],
      [
        'another source owns the output',
        {
          before: CLAIMED,
          next: next(CLAIMED, 'retrying'),
          output: { owner: { ...FILE, address: ADDRESS }, from: { ...FILE, key: 'b.mp4', address: ADDRESS } },
        },
      ],
      [
        'somebody owns the output',
        {
          before: CLAIMED,
          next: next(CLAIMED, 'retrying'),
          output: { owner: { ...FILE, address: ADDRESS }, from: undefined },
        },
      ],
      [
        'the owner before has changed',
        { before: CLAIMED, next: next(CLAIMED, 'retrying'), unchanged: [next(other, 'retrying')] },
      ],
      [
        'the owner before is gone',
        { before: CLAIMED, next: next(CLAIMED, 'retrying'), unchanged: [{ ...other, batch: 'b3' }] },
      ],
    ];
    for (const [what, change] of races) {
      it(what, async () => {
        await ledger().write(CLAIM);
        await ledger().write({ before: undefined, next: other });
        const before = structuredClone([...table.rows]);
        assert.equal(await ledger().write(change), false);
        assert.deepEqual([...table.rows], before);
        assert.deepEqual(timers.pauses, []);
      });
    }

    it('and writes where all of them hold', async () => {
      await ledger().write(CLAIM);
      await ledger().write({ before: undefined, next: other });
      const owner = { ...FILE, batch: 'b2', address: ADDRESS };
      const taken: LedgerWrite = {
        before: CLAIMED,
        next: next(CLAIMED, 'retrying'),
        work: { work: WORK, from: 'b1', owner: 'b2' },
        output: { owner, from: { ...FILE, address: ADDRESS } },
        unchanged: [other],
      };
      assert.equal(await ledger().write(taken), true);
      assert.equal(table.row(workKey(FILE, WORK))?.['owner'], 'b2');
      assert.deepEqual(await ledger().readOutput(ADDRESS), owner);
    });
  });

  describe('readSource', () => {
    it('reads all pages: items and owners of work', async () => {
      await ledger().write(CLAIM);
      const item = move(firstItem({ ...FILE, batch: 'b2' }, 0), 'dead', { error: '400' }, 0);
      await ledger().write({ before: undefined, next: item });
      await ledger().write({ before: undefined, next: { ...item, key: 'a.mp4.mov' } });
      for (const pageItems of [1, 2, 100]) {
        table.pageItems = pageItems;
        table.reads.length = 0;
        const { items, owners } = await ledger().readSource(FILE, 'b1');
        assert.deepEqual(items, [CLAIMED, item]);
        assert.deepEqual([...owners], [[WORK, 'b1']]);
        assert.equal(table.reads.length, Math.ceil(3 / pageItems));
        assert.ok(table.reads.every((read) => (read as { ConsistentRead?: boolean }).ConsistentRead));
      }
    });

    it('leaves out what it cannot read, but for the asked item and an owner’s', async () => {
      await ledger().write(CLAIM);
      table.put({ pk: 's3://media/a.mp4', sk: 'batch#b2', status: 'of a newer version' });
      assert.deepEqual((await ledger().readSource(FILE, 'b1')).items, [CLAIMED]);
      await assert.rejects(ledger().readSource(FILE, 'b2'), isUnreadable);
      table.put({ pk: 's3://media/a.mp4', sk: 'work#y#-', owner: 'b2' });
      await assert.rejects(ledger().readSource(FILE, 'b1'), isUnreadable);
    });

    it('takes no note of rows that are none of ours', async () => {
      table.put({ pk: 's3://media/a.mp4', sk: 'note' });
      table.put({ pk: 's3://media/a.mp4', sk: 'work#z#-', owner: 7 });
      const { items, owners } = await ledger().readSource(FILE, 'b1');
      assert.deepEqual([items, owners.size], [[], 0]);
    });
  });

  it('refuses to read an item or an owner that a guess would change: it might be paid for twice', async () => {
    await ledger().write(CLAIM);
    const row = table.row(resultKey(FILE))!;
    const unreadable: [name: string, value: unknown][] = [
      ['status', 'of a newer version'],
      ['status', undefined],
      ['key', 7],
      ['reference', 7],
      ['attempts', '1'],
      ['rev', undefined],
      ['run', null],
      ['work', 5],
      ['unclear', 'yes'],
      ['sent', {}],
      ['first_post_at', 1],
      ['lease_until_ms', 'soon'],
      ['job_id', {}],
      ['history', 'long'],
    ];
    for (const [name, value] of unreadable) {
      const changed = Object.entries({ ...row, [name]: value }).filter(([, each]) => each !== undefined);
      table.rows.set('s3://media/a.mp4|batch#b1', Object.fromEntries(changed));
      await assert.rejects(ledger().read(FILE), (error) => {
        assert.ok(error instanceof Error && isUnreadable(error));
        assert.ok(error.message.includes(`"${name}" of s3://media/a.mp4 in batch#b1`), error.message);
        return true;
      });
    }
    table.put({ ...outputKey(ADDRESS), owner: 'b1/s3://media/a.mp4', batch: 'b1', bucket: 'media' });
    await assert.rejects(ledger().readOutput(ADDRESS), isUnreadable);
    assert.equal(table.transactions, 1);
  });

  it('keeps what only a newer version knows', async () => {
    await ledger().write(CLAIM);
    table.put({ ...table.row(resultKey(FILE)), ...resultKey(FILE), ttl: 9, plan: { at: 5 } });
    const item = await ledger().read(FILE);
    await ledger().write({ before: item, next: next(item!, 'submitted') });
    const { ttl, plan, status } = table.row(resultKey(FILE))!;
    assert.deepEqual({ ttl, plan, status }, { ttl: 9, plan: { at: 5 }, status: 'submitted' });
  });

  it('tries again on a conflict and on throttling, later and later, and gives up after 20', async () => {
    Math.random = () => 1;
    const busy = [
      cancelled('None', 'TransactionConflict'),
      cancelled('ThrottlingError'),
      cancelled('None', 'ProvisionedThroughputExceeded'),
      Object.assign(new Error('x'), { name: 'TransactionConflictException' }),
      Object.assign(new Error('x'), { name: 'ProvisionedThroughputExceededException' }),
    ];
    for (const error of busy) {
      table = new MemoryTable();
      timers.pauses.length = 0;
      table.beforeTransaction = () => {
        throw error;
      };
      await assert.rejects(ledger().write(CLAIM), error);
      assert.equal(table.transactions, 20, error.name);
      assert.deepEqual(timers.pauses.slice(0, 6), [40, 80, 160, 320, 640, 640]);
    }
  });

  it('asks for nothing twice where the race is lost beside a conflict', async () => {
    table.beforeTransaction = () => {
      throw cancelled('ConditionalCheckFailed', 'TransactionConflict');
    };
    assert.equal(await ledger().write(CLAIM), false);
    assert.equal(table.transactions, 1);
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
      await assert.rejects(ledger().write(CLAIM), error);
      assert.equal(table.transactions, 1);
    }
  });

  it('lets one of many writers win', async () => {
    const won = await Promise.all(Array.from({ length: 5 }, () => ledger().write(CLAIM)));
    assert.deepEqual(won.sort(), [false, false, false, false, true]);
  });

  it('keeps exact counts under any mix of concurrent writes on a few files', async () => {
    const step = fc.tuple(fc.constantFrom('a.mp4', 'b.mp4'), fc.constantFrom(...STATUSES));
    const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rounds, async (all) => {
        table = new MemoryTable();
        for (const round of all) {
          await Promise.all(
            round.map(async ([key, status]) => {
              const file = { ...FILE, key };
              const before = await ledger().read(file);
              await ledger().write({ before, next: next(before ?? firstItem(file, 0), status) });
            }),
          );
          const { stored, items } = counts();
          assert.deepEqual(stored, items);
        }
      }),
      { numRuns: 60 },
    );
  });

  describe('holdsOldResults', () => {
    it('says no for a new table, and remembers it there and in the container', async () => {
      const one = ledger();
      assert.deepEqual([await one.holdsOldResults(), await one.holdsOldResults()], [false, false]);
      assert.equal(table.reads.length, 2);
      assert.equal(table.row(OLD_RESULTS_KEY)?.['present'], false);
      await ledger().write(CLAIM);
      assert.equal(await ledger().holdsOldResults(), false);
      assert.equal(table.reads.length, 3);
    });

    it('says yes where a result names no work', async () => {
      const { work: _, ...old } = CLAIMED;
      await ledger().write({ before: undefined, next: old });
      assert.equal(await ledger().holdsOldResults(), true);
      assert.equal(table.row(OLD_RESULTS_KEY)?.['present'], true);
    });

    it('says yes where one page does not hold the whole table', async () => {
      await ledger().write(CLAIM);
      table.pageItems = 1;
      assert.equal(await ledger().holdsOldResults(), true);
    });

    it('asks again after a failed read', async () => {
      const one = ledger();
      table.beforeRead = () => {
        throw new Error('throttled');
      };
      await assert.rejects(one.holdsOldResults(), /throttled/);
      table.beforeRead = () => undefined;
      assert.equal(await one.holdsOldResults(), false);
    });
  });
});

function isUnreadable(error: Error): boolean {
  return error instanceof MediaBatchError && error.code === 'unreadable-item';
}
