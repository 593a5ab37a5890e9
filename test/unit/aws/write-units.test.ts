import assert from 'node:assert/strict';
import { changeItem } from '../../../src/app/batch/change-item.ts';
import { dispatchFile } from '../../../src/app/batch/dispatch-file.ts';
import { dynamoLedger } from '../../../src/aws/dynamo-ledger.ts';
import { encodeQueueMessage } from '../../../src/core/batch/queue-message.ts';
import { resultKey } from '../../../src/core/batch/table-keys.ts';
import { reported } from '../../../src/core/batch/transitions.ts';
import { outputFor, type JobOptions } from '../../../src/core/ittybit/job-options.ts';
import { parseJobReport } from '../../../src/core/ittybit/webhook-payload.ts';
import { itemSize } from '../../helpers/capacity.ts';
import { DispatchFixture } from '../../helpers/dispatch-fixture.ts';
import { MemoryTable } from '../../helpers/memory-table.ts';

const KEY = 'footage/2026/reel-00021/'.padEnd(96, 'a') + '.mov';
const FILE = { batch: '20261123-140201-k3x9f2', bucket: 'studio-archive-eu', key: KEY };
const MESSAGE = { ...FILE, etag: '9b2cf535f27731c974343645a3985328-12', size: 1_234_567_890 };
const JOB_ID = 'job_01h455vb4pex5vsknk084sn02q';
/** A file of an invocation bears a fifth of its two reads. */
const SHARED_READS = 2 / 5;
const JOB: JobOptions = { kind: 'video', options: { format: 'mp4', width: 1920 } };

describe('what a file costs in DynamoDB', () => {
  let table: MemoryTable;
  let fixture: DispatchFixture;

  beforeEach(() => {
    table = new MemoryTable();
    fixture = new DispatchFixture();
  });

  /** What the table and its index keep of everything, in bytes: each item has 100 more (Developer Guide, as above). */
  function stored(): number {
    return [...table.rows.values()].reduce(
      (sum, row) => sum + (itemSize(row) + 100) * (row['gsi1pk'] === undefined ? 1 : 2),
      0,
    );
  }

  /** Claim, acceptance and callback of one file. */
  async function happyFile(job: JobOptions): Promise<void> {
    const ledger = dynamoLedger(table.client, 'results');
    // The first answer of a container, which all of its files share.
    await ledger.holdsOldResults();
    table.capacity.read = 0;
    fixture.job = job;
    fixture.ittybit.answer = () => ({ status: 201, retryAfter: undefined, body: `{"id":"${JOB_ID}"}` });
    const messageId = '059f36b4-87a3-44ab-83d2-661975830a7d';
    const requestId = 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef';
    const slots = fixture.slots(fixture.now + 20_000);
    const services = {
      ...fixture.services,
      slots,
      ledger,
      newReference: () => '0123456789abcdef0123456789abcdef',
    };
    const body = encodeQueueMessage(MESSAGE);
    const delivery = { id: messageId, body, group: FILE.batch, receiveCount: 1, attributes: {} };
    const invocation = {
      id: requestId,
      deadlineMs: fixture.now + 20_000,
      visibleAgainMs: fixture.now + 120_000,
    };
    assert.equal((await dispatchFile(delivery, invocation, services)).note, 'submitted');
    fixture.now += 90_000;
    const output = { url: outputFor(job, FILE) ?? 'https://store.ittybit.net/'.padEnd(110, 'x') };
    const payload = { object: 'job', id: JOB_ID, status: 'succeeded', output };
    const report = parseJobReport({ ...payload, kind: 'video', duration_ms: 61_000 });
    const { item } = await changeItem(
      ledger,
      FILE,
      (stored) => reported(stored, FILE, 1, report, fixture.now),
      { eventually: true },
    );
    assert.equal(item?.status, 'succeeded');
    const size = itemSize(table.row(resultKey(FILE))!);
    assert.ok(size <= 1024, `${size} bytes`);
  }

  it('is at most 17 write units and 1.5 strong reads', async () => {
    await happyFile(JOB);
    assert.ok(table.capacity.write <= 17, `${table.capacity.write} write units`);
    assert.ok(table.capacity.read + SHARED_READS <= 1.5, `${table.capacity.read} strong reads`);
  });

  it('is a fifth of a write unit for the pace, where an invocation has five files', async () => {
    const slots = fixture.slots(fixture.now + 20_000);
    const turns = await Promise.all(Array.from({ length: 5 }, () => slots.turn(1)));
    await Promise.all(turns.map(async (turn) => turn?.take()));
    assert.deepEqual(fixture.pace.asked, { updates: 1, reads: 1 });
    assert.ok(itemSize(fixture.pace.row!) < 1024, 'one unit');
  });

  it('is at most 3 kB in the table and its index, which is 150 MB for 50,000 files', async () => {
    await happyFile(JOB);
    // What the files of a batch share is left out.
    for (const [name, { pk }] of table.rows) if (String(pk).startsWith('batch#')) table.rows.delete(name);
    assert.ok(stored() <= 3_000, `${stored()} bytes`);
  });

  it('is at most 19 write units with an output of one’s own', async () => {
    await happyFile({ ...JOB, output: 's3://studio-results/{stem}.mp4' });
    assert.ok(table.capacity.write <= 19, `${table.capacity.write} write units`);
  });
});
