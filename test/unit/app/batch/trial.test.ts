import assert from 'node:assert/strict';
import {
  awaitTrial,
  hasEnd,
  lookAtOutput,
  trialLength,
  type TriedFile,
} from '../../../../src/app/batch/trial.ts';
import { isAbort } from '../../../../src/core/errors.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import { awsError, FakeBatches, FakeBuckets, PIPELINE, s3Object } from '../../../helpers/fakes.ts';

const TRIAL = { batch: 'b1', bucket: 'film', keys: ['a.mp4', 'b.mp4'] };

function item(key: string, status: Status, change: Partial<ResultItem> = {}): ResultItem {
  return { batch: 'b1', bucket: 'film', key, status, kind: 'video', ...change } as ResultItem;
}

/** Each look sees the next of these; the last one stays. */
function looks(...seen: readonly (readonly ResultItem[] | Error)[]) {
  const batches = new FakeBatches();
  const reads: string[] = [];
  let look = 0;
  batches.result = async (_table, { key }) => {
    if (key === 'a.mp4' || reads.at(-1) !== 'a.mp4') look += 1;
    reads.push(key);
    const now = seen[Math.min(look, seen.length) - 1] ?? [];
    if (now instanceof Error) throw now;
    return now.find((one) => one.key === key);
  };
  return { batches, reads };
}

describe('a trial', () => {
  it('is over when each file has its end, and reads no file that has one again', async () => {
    const a = item('a.mp4', 'succeeded');
    const { batches, reads } = looks([], [a], [a, item('b.mp4', 'submitted')], [a, item('b.mp4', 'dead')]);
    const seen: number[] = [];
    const files = await awaitTrial(TRIAL, PIPELINE, batches, {
      everyMs: 0,
      onLook: (now) => seen.push(now.filter(hasEnd).length),
    });
    assert.deepEqual(
      files.map((file) => file.item?.status),
      ['succeeded', 'dead'],
    );
    assert.equal(seen.at(0), 0);
    assert.equal(seen.at(-1), 2);
    const last = reads.lastIndexOf('a.mp4');
    assert.ok(reads.slice(last + 1).length > 1, 'only b.mp4 is read on');
  });

  it('goes on while AWS does not answer, and ends with any other error and with Cancel', async () => {
    const done = [item('a.mp4', 'covered'), item('b.mp4', 'failed')];
    const { batches } = looks(awsError('unreachable'), done);
    assert.equal((await awaitTrial(TRIAL, PIPELINE, batches, { everyMs: 0 })).length, 2);
    const denied = looks(awsError('missing-permission'));
    await assert.rejects(awaitTrial(TRIAL, PIPELINE, denied.batches, { everyMs: 0 }), {
      code: 'missing-permission',
    });
    const control = new AbortController();
    const onLook = (): void => {
      control.abort();
    };
    const waiting = looks([]);
    await assert.rejects(
      awaitTrial(TRIAL, PIPELINE, waiting.batches, { signal: control.signal, onLook }),
      isAbort,
    );
  });

  it('measures what succeeded and has a length', () => {
    const tried = (change: Partial<ResultItem>, status: Status = 'succeeded'): TriedFile => ({
      key: 'k',
      item: item('k', status, change),
    });
    const files = [
      tried({ duration_ms: 1000 }),
      tried({ duration_ms: 2000 }),
      tried({}),
      tried({ duration_ms: 9 }, 'failed'),
      { key: 'k', item: undefined },
    ];
    assert.deepEqual(trialLength(files), { files: 2, ms: 3000 });
  });

  it('looks at outputs in the own buckets, by the exact key', async () => {
    const buckets = new FakeBuckets([
      s3Object('out/a b.mp4', { size: 7 }),
      s3Object('out/a b.mp4.json'),
      s3Object('hls/x/m.m3u8'),
    ]);
    const look = (output_url?: string) =>
      lookAtOutput(output_url === undefined ? {} : { output_url }, buckets);
    assert.deepEqual(await look('s3://results/out/a b.mp4'), { size: 7 });
    assert.equal(await look('s3://results/out/a b'), 'missing');
    assert.equal(await look('s3://results/hls/'), undefined);
    assert.equal(await look('s3://results/none/'), 'missing');
    for (const other of [
      undefined,
      '',
      'https://store.ittybit.net/x.mp4',
      's3://results/',
      'javascript:alert(1)',
    ])
      assert.equal(await look(other), undefined, other);
  });
});
