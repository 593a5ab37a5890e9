import assert from 'node:assert/strict';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import type { ViewNode } from '../../../../src/ui/base/node.ts';
import { giveUpJobCommand } from '../../../../src/ui/batches/give-up-job.ts';
import { olderOutputs, OUTPUT_VALUES, stackOf } from '../../../helpers/fake-stacks.ts';
import { MemoryLedger } from '../../../helpers/memory-ledger.ts';
import { fixture } from '../../../helpers/ui/ui-fixture.ts';

const AT = new Date(Date.now() - 51 * 3_600_000).toISOString();
const ITEM: ResultItem = {
  ...{ bucket: 'film', key: '1999/a](command:x)\n.mov', batch: 'b1', status: 'submitted', kind: 'video' },
  ...{ attempts: 1, run: 1, reference: 'r', job_id: 'j', unclear: false },
  ...{ created_at: AT, updated_at: AT, rev: 3 },
};
const row: ViewNode = {
  id: 'f',
  label: 'f',
  tokens: ['file', 'hanging'],
  data: { item: ITEM, value: 's3://film/a](b' },
};

async function bench(answer: string | undefined, stored: ResultItem = ITEM) {
  const ledger = new MemoryLedger();
  await ledger.write({ before: undefined, next: stored });
  const tables: string[] = [];
  const ledgers = { of: (table: string) => (tables.push(table), ledger) };
  const existing = stackOf('UPDATE_COMPLETE');
  const made = fixture(() => answer, { existing, services: { ledgers } });
  return { ...made, ledger, tables };
}

describe('Give Up on Job', () => {
  it('says first that the job may still be paid, and its result taken over', async () => {
    const { ui, stub, ledger } = await bench(undefined);
    await assert.rejects(giveUpJobCommand(ui, row), { name: 'AbortError' });
    const [question] = stub.shown;
    assert.deepEqual(
      [question?.text, question?.modal, question?.choices],
      ['Give up on the job of 1999/a] (command:x)\\u{a}.mov?', true, ['Give Up']],
    );
    assert.match(
      question?.detail ?? '',
      /^Account 111122223333.*\n\nThe job has been at Ittybit for 2 d 3 h\.\n/,
    );
    assert.match(
      question?.detail ?? '',
      /may still end there, and is paid then\..*a late result is still taken over\.$/,
    );
    assert.equal(ledger.only.status, 'submitted');
  });

  it('makes the file cancelled in the stack’s table, and has the counts read again', async () => {
    const { ui, stub, ledger, tables, watch } = await bench('Give Up');
    await giveUpJobCommand(ui, row);
    assert.deepEqual([ledger.only.status, ledger.only.given_up], ['cancelled', true]);
    assert.deepEqual(tables, [OUTPUT_VALUES['ResultsTableName']]);
    assert.equal(watch.refreshes, 1);
    assert.equal(
      stub.shown[1]?.text,
      's3://film/a] (b counts as cancelled. A late result is still taken over.',
    );
  });

  it('changes nothing where the job has ended meanwhile', async () => {
    const { ui, stub, ledger } = await bench('Give Up', { ...ITEM, status: 'succeeded' });
    await giveUpJobCommand(ui, row);
    assert.equal(ledger.only.status, 'succeeded');
    assert.match(stub.shown[1]?.text ?? '', /has no open job at Ittybit any more, so nothing was changed\.$/);
  });

  it('is refused for a stack that would drop a late result, and without a file', async () => {
    const { ui, fake, ledger } = await bench('Give Up');
    await assert.rejects(giveUpJobCommand(ui), { code: 'invalid-input' });
    fake.stacks.stack = stackOf('UPDATE_COMPLETE', { outputs: olderOutputs() });
    await assert.rejects(giveUpJobCommand(ui, row), { code: 'unsupported', message: /Deploy Pipeline/ });
    assert.equal(ledger.only.status, 'submitted');
  });
});
