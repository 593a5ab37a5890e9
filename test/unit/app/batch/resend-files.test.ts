import assert from 'node:assert/strict';
import { findLeftFiles, resendFiles, type ResendOptions } from '../../../../src/app/batch/resend-files.ts';
import { zeroCounts, type BatchMeta } from '../../../../src/core/batch/batch.ts';
import { isRedriven, readReason } from '../../../../src/core/batch/dead-letter.ts';
import { leftOut } from '../../../../src/core/batch/left-out.ts';
import { decodeQueueMessage, DEFAULT_BATCH } from '../../../../src/core/batch/queue-message.ts';
import type { ResultItem, Status } from '../../../../src/core/batch/result-item.ts';
import { isAbort } from '../../../../src/core/errors.ts';
import { awsError, FakeBatches, FakeQueues, PIPELINE } from '../../../helpers/fakes.ts';

const META: BatchMeta = {
  batch: 'b1',
  bucket: 'media',
  prefix: 'in/',
  job: { kind: 'video', options: {} },
  extensions: ['mp4'],
  created_at: '2026-11-23T14:00:00.000Z',
};
const DIED = '2026-11-23T15:00:00.000Z';

describe('files whose messages are gone', () => {
  let queues: FakeQueues;
  let batches: FakeBatches;

  const itemsOf = (batch: string, status: Status, keys: readonly string[]): ResultItem[] =>
    keys.map((key) => ({
      ...{ batch, bucket: 'media', key, status, kind: 'video', attempts: 3, run: 1, rev: 4 },
      ...{ etag: '"e"', size: 10, created_at: DIED, updated_at: DIED, error: `no ${key} (HTTP 400)` },
    }));
  const find = (batch?: string) => findLeftFiles(PIPELINE, { queues, batches }, { batch });
  const run = async (options: ResendOptions = {}) =>
    resendFiles(await find(), PIPELINE, { queues, batches }, options);
  const sent = () =>
    (queues.queues.get('work') ?? []).map(({ body, attributes, group }) => ({
      ...decodeQueueMessage(body),
      attributes,
      group,
    }));

  beforeEach(() => {
    queues = new FakeQueues();
    batches = new FakeBatches();
    batches.metas.set('b1', META).set('b2', { ...META, batch: 'b2' });
    batches.read = async (_table, batch) => {
      const counts = zeroCounts();
      for (const item of batches.items) if (item.batch === batch) counts[item.status] += 1;
      return { meta: batches.metas.get(batch), checkpoints: [], counts };
    };
    batches.items = [
      ...itemsOf('b1', 'dead', ['a', 'b']),
      ...itemsOf('b1', 'succeeded', ['c']),
      ...itemsOf('b2', 'retrying', ['d']),
      ...itemsOf(DEFAULT_BATCH, 'dead', ['e']),
    ];
  });

  it('are found in all batches, that of bare messages included, or in one', async () => {
    assert.deepEqual(await find(), [
      { batch: DEFAULT_BATCH, dead: 1, leftOut: 0, retrying: 0 },
      { batch: 'b1', dead: 2, leftOut: 0, retrying: 0 },
      { batch: 'b2', dead: 0, leftOut: 0, retrying: 1 },
    ]);
    assert.deepEqual(await find('b1'), [{ batch: 'b1', dead: 2, leftOut: 0, retrying: 0 }]);
    await assert.rejects(find('b3'), { code: 'nothing-to-enqueue', message: /No file is dead or waits/ });
  });

  it('are sent from their items, a dead one with its reason as by a redrive', async () => {
    const totals: number[] = [];
    assert.equal(await run({ onProgress: (now) => totals.push(now) }), 4);
    assert.deepEqual(totals, [1, 3, 4]);
    const messages = sent();
    assert.deepEqual(
      messages.map(({ batch, key, etag, size, group }) => [batch, key, etag, size, group]),
      [
        [DEFAULT_BATCH, 'e', '"e"', 10, DEFAULT_BATCH],
        ['b1', 'a', '"e"', 10, 'b1'],
        ['b1', 'b', '"e"', 10, 'b1'],
        ['b2', 'd', '"e"', 10, 'b2'],
      ],
    );
    assert.deepEqual(
      messages.map(({ attributes }) => isRedriven(attributes)),
      [true, true, true, false],
    );
    assert.deepEqual(readReason(messages[1]!.attributes), {
      failureClass: 'receive-count',
      reason: 'no a (HTTP 400)',
      attempts: 3,
      failedAt: DIED,
    });
  });

  it('are not those that an operator has left out, which are counted beside them', async () => {
    const mark = { at: DIED, by: 'user/ann', note: 'not needed' };
    batches.items = batches.items.map((item) =>
      item.key === 'a' || item.key === 'e' ? leftOut(item, mark)! : item,
    );
    assert.deepEqual(await find(), [
      { batch: 'b1', dead: 1, leftOut: 1, retrying: 0 },
      { batch: 'b2', dead: 0, leftOut: 0, retrying: 1 },
    ]);
    assert.equal(await run(), 2);
    assert.deepEqual(
      sent().map(({ key }) => key),
      ['b', 'd'],
    );
  });

  it('are no retrying ones while their messages may be in the work queue', async () => {
    queues.add('work', { body: '{}' });
    assert.deepEqual(
      (await find()).map(({ batch }) => batch),
      [DEFAULT_BATCH, 'b1'],
    );
    await assert.rejects(find('b2'), { code: 'nothing-to-enqueue', message: /messages in the work queue/ });
  });

  it('are left to a redrive while there are dead letters', async () => {
    queues.add('dead', { body: '{}' });
    await assert.rejects(find(), { code: 'queue-not-empty', message: /About 1 dead letters.*Redrive All/ });
    assert.deepEqual(queues.sends, []);
  });

  it('are not those of a cancelled batch', async () => {
    batches.metas.set('b1', { ...META, brake: { disarmed: [], cancelled: { at: DIED, by: 'operator' } } });
    assert.deepEqual(
      (await find()).map(({ batch }) => batch),
      [DEFAULT_BATCH, 'b2'],
    );
  });

  it('go out in requests of ten, over pages, each once', async () => {
    const keys = Array.from({ length: 230 }, (_, i) => `k${i}`);
    batches.items = itemsOf('b1', 'dead', keys);
    assert.equal(await run(), 230);
    assert.ok(queues.sends.every(({ bodies }) => bodies.length <= 10));
    assert.deepEqual(new Set(sent().map(({ key }) => key)), new Set(keys));
    assert.equal(sent().length, 230);
  });

  it('can be stopped between two pages; what is sent stays sent', async () => {
    batches.items = itemsOf(
      'b1',
      'dead',
      Array.from({ length: 230 }, (_, i) => `k${i}`),
    );
    const control = new AbortController();
    const onProgress = () => {
      control.abort();
    };
    await assert.rejects(run({ signal: control.signal, onProgress }), isAbort);
    assert.equal(sent().length, 100);
  });

  it('say why they could not be sent', async () => {
    queues.failures.send = awsError('missing-permission');
    await assert.rejects(run(), { code: 'missing-permission' });
  });
});
