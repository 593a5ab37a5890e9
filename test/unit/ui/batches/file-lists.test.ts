import assert from 'node:assert/strict';
import { zeroCounts } from '../../../../src/core/batch/batch.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import { AS_READ, type Arrangement } from '../../../../src/core/files/file-order.ts';
import { FileLists, FILES_A_PAGE, MOST_FILES } from '../../../../src/ui/batches/file-lists.ts';
import { awsError } from '../../../helpers/fakes.ts';
import { stored } from '../../../helpers/stored-items.ts';

const SIGNAL = new AbortController().signal;

/** A table with `count` files of each status, newest first, that counts what it is asked. */
function world(count: number, most = MOST_FILES) {
  const table = { count, counts: zeroCounts(), failure: undefined as Error | undefined };
  const asked: string[] = [];
  const item = (status: Status, index: number): ResultItem =>
    stored(status, { key: `k${index}.mov`, history: [{ status, at: '', attempts: 1 }] });
  const lists = new FileLists(
    {
      files: async ({ status }, { limit, next = '0' }) => {
        asked.push(`${status} ${next} ${limit}`);
        if (table.failure) throw table.failure;
        const [from, end] = [Number(next), Math.min(table.count, Number(next) + limit)];
        const items = Array.from({ length: end - from }, (_, index) => item(status, from + index));
        return { items, next: end < table.count ? String(end) : undefined };
      },
      record: async () => {
        asked.push('counts');
        return { meta: undefined, checkpoints: [], counts: { ...table.counts } };
      },
    },
    new Map<string, Arrangement>(),
    most,
  );
  const get = (status: Status = 'succeeded') =>
    lists.get({ batch: 'b1', status, rowId: `batch b1 ${status}` }, () => table.counts);
  return { table, asked, lists, get, row: (status: Status = 'succeeded') => `batch b1 ${status}` };
}

describe('open lists of files', () => {
  it('stand while the counts change, say how many are new, and are read again only when they are asked to', async () => {
    const { table, asked, get, lists, row } = world(150);
    table.counts.succeeded = 150;
    const { items, news } = await get();
    assert.deepEqual([items.length, news], [FILES_A_PAGE, undefined]);
    await lists.more(row());
    const before = asked.length;
    table.counts.succeeded = 223;
    table.count = 223;
    const stands = await get();
    assert.deepEqual([stands.items.length, stands.news], [150, 73]);
    assert.equal(asked.length, before, 'no request');
    lists.renew(row());
    const renewed = await get();
    assert.deepEqual([renewed.items.length, renewed.news], [200, undefined], 'as many pages as before');
  });

  it('say what a status shows that files also leave: fewer, and others', async () => {
    const { table, get } = world(10);
    table.counts.failed = 10;
    table.counts.submitted = 40;
    await get('failed');
    await get('submitted');
    await get('succeeded');
    Object.assign(table.counts, { failed: 3, succeeded: 5 });
    assert.deepEqual([(await get('failed')).news, (await get('submitted')).news], [-7, 'moved']);
    table.counts.succeeded = -1;
    assert.equal((await get('succeeded')).news, undefined, 'older numbers of a poll are no news');
  });

  it('keep no history, and at most so many files over all lists', async () => {
    assert.equal(MOST_FILES, 20_000);
    const { asked, get, lists, row } = world(5_000, 1_250);
    assert.ok((await get()).items.every((item) => !('history' in item)));
    const reads: string[] = [];
    await lists.all(row(), SIGNAL, (read, total) => reads.push(`${read} of ${total}`));
    const full = await get();
    assert.deepEqual([full.items.length, full.isFull, full.next !== undefined], [1_250, true, true]);
    assert.deepEqual(reads, ['600 of 600', '1100 of 1100', '1250 of 1250']);
    assert.deepEqual(asked, [
      'counts',
      'succeeded 0 100',
      'succeeded 100 500',
      'succeeded 600 500',
      'succeeded 1100 150',
    ]);
    await lists.more(row());
    assert.equal((await get()).items.length, 1_250, 'no more are kept');
    assert.equal((await get('failed')).items.length, FILES_A_PAGE, 'another list has its first page');
    lists.close(row());
    assert.deepEqual([...lists.rows], [row('failed')]);
    await lists.more(row('failed'));
    assert.equal((await get('failed')).items.length, 200, 'closing one makes room');
  });

  it('load all to the end, and keep what was read before a cancel or an error', async () => {
    const { table, get, lists, row } = world(2_500);
    await get();
    const control = new AbortController();
    await assert.rejects(
      lists.all(row(), control.signal, () => {
        control.abort();
      }),
      { name: 'AbortError' },
    );
    assert.equal((await get()).items.length, 600);
    table.failure = awsError('throttled');
    await assert.rejects(
      lists.all(row(), SIGNAL, () => undefined),
      { code: 'throttled' },
    );
    table.failure = undefined;
    await lists.all(row(), SIGNAL, () => undefined);
    const { items, next, isFull } = await get();
    assert.deepEqual([items.length, next, isFull], [2_500, undefined, false]);
  });

  it('find a part of a name in the whole list, and look on when they are asked to', async () => {
    const { asked, get, lists, row } = world(12_000);
    lists.arrange(row(), { ...AS_READ, text: 'K11' });
    const first = await get();
    assert.deepEqual([first.items.length, first.looked], [111, 1_500]);
    assert.equal(first.items[0]?.key, 'k11.mov');
    await lists.more(row());
    const second = await get();
    assert.equal(second.looked, 6_500, 'it shows what it has found after 5,000');
    await lists.all(row(), SIGNAL, () => undefined);
    const { items, looked, next } = await get();
    assert.deepEqual([items.length, looked, next], [1_111, 12_000, undefined]);
    assert.equal(asked.filter((each) => each === 'counts').length, 1);
    lists.arrange(row(), AS_READ);
    assert.equal((await get()).items.length, FILES_A_PAGE);
  });

  it('are arranged without a request', async () => {
    const { asked, get, lists, row } = world(20);
    await get();
    const before = asked.length;
    lists.arrange(row(), { ...AS_READ, order: 'name' });
    assert.deepEqual(
      (await get()).items.slice(0, 3).map(({ key }) => key),
      ['k0.mov', 'k1.mov', 'k10.mov'],
    );
    assert.equal(asked.length, before);
  });

  it('know which statuses of a batch are open, and close what is under a row', async () => {
    const { get, lists } = world(1);
    await get('failed');
    await get('dead');
    await lists.get({ batch: 'b10', status: 'dead', rowId: 'batch b10 dead' }, () => undefined);
    assert.deepEqual([...lists.statuses('b1')], ['failed', 'dead']);
    lists.close('batch b1');
    assert.deepEqual([...lists.rows], ['batch b10 dead']);
  });
});
