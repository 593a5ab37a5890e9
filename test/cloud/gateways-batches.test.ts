import assert from 'node:assert/strict';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { dynamoBrakes } from '../../src/aws/batch-brakes.ts';
import { DynamoBatchStore } from '../../src/aws/batch-store.ts';
import { DynamoLedgers } from '../../src/aws/editor-ledger.ts';
import type { BatchMeta } from '../../src/core/batch/batch.ts';
import { InvalidInputError } from '../../src/core/errors.ts';
import { DEFAULT_JOB_OPTIONS } from '../../src/core/ittybit/job-options.ts';
import type { Page } from '../../src/core/page.ts';
import type { Fields } from '../../src/core/foreign-json.ts';
import { resultItem } from '../../src/core/batch/result-codec.ts';
import type { ResultItem } from '../../src/core/batch/result-item.ts';
import { resultKey, workKey } from '../../src/core/batch/table-keys.ts';
import { fails, startGatewayCloud, type GatewayCloud } from '../helpers/gateway-cloud.ts';

const META: BatchMeta = {
  batch: 'b-1',
  bucket: 'photos',
  prefix: 'in/',
  job: DEFAULT_JOB_OPTIONS,
  extensions: ['mp4'],
  filter: {
    glob: 'reel-*.mp4',
    min_size: 1,
    max_size: 2 ** 40,
    changed_since: '2026-01-02T03:04:05.000Z',
    not_yet_done: true,
  },
  created_at: '2026-11-23T14:00:00.000Z',
};

const RESULT: ResultItem = {
  bucket: 'photos',
  key: ' in//é 🎬+%20.mp4',
  batch: 'b-1',
  status: 'failed',
  kind: 'video',
  attempts: 2,
  run: 1,
  reference: 'r',
  job_id: 'job-1',
  error: 'invalid_input: "cannot" read',
  created_at: '2026-11-23T14:00:00.000Z',
  updated_at: '2026-11-23T14:00:09.000Z',
  completed_at: '2026-11-23T14:00:09.000Z',
  history: [
    { status: 'submitting', at: '2026-11-23T14:00:01.000Z', attempts: 1 },
    { status: 'failed', at: '2026-11-23T14:00:09.000Z', attempts: 2, error: 'invalid_input' },
  ],
  rev: 3,
};

