import assert from 'node:assert/strict';
import { claimFile } from '../../../../src/app/batch/claim-file.ts';
import type { ClaimOutcome, ClaimRequest } from '../../../../src/core/batch/claim.ts';
import type { ResultItem } from '../../../../src/core/batch/result-item.ts';
import { MediaBatchError } from '../../../../src/core/errors.ts';
import { DEFAULT_JOB_OPTIONS, type JobOptions } from '../../../../src/core/ittybit/job-options.ts';
import { MemoryLedger } from '../../../helpers/memory-ledger.ts';
import { FILE, MINUTE, NOW, ofOldStack, PATIENCE, stored } from '../../../helpers/stored-items.ts';

describe('claimFile', () => {
  let ledger: MemoryLedger;
  let jobs: Map<string, JobOptions>;

  beforeEach(() => {
    ledger = new MemoryLedger();
    jobs = new Map();
  });

  function claim(change: Partial<ClaimRequest> = {}): Promise<ClaimOutcome> {
    const request: ClaimRequest = {
      ...{ message: FILE, isRedriven: false, job: DEFAULT_JOB_OPTIONS, again: false, claim: 'i1/m1' },
      ...{ leaseUntilMs: NOW + 21_000, dueMs: NOW + 2 * MINUTE, newReference: 'new', patience: PATIENCE },
      sender: { apiUrl: '', connectionId: '', webhookUrl: '', signingKeys: ['k'.repeat(32)] },
      ...change,
    };
    const jobOf = async (batch: string) => (jobs.has(batch) ? jobs.get(batch) : DEFAULT_JOB_OPTIONS);
    return claimFile(request, { ledger, jobOf, now: () => NOW });
  }

  function put(item: ResultItem): void {
    ledger.items.set(`${item.batch} s3://media/a.mp4`, item);
  }

  it('reads nothing where there is nothing, and writes once', async () => {
    assert.equal((await claim()).type, 'granted');
    assert.deepEqual([ledger.reads, ledger.writes.length], [0, 1]);
    const [write] = ledger.writes;
    assert.equal(ledger.works.get(`s3://media/a.mp4 ${write!.work!.work}`), 'b1');
  });

  it('decides anew after each lost race, also where the owner changes in between', async () => {
    await claim({ message: { ...FILE, batch: 'b0' } });
    const owner = ledger.only;
    put({ ...owner, status: 'dead', unclear: false });
    let races = 0;
    ledger.beforeWrite = () => {
      if (races++ > 1) return;
      put({ ...owner, status: 'retrying', rev: owner.rev + races });
    };
    const outcome = await claim();
    assert.deepEqual(outcome, { type: 'done', note: 'waits for batch b0' });
    assert.deepEqual(ledger.counts.get('b1')?.waiting, 1);
  });

  it('gives up after 10 lost races, with nothing written', async () => {
    let rev = 10;
    ledger.beforeWrite = () => {
      put(stored('retrying', { unclear: false, rev: (rev += 1) }));
    };
    await assert.rejects(claim(), { code: 'conflict' });
    assert.equal(ledger.writes.length, 0);
  });

  it('makes no claim on an item that it cannot read', async () => {
    ledger.readSource = () => Promise.reject(new MediaBatchError('unreadable-item', 'no'));
    put(stored('retrying'));
    await assert.rejects(claim(), { code: 'unreadable-item' });
    assert.equal(ledger.writes.length, 0);
  });

  describe('in a table with results that name no work', () => {
    const old = (status: ResultItem['status'], batch = 'b0') => {
      put({ ...ofOldStack(status), batch });
    };

    beforeEach(() => {
      ledger.hasOldResults = true;
    });

    it('is covered by a result with the same job, whatever its connection', async () => {
      old('succeeded');
      jobs.set('b0', { ...DEFAULT_JOB_OPTIONS, connection_id: 'other' });
      assert.deepEqual(await claim(), { type: 'done', note: 'covered by batch b0' });
      assert.equal(ledger.works.size, 1, 'the owner is recorded');
    });

    it('waits for a file of before that is under way, or may have a job', async () => {
      for (const status of ['submitted', 'processing', 'submitting', 'retrying', 'dead'] as const) {
        ledger = new MemoryLedger();
        ledger.hasOldResults = true;
        old(status);
        assert.deepEqual(await claim(), { type: 'done', note: 'waits for batch b0' }, status);
      }
    });

    it('takes one that succeeded before one that only may', async () => {
      old('dead', 'b00');
      old('succeeded', 'b01');
      old('retrying', 'b02');
      assert.deepEqual(await claim(), { type: 'done', note: 'covered by batch b01' });
    });

    it('does the work itself where the old result failed, is another job, or of a batch that nobody knows', async () => {
      for (const status of ['failed', 'cancelled'] as const) {
        ledger = new MemoryLedger();
        ledger.hasOldResults = true;
        old(status);
        assert.equal((await claim()).type, 'granted', status);
      }
      for (const job of [
        { ...DEFAULT_JOB_OPTIONS, options: {} },
        { ...DEFAULT_JOB_OPTIONS, output: 's3://o/{key}' },
        undefined,
      ]) {
        ledger = new MemoryLedger();
        ledger.hasOldResults = true;
        old('succeeded');
        jobs.set('b0', job as JobOptions);
        assert.equal((await claim()).type, 'granted', JSON.stringify(job));
      }
    });

    it('does the work again where the user said so', async () => {
      old('succeeded');
      assert.equal((await claim({ again: true })).type, 'granted');
    });

    it('leaves an unclear file of its own to a look-up, and claims it once that has found no job', async () => {
      put(ofOldStack('retrying'));
      assert.equal((await claim()).type, 'done');
      assert.deepEqual([ledger.only.status, ledger.only.unclear], ['retrying', true]);
      put({ ...ledger.only, unclear: false });
      assert.equal((await claim()).type, 'granted');
    });
  });

  describe('with an output of the user', () => {
    const job = (output = 's3://out/{stem}.mp4'): JobOptions => ({ ...DEFAULT_JOB_OPTIONS, output });
    const mxf = { ...FILE, key: 'a.mxf' };

    async function refusal(change: Partial<ClaimRequest> = {}): Promise<string | undefined> {
      jobs.set((change.message ?? FILE).batch, change.job ?? job());
      const outcome = await claim({ job: job(), ...change });
      return outcome.type === 'granted' ? outcome.refusal : outcome.type;
    }

    it('refuses a second source, with both names, and leaves the address to the first', async () => {
      assert.equal(await refusal(), undefined);
      const why = await refusal({ message: mxf });
      assert.match(why ?? '', /^s3:\/\/media\/a\.mp4 already writes to s3:\/\/out\/a\.mp4: /);
      assert.equal(ledger.outputs.get('s3://out/a.mp4')?.key, 'a.mp4');
      const elsewhere = { ...FILE, bucket: 'other' };
      assert.match((await refusal({ message: elsewhere })) ?? '', /already writes/);
    });

    it('lets the same source write there again, in another batch and with other options', async () => {
      await refusal();
      assert.equal(await refusal({ message: { ...FILE, batch: 'b2' }, again: true }), undefined);
      assert.equal(
        await refusal({ message: { ...FILE, batch: 'b3' }, job: { ...job(), options: {} } }),
        undefined,
      );
      assert.equal(ledger.outputs.get('s3://out/a.mp4')?.batch, 'b3');
    });

    it('takes the address over from a source that failed and is clear, and from no other', async () => {
      for (const [status, unclear, isTaken] of [
        ['failed', false, true],
        ['cancelled', false, true],
        ['dead', false, true],
        ['dead', true, false],
        ['submitted', false, false],
        ['succeeded', false, false],
        ['retrying', true, false],
      ] as const) {
        ledger = new MemoryLedger();
        await refusal();
        put({ ...ledger.only, status, unclear });
        assert.equal(
          (await refusal({ message: mxf })) === undefined,
          isTaken,
          `${status}, unclear: ${unclear}`,
        );
        assert.equal(ledger.outputs.get('s3://out/a.mp4')?.key, isTaken ? 'a.mxf' : 'a.mp4');
      }
    });

    it('does not take it over from a source that is retried at the same moment', async () => {
      await refusal();
      const failed = { ...ledger.only, status: 'failed' as const, unclear: false };
      put(failed);
      ledger.beforeWrite = ({ next }) => {
        if (next.key === 'a.mxf') put({ ...failed, status: 'retrying', run: 2, rev: failed.rev + 1 });
      };
      assert.match((await refusal({ message: mxf })) ?? '', /already writes/);
      assert.equal(ledger.outputs.get('s3://out/a.mp4')?.key, 'a.mp4');
    });
  });
});
