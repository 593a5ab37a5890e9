import assert from 'node:assert/strict';
import { readBatchItems } from '../../../../src/core/batch/batch-codec.ts';
import { cloudAdvice, enqueueSeconds } from '../../../../src/core/batch/cloud-advice.ts';
import { countUpdate, mayHaveMore, readRunOrder, READER_ENDS } from '../../../../src/core/batch/cloud-run.ts';
import { executionArn } from '../../../../src/core/batch/cloud-runs.ts';
import { DEFAULT_JOB_OPTIONS } from '../../../../src/core/ittybit/job-options.ts';

const ORDER = {
  ...{ batch: 'b1', bucket: 'film', prefix: '', extensions: ['mp4'], filter: {}, ordinal: 0 },
  job: DEFAULT_JOB_OPTIONS,
};

describe('a run in the cloud', () => {
  it('refuses an order of which a part is missing: it would send more than was asked for', () => {
    assert.deepEqual(readRunOrder(ORDER), ORDER);
    for (const name of Object.keys(ORDER)) {
      assert.throws(() => readRunOrder({ ...ORDER, [name]: undefined }), { code: 'invalid-input' }, name);
    }
    assert.throws(() => readRunOrder({ ...ORDER, filter: { globb: '*' } }), { field: 'globb' });
  });

  it('spreads its counts, and those of a later run lie elsewhere', () => {
    const of = (firstKey: string, ordinal: number): number => {
      const part = { order: { batch: 'b1', ordinal }, firstKey, listed: 3, sent: 1, skipped: { done: 2 } };
      const { values } = countUpdate(part);
      return Number((values[':shard'] as { N: string }).N);
    };
    const keys = Array.from({ length: 2000 }, (_, i) => `in/${i}.mp4`);
    const shards = new Set(keys.map((key) => of(key, 0)));
    assert.ok(shards.size > 250 && Math.min(...shards) >= 1 && Math.max(...shards) <= 256);
    assert.ok(keys.every((key) => of(key, 1) === of(key, 0) + 256));
  });

  it('is read with the counts of its last run alone, reason by reason', () => {
    const run = { execution: 'arn', ordinal: 1 };
    const items = [
      { sk: 'shard#0', shard: 0, lastKey: '', listed: 0, sent: 0, skipped: {}, done: false, run },
      { sk: 'shard#7', shard: 7, lastKey: '', listed: 9, sent: 9, done: true },
      {
        sk: 'shard#260',
        shard: 260,
        lastKey: '',
        listed: 5,
        sent: 2,
        'skipped:empty': 1,
        'skipped:done': 2,
        done: true,
      },
    ];
    const { checkpoints } = readBatchItems(items);
    assert.deepEqual(
      checkpoints.map(({ shard }) => shard),
      [0, 260],
    );
    assert.deepEqual(checkpoints[0]?.run, run);
    assert.deepEqual(checkpoints[1]?.skipped, { empty: 1, done: 2 });
  });

  it('has the execution that AWS names after it', () => {
    const machine = 'arn:aws:states:eu-west-1:111122223333:stateMachine:M';
    assert.equal(executionArn(machine, 'b1'), 'arn:aws:states:eu-west-1:111122223333:execution:M:b1');
  });

  it('may have left some out once it has listed what a reader lists at most', () => {
    const start = { shard: 0, lastKey: '', listed: 0, sent: 0, skipped: {}, done: true };
    const part = { ...start, shard: 1, listed: READER_ENDS - 1 };
    const run = { execution: 'arn', ordinal: 0 };
    assert.equal(mayHaveMore([{ ...start, run }, part]), false);
    assert.equal(mayHaveMore([{ ...start, run }, part, { ...start, shard: 2, listed: 1 }]), true);
    // The editor lists without a limit.
    assert.equal(mayHaveMore([{ ...start, listed: READER_ENDS }]), false);
  });

  it('is compared with an editor that takes as long as the dry run, or as its sends', () => {
    assert.equal(enqueueSeconds(4_600, 900), 900);
    assert.equal(enqueueSeconds(4_600_000, 10), 1000);
  });

  it('is advised by the size of the work', () => {
    const advice = [
      { objects: 1_000_000 },
      { objects: 1_000_001 },
      { objects: 5, enqueueSeconds: 901 },
      { objects: 10_000_001 },
      { objects: 5, backlogDays: 10.1 },
    ].map(cloudAdvice);
    assert.deepEqual(advice, ['not-needed', 'suggested', 'suggested', 'default', 'required']);
  });
});
