import assert from 'node:assert/strict';
import { giveUp } from '../../../../src/app/batch/give-up.ts';
import { STATUSES, type ResultItem } from '../../../../src/core/batch/result-item.ts';
import { reported } from '../../../../src/core/batch/transitions.ts';
import { MemoryLedger } from '../../../helpers/memory-ledger.ts';

const FILE = { batch: 'b1', bucket: 'media', key: 'in/é 🎬.mp4' };
const AT = '2026-11-23T12:00:00.000Z';
const NOW = Date.parse('2026-11-26T12:00:00.000Z');
const ITEM: ResultItem = {
  ...{ ...FILE, status: 'submitted', kind: 'video', attempts: 1, run: 1, reference: 'r', job_id: 'job_1' },
  ...{ unclear: false, next_look_at: AT, created_at: AT, updated_at: AT, rev: 4 },
};

describe('giving up on a job', () => {
  let ledger: MemoryLedger;
  const hold = async (change: Partial<ResultItem> = {}): Promise<void> => {
    await ledger.write({ before: undefined, next: { ...ITEM, ...change } });
  };
  const run = () => giveUp({ ...FILE, ...{ status: 'dead' } }, ledger, () => NOW);

  beforeEach(() => {
    ledger = new MemoryLedger();
  });

  it('makes the file cancelled, with the reason, and the counts with it', async () => {
    for (const status of ['submitted', 'processing'] as const) {
      ledger = new MemoryLedger();
      await hold({ status });
      assert.deepEqual(await run(), { isGivenUp: true, status: 'cancelled' });
      const { error = '', given_up, job_id, next_look_at, completed_at } = ledger.only;
      assert.match(error, /^Given up while the job was open/);
      assert.deepEqual(
        { given_up, job_id, next_look_at, completed_at },
        {
          given_up: true,
          job_id: 'job_1',
          next_look_at: undefined,
          completed_at: new Date(NOW).toISOString(),
        },
      );
      assert.deepEqual(ledger.counts, ledger.recount());
    }
  });

  it('leaves a late result its place', async () => {
    await hold();
    await run();
    const report = {
      about: 'job',
      status: 'succeeded',
      rawStatus: 'succeeded',
      outputUrl: 'https://x.test/o.mp4',
    } as const;
    const late = reported(ledger.only, FILE, 1, report, NOW);
    assert.deepEqual(
      [late?.status, late?.output_url, late?.given_up],
      ['succeeded', report.outputUrl, undefined],
    );
  });

  it('changes no file without an open job at Ittybit', async () => {
    for (const status of STATUSES.filter((each) => each !== 'submitted' && each !== 'processing')) {
      ledger = new MemoryLedger();
      await hold({ status });
      assert.deepEqual(await run(), { isGivenUp: false, status });
      assert.equal(ledger.writes.length, 1, status);
    }
    ledger = new MemoryLedger();
    assert.deepEqual(await run(), { isGivenUp: false, status: undefined });
  });

  it('leaves a result that comes between its read and its write', async () => {
    await hold();
    ledger.beforeWrite = ({ before }) => {
      if (before?.rev !== 4) return;
      ledger.beforeWrite = () => undefined;
      ledger.items.set([...ledger.items.keys()][0]!, { ...ITEM, status: 'succeeded', rev: 5 });
    };
    assert.deepEqual(await run(), { isGivenUp: false, status: 'succeeded' });
  });
});
