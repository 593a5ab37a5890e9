import assert from 'node:assert/strict';
import { DEFAULT_JOB_OPTIONS } from '../../../src/core/ittybit/job-options.ts';
import { createBatchOrders } from '../../../src/lambda/batch-orders.ts';
import { NO_BRAKE } from '../../helpers/memory-brakes.ts';
import { MemoryTable } from '../../helpers/memory-table.ts';

describe('batch orders', () => {
  const job = { kind: 'audio', options: { format: 'mp3' } };
  let table: MemoryTable;
  let lookup: ReturnType<typeof createBatchOrders>;

  beforeEach(() => {
    table = new MemoryTable();
    lookup = createBatchOrders(table.client, 'results');
  });

  it('reads what a batch asks for, once for all files of an invocation', async () => {
    table.rows.set('batch#b1|meta', { job, again: true });
    assert.deepEqual(await Promise.all([lookup('b1'), lookup('b1')]), [
      { job, again: true, brake: NO_BRAKE },
      { job, again: true, brake: NO_BRAKE },
    ]);
    assert.equal(table.reads.length, 1);
    await createBatchOrders(table.client, 'results')('b1');
    assert.equal(table.reads.length, 2);
  });

  it('reads the newest copy: the batch may have been created a moment ago', async () => {
    await lookup('b1');
    assert.equal((table.reads[0] as { ConsistentRead?: boolean }).ConsistentRead, true);
  });

  it('pays again only where the batch says exactly that', async () => {
    for (const again of [undefined, false, 'true', 1, {}]) {
      table.rows.set('batch#b1|meta', { job, ...(again !== undefined && { again }) });
      const order = await createBatchOrders(table.client, 'results')('b1');
      assert.equal(order?.again, false, JSON.stringify(again));
    }
  });

  it('says that the table cannot be used, where AWS refuses it for good', async () => {
    const refused = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    const client = { send: async () => Promise.reject(refused) } as unknown as typeof table.client;
    await assert.rejects(createBatchOrders(client, 'results')('b1'), { code: 'unusable-stack' });
  });

  it('refuses a record that holds no job, and takes what older rules took', async () => {
    const broken = [null, 'video', [], {}, { kind: 'film' }, { kind: 'video', options: [1] }];
    const odd = [
      { options: 'x' },
      { options: { width: null } },
      { output: 7 },
      { connection_id: {} },
      { more: 1 },
    ];
    for (const [i, value] of [...broken, ...odd.map((part) => ({ ...job, ...part }))].entries()) {
      table.rows.set(`batch#broken${i}|meta`, { job: value });
      await assert.rejects(lookup(`broken${i}`), { name: 'InvalidInputError' }, JSON.stringify(value));
    }
    const old = { kind: 'video', options: { start: 5, end: 1 }, output: 's3://out/{key}' };
    table.rows.set('batch#old|meta', { job: old });
    assert.deepEqual((await lookup('old'))?.job, old);
    table.rows.set('batch#short|meta', { job: { kind: 'audio' } });
    assert.deepEqual((await lookup('short'))?.job, { kind: 'audio', options: {} });
  });

  it("gives bare messages the guide's options, and only them", async () => {
    assert.deepEqual(await lookup('default'), { job: DEFAULT_JOB_OPTIONS, again: false, brake: NO_BRAKE });
    assert.equal(await lookup('other'), undefined);
  });
});
