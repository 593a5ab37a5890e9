import assert from 'node:assert/strict';
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { batchEraser } from '../../../src/aws/batch-eraser.ts';
import { firstItem, move } from '../../../src/core/batch/item-step.ts';
import { resultItem } from '../../../src/core/batch/result-codec.ts';
import { countsKey, metaKey, resultKey } from '../../../src/core/batch/table-keys.ts';
import { bareWords } from '../../helpers/bare-words.ts';
import { MemoryTable } from '../../helpers/memory-table.ts';

const FILE = { batch: 'b1', bucket: 'film', key: 'a.mov' };
const FAILED = move(firstItem(FILE, 0), 'failed', {}, 0);

function bench() {
  const table = new MemoryTable();
  const operations: string[] = [];
  const eraser = batchEraser((operation, name, work) => {
    assert.equal(name, 'results');
    operations.push(operation);
    return work(table.client);
  });
  table.put({ ...resultItem(FAILED), ...resultKey(FAILED) });
  table.put({ ...countsKey(FAILED), failed: 3, succeeded: 1 });
  return { table, eraser, operations };
}

describe('the batch eraser', () => {
  it('marks a batch that is there, for the consumer and for the list, and keeps older marks', async () => {
    const sent: UpdateCommandInput[] = [];
    const client = {
      send: async ({ input }: { input: UpdateCommandInput }) => void sent.push(input),
    } as unknown as DynamoDBDocumentClient;
    const eraser = batchEraser((_operation, _table, work) => work(client));
    await eraser.mark('results', 'b1', { at: '2026-11-26T10:00:00.000Z', by: 'operator' });
    const [{ UpdateExpression: said = '', ...input }] = sent as [UpdateCommandInput];
    assert.deepEqual(input.Key, metaKey('b1'));
    assert.equal(input.ConditionExpression, 'attribute_exists(pk)');
    assert.equal(said.match(/if_not_exists/g)?.length, 2);
    assert.deepEqual(bareWords(said), []);
  });

  it('deletes an item that has not changed, together with its count', async () => {
    const { table, eraser, operations } = bench();
    assert.equal(await eraser.remove('results', FAILED), true);
    assert.equal(table.row(resultKey(FAILED)), undefined);
    assert.deepEqual(table.row(countsKey(FAILED)), { ...countsKey(FAILED), failed: 2, succeeded: 1 });
    assert.deepEqual(operations, ['TransactWriteItems']);
  });

  it('leaves an item that has changed, and its count', async () => {
    const { table, eraser } = bench();
    assert.equal(await eraser.remove('results', { ...FAILED, rev: 9 }), false);
    assert.ok(table.row(resultKey(FAILED)));
    assert.equal(table.row(countsKey(FAILED))?.['failed'], 3);
  });

  it('deletes the record last, over all pages, so that a deletion that broke is still listed', async () => {
    const { table, eraser } = bench();
    const pk = 'batch#b1';
    for (const sk of ['meta', 'shard#0', 'counts#1', 'counts#2', 'counts#3']) table.put({ pk, sk });
    table.pageItems = 2;
    let calls = 0;
    table.beforeRead = () => {
      calls += 1;
      if (calls === 6) throw new Error('the network is away');
    };
    await assert.rejects(eraser.forget('results', 'b1'), /away/);
    assert.ok(table.row({ pk, sk: 'meta' }));
    table.beforeRead = () => undefined;
    await eraser.forget('results', 'b1');
    assert.deepEqual(
      [...table.rows.values()].map((row) => row['sk']),
      ['batch#b1'],
      'the item of the file',
    );
  });
});
