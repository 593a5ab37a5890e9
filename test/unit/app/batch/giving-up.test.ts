import assert from 'node:assert/strict';
import { encodeQueueMessage } from '../../../../src/core/batch/queue-message.ts';
import { isUnclear } from '../../../../src/core/batch/result-item.ts';
import { DispatchFixture, FILE, MINUTE } from '../../../helpers/dispatch-fixture.ts';

describe('a record that cannot be written', () => {
  let fixture: DispatchFixture;

  beforeEach(() => {
    fixture = new DispatchFixture();
  });

  const deliver = (receiveCount: number) => fixture.deliver(encodeQueueMessage(FILE), {}, { receiveCount });

  /** The job is paid, and neither it nor its message is lost: the next delivery gets the same job. */
  async function staysPaidOnce(receiveCount: number): Promise<void> {
    assert.equal(fixture.ledger.only.status, 'submitting');
    assert.ok(isUnclear(fixture.ledger.only));
    assert.deepEqual(fixture.buried, []);
    fixture.ledger.beforeWrite = () => undefined;
    fixture.now += 2 * MINUTE;
    assert.deepEqual(await deliver(receiveCount), { done: true, note: 'submitted' });
    const { status, job_id } = fixture.ledger.only;
    assert.deepEqual([status, job_id, fixture.ittybit.jobs.length], ['submitted', 'job_1', 1]);
  }

  it('leaves a paid file as it is where the table gives up', async () => {
    fixture.ledger.beforeWrite = ({ next }) => {
      if (next.status === 'submitted') throw new Error('TransactionCanceledException');
    };
    await assert.rejects(deliver(1), /TransactionCanceled/);
    await staysPaidOnce(2);
  });

  it('leaves a paid file as it is after 10 lost races, also when its message has come for the 88th time', async () => {
    const { ledger } = fixture;
    const write = ledger.write.bind(ledger);
    for (const receiveCount of [1, 88]) {
      fixture.ledger.items.clear();
      fixture.ledger.works.clear();
      fixture.ittybit.jobs.length = 0;
      ledger.write = async (change) => change.next.status !== 'submitted' && write(change);
      await assert.rejects(deliver(receiveCount), { code: 'conflict' });
      ledger.write = write;
      await staysPaidOnce(receiveCount + 1);
    }
  });

  it('makes no dead letter of lost races at the last receive', async () => {
    const { ledger } = fixture;
    const write = ledger.write.bind(ledger);
    ledger.write = async () => false;
    await assert.rejects(deliver(90), { code: 'conflict' });
    assert.deepEqual(fixture.buried, []);
    ledger.write = write;
    const { note } = await deliver(91);
    assert.match(note, /^receive-count: received too often/);
    assert.equal(fixture.buried.length, 1);
  });
});
