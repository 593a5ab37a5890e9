import assert from 'node:assert/strict';
import type { BatchMeta, BatchRecord } from '../../../../src/core/batch/batch.ts';
import { DEFAULT_BATCH } from '../../../../src/core/batch/queue-message.ts';
import type { CloudServices } from '../../../../src/core/stack/cloud-services.ts';
import { BATCHES_A_PAGE, BatchRecords } from '../../../../src/ui/batches/batch-records.ts';
import { awsError, FakeBatches, PIPELINE } from '../../../helpers/fakes.ts';
import { metaOf } from '../../../helpers/ui/enqueue-fixture.ts';
import { recordOf } from '../../../helpers/ui/shown-world.ts';

function records(count = 0) {
  const batches = new FakeBatches();
  for (let index = 0; index < count; index += 1)
    batches.metas.set(`b${index}`, metaOf(`b${index}`, { created_at: String(1_000 - index) }));
  const asked: string[] = [];
  const table = { failure: undefined as Error | undefined };
  const ask = (request: string): void => {
    asked.push(request);
    if (table.failure) throw table.failure;
  };
  const list = batches.list.bind(batches);
  batches.list = async (name, request) => {
    ask(`list ${request.next ?? 0}`);
    return list(name, request);
  };
  batches.read = async (_table, batch) => {
    ask(`read ${batch}`);
    return recordOf(metaOf(batch), 1);
  };
  const results = batches.results.bind(batches);
  batches.results = async (name, query, request) => {
    ask(`results ${request.next ?? 0}`);
    return results(name, query, request);
  };
  const all = new BatchRecords({
    read: (work, signal) =>
      work({ batches } as unknown as CloudServices, PIPELINE, signal ?? new AbortController().signal),
  });
  const metas = (): BatchMeta[] => [...batches.metas.values()];
  return { all, asked, table, batches, metas };
}

const NONE = (sentence: string): void => assert.fail(sentence);

describe('the records of batches', () => {
  it('read the list page by page, and a failed page leaves the pages before it', async () => {
    const { all, asked, table } = records(60);
    assert.equal((await all.list(undefined)).items.length, BATCHES_A_PAGE);
    table.failure = awsError('missing-permission');
    await assert.rejects(all.more(undefined), { code: 'missing-permission' });
    table.failure = undefined;
    assert.equal((await all.list(undefined)).items.length, BATCHES_A_PAGE);
    await all.more(undefined);
    await all.more(undefined);
    await all.more(undefined);
    const { items, next } = await all.list(undefined);
    assert.deepEqual([items.length, next], [60, undefined]);
    assert.deepEqual(asked, ['list 0', 'list 25', 'list 25', 'list 50']);
  });

  it('read as many pages again as were shown, once the list has expired', async () => {
    const { all, asked } = records(60);
    await all.list(undefined);
    await all.more(undefined);
    all.expireList();
    assert.equal((await all.list(undefined)).items.length, 50);
    assert.deepEqual(asked, ['list 0', 'list 25', 'list 0', 'list 25']);
  });

  it('keep no list that could not be read', async () => {
    const { all, table } = records(1);
    table.failure = awsError('unreachable');
    await assert.rejects(all.list(undefined), { code: 'unreachable' });
    table.failure = undefined;
    assert.equal((await all.list(undefined)).items.length, 1);
  });

  it('read the counts only of batches that the poll leaves out, and each once', async () => {
    const { all, asked, metas } = records(27);
    assert.equal(await all.readMissing(metas(), NONE), true);
    assert.deepEqual(asked, ['read b25', 'read b26']);
    assert.equal(await all.readMissing(metas(), NONE), false);
    assert.equal(asked.length, 2);
    assert.equal(all.get('b26')?.counts.succeeded, 1);
    assert.equal(all.get('b0'), undefined);
  });

  it('say why counts cannot be read, and nothing after their end', async () => {
    const { all, table, metas } = records(27);
    table.failure = awsError('throttled');
    const sentences: string[] = [];
    await all.readMissing(metas(), (sentence) => sentences.push(sentence));
    assert.deepEqual(sentences, ['AWS said throttled.']);
    assert.equal(all.get('b25'), undefined);
    table.failure = new DOMException('ended', 'AbortError');
    all.dispose();
    assert.equal(await all.readMissing(metas(), NONE), false);
  });

  it('tell a change and an unlisted batch from a reading that brings nothing new', async () => {
    const { all } = records(1);
    await all.list(undefined);
    const of = (id: string, succeeded: number): ReadonlyMap<string, BatchRecord> =>
      new Map([[id, recordOf(metaOf(id), succeeded)]]);
    assert.deepEqual(all.take(of('b0', 1)), { changed: true, unlisted: false });
    assert.deepEqual(all.take(of('b0', 1)), { changed: false, unlisted: false });
    assert.deepEqual(all.take(of('b0', 2)), { changed: true, unlisted: false });
    assert.deepEqual(all.take(of('other', 2)), { changed: true, unlisted: true });
  });

  it('drop the files that were sent without Media Batch once there are none', () => {
    const { all } = records();
    all.take(new Map([[DEFAULT_BATCH, recordOf(undefined, 1)]]));
    assert.deepEqual(all.take(new Map()), { changed: true, unlisted: false });
    assert.equal(all.get(DEFAULT_BATCH), undefined);
    assert.deepEqual(all.take(new Map()), { changed: false, unlisted: false });
  });
});
