import assert from 'node:assert/strict';
import { DEFAULT_JOB_OPTIONS } from '../../../src/core/ittybit/job-options.ts';
import { createBatchOptions } from '../../../src/lambda/batch-options.ts';
import { MemoryTable } from '../../helpers/memory-table.ts';

describe('batch options', () => {
  const job = { kind: 'audio', options: { format: 'mp3' } };
  let now = 0;
  let table: MemoryTable;
  let lookup: ReturnType<typeof createBatchOptions>;

  beforeEach(() => {
    now = 0;
    table = new MemoryTable();
    lookup = createBatchOptions(table.client, 'results', () => now);
  });

  it('reads what a batch asks for, once a minute', async () => {
    table.rows.set('batch#b1|meta', { job });
    assert.deepEqual(await lookup('b1'), job);
    assert.deepEqual(await lookup('b1'), job);
    assert.equal(table.reads.length, 1);
    now = 60_001;
    await lookup('b1');
    assert.equal(table.reads.length, 2);
  });

  it('reads the newest copy: the batch may have been created a moment ago', async () => {
    await lookup('b1');
    assert.equal((table.reads[0] as { ConsistentRead?: boolean }).ConsistentRead, true);
  });

  it('does not remember that a batch is unknown', async () => {
    assert.equal(await lookup('b1'), undefined);
    table.rows.set('batch#b1|meta', { job });
    assert.deepEqual(await lookup('b1'), job);
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
    assert.deepEqual(await lookup('old'), old);
    table.rows.set('batch#short|meta', { job: { kind: 'audio' } });
    assert.deepEqual(await lookup('short'), { kind: 'audio', options: {} });
  });

  it("gives bare messages the guide's options, and only them", async () => {
    assert.deepEqual(await lookup('default'), DEFAULT_JOB_OPTIONS);
    assert.equal(await lookup('other'), undefined);
  });
});
