import assert from 'node:assert/strict';
import { changeItem } from '../../../../src/app/batch/change-item.ts';
import { edit } from '../../../../src/core/batch/item-step.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { MemoryLedger } from '../../../helpers/memory-ledger.ts';
import { FILE, NOW, stored } from '../../../helpers/stored-items.ts';

describe('changeItem', () => {
  let ledger: MemoryLedger;
  const item = stored('submitted');
  const put = (one: ResultItem) => ledger.items.set('b1 s3://media/a.mp4', one);
  const count = (one: ResultItem | undefined) => one && edit(one, { attempts: one.attempts + 1 }, NOW);

  beforeEach(() => {
    ledger = new MemoryLedger();
    put(item);
  });

  it('reads, decides and writes', async () => {
    const { item: next, isChanged } = await changeItem(ledger, FILE, count);
    assert.deepEqual([next?.attempts, isChanged, ledger.reads, ledger.writes.length], [2, true, 1, 1]);
    assert.equal(ledger.only, next);
  });

  it('writes nothing where the rule changes nothing, and says what is there', async () => {
    assert.deepEqual(await changeItem(ledger, FILE, () => undefined), { item, isChanged: false });
    assert.equal(ledger.writes.length, 0);
  });

  it('starts from a state that is known, and reads it only where that is not the last one', async () => {
    await changeItem(ledger, FILE, count, { item });
    assert.equal(ledger.reads, 0);
    put({ ...item, attempts: 7, rev: 9 });
    const { item: next } = await changeItem(ledger, FILE, count, { item });
    assert.deepEqual([next?.attempts, ledger.reads], [8, 1]);
  });

  it('does not believe a known state that nothing changes, before it has read it', async () => {
    put({ ...item, status: 'retrying', rev: 9 });
    const onlyRetrying = (one: ResultItem | undefined) =>
      one?.status === 'retrying' ? count(one) : undefined;
    assert.equal((await changeItem(ledger, FILE, onlyRetrying, { item })).isChanged, true);
  });

  it('believes a read that may be old only where it changes something', async () => {
    const reads: (boolean | undefined)[] = [];
    const old: ResultItem = { ...item, attempts: 0, rev: 3 };
    const read = ledger.read.bind(ledger);
    ledger.read = async (file, eventually?: boolean) => {
      reads.push(eventually);
      return eventually === true ? old : read(file);
    };
    const { item: next } = await changeItem(ledger, FILE, count, { eventually: true });
    assert.deepEqual([next?.attempts, reads], [2, [true, false]]);
    reads.length = 0;
    const newOnly = (one: ResultItem | undefined) => (one?.attempts === 2 ? count(one) : undefined);
    assert.equal((await changeItem(ledger, FILE, newOnly, { eventually: true })).isChanged, true);
    assert.deepEqual(reads, [true, false]);
  });

  it('loses nothing where many change one file at once', async () => {
    await Promise.all(Array.from({ length: 4 }, () => changeItem(ledger, FILE, count)));
    assert.equal(ledger.only.attempts, 5);
  });

  it('gives up after 10 lost races, with an error that tells what to do', async () => {
    let rev = 10;
    ledger.beforeWrite = () => void put({ ...item, rev: (rev += 1) });
    await assert.rejects(changeItem(ledger, FILE, count), { code: 'conflict', message: /try again/ });
    assert.deepEqual([ledger.reads, ledger.writes.length], [10, 0]);
  });
});
