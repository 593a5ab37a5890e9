import assert from 'node:assert/strict';
import { DEFAULT_JOB_OPTIONS } from '../../../src/core/job-options.ts';
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

  it("gives bare messages the guide's options, and only them", async () => {
    assert.deepEqual(await lookup('default'), DEFAULT_JOB_OPTIONS);
    assert.equal(await lookup('other'), undefined);
  });
});
