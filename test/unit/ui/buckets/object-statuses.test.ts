import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { zeroCounts, type BatchRecord } from '../../../../src/core/batch/batch.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import type { CloudServices } from '../../../../src/core/stack/cloud-services.ts';
import { ObjectStatuses, type StatusesParts } from '../../../../src/ui/buckets/object-statuses.ts';
import { awsError, FakeBatches, PIPELINE, s3Object } from '../../../helpers/fakes.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';
import { fakeWatch } from '../../../helpers/ui/fake-watch.ts';

const FILES = [s3Object('a.mp4'), s3Object('b.mp4')];

function statuses() {
  const batches = new FakeBatches();
  const watch = fakeWatch();
  const shown = {
    visible: true,
    status: 'failed' as Status,
    drawn: [] as string[],
    failures: [] as string[],
    asked: [] as string[],
  };
  const held: { answer: () => Promise<void> } = { answer: async () => undefined };
  batches.resultsOf = async (_table, { bucket, key }) => {
    shown.asked.push(key);
    await held.answer();
    return key === 'a.mp4'
      ? [
          {
            bucket,
            key,
            status: shown.status,
            batch: 'b1',
            created_at: '',
            history: [],
          } as unknown as ResultItem,
        ]
      : [];
  };
  const read: StatusesParts['scope']['read'] = (work, signal) =>
    work({ batches } as unknown as CloudServices, PIPELINE, signal ?? new AbortController().signal);
  const all = new ObjectStatuses({
    scope: { read, watch },
    isVisible: () => shown.visible,
    onChange: (level) => shown.drawn.push(level),
    onFailure: (sentence) => shown.failures.push(sentence),
  });
  return { all, shown, held, watch };
}

function counted(settled: boolean): ReadonlyMap<string, BatchRecord> {
  const checkpoint = { shard: 0, lastKey: 'z', listed: 1, sent: 1, skipped: {}, done: true };
  const counts = { ...zeroCounts(), [settled ? 'succeeded' : 'processing']: 1 };
  return new Map([['b', { meta: metaOf('b'), checkpoints: [checkpoint], counts }]]);
}

describe('the statuses of objects', () => {
  it('are asked for once for each object, and draw the level again', async () => {
    const { all, shown } = statuses();
    assert.equal(all.of('film', 'film', FILES).size, 0);
    all.of('film', 'film', FILES);
    await setImmediate();
    assert.deepEqual([...all.of('film', 'film', FILES)], [['a.mp4', { status: 'failed', batch: 'b1' }]]);
    assert.deepEqual([shown.asked, shown.drawn], [['a.mp4', 'b.mp4'], ['film']]);
  });

  it('are not asked for while the view is hidden, and then when the level is drawn again', async () => {
    const { all, shown } = statuses();
    shown.visible = false;
    all.of('film', 'film', FILES);
    await setImmediate();
    assert.deepEqual(shown.asked, []);
    shown.visible = true;
    all.of('film', 'film', FILES);
    await setImmediate();
    assert.deepEqual(shown.asked, ['a.mp4', 'b.mp4']);
  });

  it('are not asked for where the poll has found no stack', async () => {
    const { all, shown, watch } = statuses();
    watch.last = { pipeline: { outputs: undefined } as never, problems: {}, busy: false };
    all.of('film', 'film', FILES);
    await setImmediate();
    assert.deepEqual(shown.asked, []);
  });

  it('of a hidden view are drawn, and so asked for, after a batch has settled', async () => {
    const { all, shown } = statuses();
    all.of('film', 'film', FILES);
    all.of('tape', 'tape', [s3Object('c.mp4')]);
    await setImmediate();
    shown.visible = false;
    all.take(counted(false));
    all.take(counted(true));
    assert.deepEqual(shown.drawn, ['film', 'film'], 'another bucket is left alone');
    shown.visible = true;
    all.of('film', 'film', FILES);
    await setImmediate();
    assert.deepEqual(shown.asked.slice(3), ['a.mp4', 'b.mp4']);
  });

  it('are not asked for again for a file that is done, by whichever batch', async () => {
    for (const [status, again] of [
      ['succeeded', ['b.mp4']],
      ['covered', ['b.mp4']],
      ['waiting', ['a.mp4', 'b.mp4']],
    ] as const) {
      const { all, shown } = statuses();
      shown.status = status;
      all.of('film', 'film', FILES);
      await setImmediate();
      all.take(counted(false));
      all.take(counted(true));
      await setImmediate();
      assert.deepEqual(shown.asked.slice(2), again, status);
    }
  });

  it('that come after their level was forgotten draw nothing', async () => {
    for (const forget of [
      ({ all }: ReturnType<typeof statuses>) => {
        all.forget('fil');
      },
      ({ all }: ReturnType<typeof statuses>) => {
        all.dispose();
      },
    ]) {
      const made = statuses();
      const gate = Promise.withResolvers<undefined>();
      made.held.answer = () => gate.promise;
      made.all.of('film', 'film', FILES);
      forget(made);
      gate.resolve(undefined);
      await setImmediate();
      assert.deepEqual([made.shown.drawn, made.shown.failures], [[], []]);
    }
  });

  it('that AWS denies are one line of the log, whatever the name of the level', async () => {
    const { all, shown, held } = statuses();
    held.answer = () => Promise.reject(awsError('missing-permission'));
    all.of('film/a\nerror: \u202Eall lost/', 'film', FILES);
    await setImmediate();
    assert.deepEqual(shown.failures, ['film/a\\u{a}error: \\u{202e}all lost/: AWS said missing-permission.']);
    assert.deepEqual(shown.drawn, []);
  });
});