describe('batch gateway on the emulator', function () {
  this.timeout(120_000);
  let cloud: GatewayCloud;
  let store: DynamoBatchStore;
  let dynamo: DynamoDBClient;
  let table: string;

  before(async () => {
    cloud = await startGatewayCloud();
    table = (await cloud.deployFixture())['Table']!;
    store = new DynamoBatchStore(cloud.root);
    dynamo = new DynamoDBClient(cloud.access);
  });

  after(async () => {
    dynamo.destroy();
    await cloud.stop();
  });

  async function put(item: Fields): Promise<void> {
    const Item = marshall(item, { removeUndefinedValues: true });
    await dynamo.send(new PutItemCommand({ TableName: table, Item }));
  }

  async function putResult(change: Partial<ResultItem>): Promise<ResultItem> {
    const item = { ...RESULT, ...change };
    await put(resultItem(item));
    return item;
  }

  /** Every page of a list. */
  async function pages<Item>(ask: (next?: string) => Promise<Page<Item>>): Promise<(readonly Item[])[]> {
    const found: (readonly Item[])[] = [];
    let next: string | undefined;
    do {
      const page = await ask(next);
      found.push(page.items);
      next = page.next;
    } while (next !== undefined);
    return found;
  }

  it('creates once, keeps checkpoints, sums counts, and skips what it cannot read', async () => {
    await store.create(table, META);
    await fails(store.create(table, META), 'conflict', /busy or was changed/);
    const skipped = { empty: 1, filtered: 2, done: 3 };
    const stems = ['in/é', '.mov', '.b', '.mp4'];
    const first = { shard: 0, lastKey: 'in/é+ 1', listed: 8, sent: 2, skipped, done: false, stems };
    const second = { ...first, lastKey: 'in/é+ 2', sent: 4 };
    const other = { ...first, shard: 1 };
    await store.saveCheckpoint(table, 'b-1', other, undefined);
    await store.saveCheckpoint(table, 'b-1', first, undefined);
    await store.saveCheckpoint(table, 'b-1', first, undefined);
    await store.saveCheckpoint(table, 'b-1', second, first);
    await store.saveCheckpoint(table, 'b-1', second, first);
    const behind = { ...first, lastKey: 'in/é+ 1b' };
    await fails(store.saveCheckpoint(table, 'b-1', behind, first), 'conflict', /changed elsewhere/);
    await fails(store.saveCheckpoint(table, 'b-1', behind, undefined), 'conflict', /changed/);
    await store.saveCheckpoint(table, 'b-1', { ...second, done: true }, second);
    const pk = 'batch#b-1';
    await put({ pk, sk: 'counts#0', succeeded: 2 });
    await put({ pk, sk: 'counts#5', succeeded: 3 });
    await put({ pk, sk: 'counts#6', failed: 'not a number' });
    await dynamo.send(
      new PutItemCommand({
        TableName: table,
        Item: { pk: { S: pk }, sk: { S: 'shard#9' }, lastKey: { N: '99999999999999999999999999' } },
      }),
    );
    await put({ pk, sk: 'something-else', x: 1 });
    const record = await store.read(table, 'b-1');
    assert.deepEqual(record.meta, META);
    assert.deepEqual(record.checkpoints, [{ ...second, done: true }, other]);
    assert.equal(record.counts.succeeded, 5);
    assert.equal(record.counts.failed, 0);
  });

  it('knows nothing of a batch that does not exist, and names a missing table', async () => {
    const record = await store.read(table, 'none');
    assert.deepEqual([record.meta, record.checkpoints], [undefined, []]);
    await fails(store.read('no-table', 'b-1'), 'not-found', /no table "no-table"/);
    await fails(store.list('no-table', { limit: 1 }), 'not-found', /no table "no-table"/);
    assert.deepEqual(await store.results(table, { batch: 'none', status: 'dead' }, { limit: 5 }), {
      items: [],
      next: undefined,
    });
    assert.equal(await store.result(table, { ...RESULT, batch: 'none' }), undefined);
    assert.deepEqual(await store.resultsOf(table, { bucket: 'none', key: 'none' }), []);
  });

  it('lists batches newest first, and fills a page over what it cannot read', async () => {
    const { filter, ...plain } = META;
    for (const day of ['01', '02', '03']) {
      await store.create(table, {
        ...plain,
        batch: `old-${day}`,
        created_at: `2025-01-${day}T00:00:00.000Z`,
      });
    }
    for (const n of [1, 2, 3, 4, 5]) {
      const at = `2025-01-02T00:00:0${n}.000Z`;
      await put({ pk: `batch#bad-${n}`, sk: 'meta', gsi1pk: 'batches', gsi1sk: at, batch: n });
    }
    const listed = await pages((next) => store.list(table, { limit: 2, next }));
    assert.deepEqual(
      listed.map((page) => page.map(({ batch }) => batch)).filter((page) => page.length > 0),
      [
        ['b-1', 'old-03'],
        ['old-02', 'old-01'],
      ],
    );
    assert.deepEqual(listed[0]?.[0], META);
    assert.deepEqual(Object.keys(listed[0][1]!).includes('filter'), false);
  });

  it('lists the files of a status, the last changed first, and reads each exactly', async () => {
    const keys = Array.from({ length: 5 }, (_, n) => `in/${n}`);
    const made = await Promise.all(
      keys.map((key, n) => putResult({ key, status: 'dead', updated_at: `2026-01-01T00:00:0${n}.000Z` })),
    );
    await putResult({ key: 'in/6', status: 'succeeded' });
    await putResult({ key: 'in/7', status: 'dead', batch: 'b-2' });
    const bad = { bucket: 'photos', key: 9, batch: 'b-1', status: 'dead' };
    await put({ pk: 'x', sk: 'y', gsi1pk: 'batch#b-1#dead', gsi1sk: '2026-01-01T00:00:09.000Z', ...bad });
    const dead = await pages((next) =>
      store.results(table, { batch: 'b-1', status: 'dead' }, { limit: 2, next }),
    );
    assert.deepEqual(dead.flat(), made.toReversed());
    assert.deepEqual(
      dead.map(({ length }) => length),
      [2, 2, 1],
    );
    const oldest = { batch: 'b-1', status: 'dead', from: 'oldest' } as const;
    assert.deepEqual((await store.results(table, oldest, { limit: 1 })).items, [made[0]]);
  });

  it('finds a file in its batch and in all of them', async () => {
    const one = await putResult({});
    const two = await putResult({ batch: 'b-2', status: 'succeeded', output_url: 'https://x/y' });
    assert.deepEqual(await store.result(table, { ...one, batch: 'b-1' }), one);
    assert.deepEqual(await store.result(table, { ...one, batch: 'b-2' }), two);
    assert.equal(await store.result(table, { ...one, batch: 'b-3' }), undefined);
    const sorted = (items: readonly ResultItem[]): ResultItem[] =>
      items.toSorted((a, b) => a.batch.localeCompare(b.batch));
    assert.deepEqual(sorted(await store.resultsOf(table, one)), [one, two]);
  });

  it('gives all results of a file with who owns its works, and leaves out what it cannot read', async () => {
    const file = { bucket: 'photos', key: ' worked/é#🎬.mp4' };
    const one = await putResult({ ...file, work: 'work#1#"e"' });
    await put({ ...workKey(file, 'work#1#"e"'), owner: 'b-1' });
    await put({ ...workKey(file, 'work#2#-'), owner: { not: 'a batch' } });
    await put({ ...resultKey({ ...file, batch: 'b-9' }), status: 'unheard of' });
    assert.deepEqual(await store.source(table, file), {
      items: [one],
      owners: new Map([['work#1#"e"', 'b-1']]),
    });
    assert.deepEqual(await store.source(table, { ...file, key: 'none' }), { items: [], owners: new Map() });
  });

  it('writes the ledger with the counts, as the handlers do, and names the table that is not there', async () => {
    const ledger = new DynamoLedgers(cloud.root).of(table);
    const file = { bucket: 'photos', key: ' ledger/é#🎬.mp4' };
    const next: ResultItem = { ...RESULT, ...file, batch: 'b-ledger', status: 'submitted', rev: 1 };
    const work = { work: 'work#1#"e"', from: undefined, owner: 'b-ledger' };
    assert.equal(await ledger.write({ before: undefined, next, work }), true);
    assert.equal(await ledger.write({ before: undefined, next, work }), false, 'a lost race');
    const ended: ResultItem = { ...next, status: 'cancelled', rev: 2 };
    assert.equal(await ledger.write({ before: next, next: ended, unchanged: [] }), true);
    assert.deepEqual(await ledger.read({ ...file, batch: 'b-ledger' }), ended);
    const { counts } = await store.read(table, 'b-ledger');
    assert.deepEqual([counts.submitted, counts.cancelled], [0, 1]);
    assert.deepEqual(await ledger.readSource(file, 'b-ledger'), {
      items: [ended],
      owners: new Map([['work#1#"e"', 'b-ledger']]),
    });
    assert.equal(await ledger.readOutput('s3://out/none.mp4'), undefined);
    const other = new DynamoLedgers(cloud.root).of('no-table');
    await fails(other.read({ ...file, batch: 'b-ledger' }), 'not-found', /no table "no-table"/);
    await fails(other.write({ before: undefined, next }), 'not-found', /no table "no-table"/);
  });

  it('keeps the first word of what stops a batch, beside all that the batch is', async () => {
    const at = '2026-11-26T10:00:00.000Z';
    const hold = { reason: 'é "no" connection', cause: 'c1', at, by: 'consumer' };
    const cancelled = { at, by: 'operator' };
    const read = async () => (await store.read(table, 'b-stop')).meta;
    await store.create(table, { ...META, batch: 'b-stop' });
    await store.hold(table, 'b-stop', hold);
    await store.hold(table, 'b-stop', { ...hold, reason: 'another' });
    await store.cancel(table, 'b-stop', cancelled);
    await store.cancel(table, 'b-stop', { ...cancelled, by: 'somebody else' });
    const stopped = { ...META, batch: 'b-stop', brake: { hold, cancelled, disarmed: [] } };
    assert.deepEqual(await read(), stopped);
    const { items } = await store.list(table, { limit: 100 });
    assert.deepEqual(
      items.find(({ batch }) => batch === 'b-stop'),
      stopped,
    );
    await store.endHold(table, 'b-stop', undefined);
    assert.deepEqual((await read())?.brake, { cancelled, disarmed: [] });
    for (const cause of ['c1', 'c2']) await store.endHold(table, 'b-stop', cause);
    assert.deepEqual((await read())?.brake, { cancelled, disarmed: ['c1', 'c2'] });
    await fails(store.cancel('no-table', 'b-1', cancelled), 'not-found', /no table "no-table"/);
  });

  it('counts the failures of ten functions at one moment, and holds that batch for that cause only', async () => {
    const brakes = dynamoBrakes(DynamoDBDocumentClient.from(dynamo), table, 'consumer', Date.now);
    const failing = (batch: string, n: number, reason = 'no connection') =>
      Promise.all(
        Array.from({ length: n }, (_, i) => brakes.failed({ ...RESULT, batch, key: `${i}` }, reason)),
      );
    const brake = async (batch: string) => (await store.read(table, batch)).meta?.brake;
    for (const batch of ['b-brake', 'b-other']) await store.create(table, { ...META, batch });
    await failing('b-other', 9);
    await brakes.succeeded('b-other');
    await failing('b-other', 9);
    await failing('b-other', 1, 'no video stream');
    const { hold: none, streak } = (await brake('b-other')) ?? {};
    assert.deepEqual([none, streak?.count], [undefined, 1]);
    await failing('b-brake', 10);
    const { hold, streak: ended } = (await brake('b-brake')) ?? {};
    assert.equal(hold?.reason, '10 files in a row ended so: no connection');
    assert.deepEqual([hold.by, ended], ['consumer', undefined]);
    await store.endHold(table, 'b-brake', hold.cause);
    await failing('b-brake', 12);
    assert.equal((await brake('b-brake'))?.hold, undefined);
    await failing('b-brake', 10, 'no video stream');
    await brakes.hold('b-brake', { cause: 'results', reason: 'a second reason' });
    assert.match((await brake('b-brake'))?.hold?.reason ?? '', /no video stream/);
  });

  it('refuses a place that it did not name', async () => {
    const encoded = (text: string) => Buffer.from(text).toString('base64url');
    const places = ['', '%%%', 'bm8', ...['null', '[]', '{}', '"x"', '5', '{"pk":5}', '{"pk":'].map(encoded)];
    const place = { pk: 'batch#b-1', sk: 'meta', gsi1pk: 'batches', gsi1sk: '2026-11-23T14:00:00.000Z' };
    const changes = [{ pk: undefined }, { sk: '' }, { gsi1pk: 'other' }, { gsi1sk: 5 }, { more: 'x' }];
    const forged = changes.map((change) => encoded(JSON.stringify({ ...place, ...change })));
    for (const next of [...places, ...forged]) {
      const listing = store.list(table, { limit: 1, next });
      await assert.rejects(listing, InvalidInputError, Buffer.from(next, 'base64url').toString());
    }
    const next = encoded(JSON.stringify(place));
    await store.list(table, { limit: 1, next });
    const otherList = store.results(table, { batch: 'b-1', status: 'dead' }, { limit: 1, next });
    await assert.rejects(otherList, InvalidInputError);
  });
});
