import assert from 'node:assert/strict';
import type { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoOpenFiles } from '../../../src/aws/open-files.ts';

describe('open files in the index', () => {
  let queries: QueryCommand['input'][];
  const filesOf = (...pages: object[][]) => {
    queries = [];
    const client = {
      async send({ input }: QueryCommand) {
        queries.push(input);
        const Items = pages[queries.length - 1];
        return { Items, ...(queries.length < pages.length && { LastEvaluatedKey: { at: queries.length } }) };
      },
    } as unknown as DynamoDBDocumentClient;
    return dynamoOpenFiles(client, 'results');
  };

  it('are those of all batches, and of the one that has no record', async () => {
    const hold = { reason: 'x', cause: 'y', at: '', by: 'consumer' };
    const files = filesOf(
      [{ batch: 'b2', hold }, { batch: 'default' }],
      [{ batch: 'b1', hold, cancelled: { at: '', by: 'operator' } }],
    );
    assert.deepEqual(await files.batches(), [
      { batch: 'default', isHeld: false },
      { batch: 'b2', isHeld: true },
      { batch: 'b1', isHeld: false },
    ]);
    assert.deepEqual(queries[1]?.ExclusiveStartKey, { at: 1 });
  });

  it('come a page at a time, the longest due first', async () => {
    const [one, two] = ['a', 'b'].map((key) => ({ batch: 'b1', bucket: 'media', key }));
    const pages = filesOf([one!], [two!]).due('b1', 'submitted', '2026-11-23T10:00:00.000Z');
    assert.deepEqual(await pages.next(), { done: false, value: [one] });
    assert.equal(queries.length, 1);
    assert.deepEqual(await pages.next(), { done: false, value: [two] });
    assert.equal((await pages.next()).done, true);
    assert.deepEqual(queries[0]?.ExpressionAttributeValues, {
      ':pk': 'batch#b1#submitted',
      ':before': '2026-11-23T10:00:00.000Z',
    });
    assert.ok(queries.every(({ ScanIndexForward }) => ScanIndexForward === undefined));
  });

  it('come with the newest ends first, as many as are asked for', async () => {
    const item = {
      ...{ pk: 's3://media/a.mp4', sk: 'batch#b1', batch: 'b1', bucket: 'media', key: 'a.mp4' },
    };
    const ended = { ...item, status: 'failed', kind: 'video', attempts: 1, error: 'no access', rev: 1 };
    const times = { created_at: '2026-11-26T00:00:00.000Z', updated_at: '2026-11-26T00:00:01.000Z' };
    const found = await filesOf([{ ...ended, ...times }, { odd: 1 }]).newest('b1', 'failed', 100);
    assert.deepEqual(
      found.map(({ status, updated_at, error }) => [status, updated_at, error]),
      [['failed', times.updated_at, 'no access']],
    );
    const [{ Limit, ScanIndexForward, ExpressionAttributeValues } = {}] = queries;
    assert.deepEqual([Limit, ScanIndexForward], [100, false]);
    assert.deepEqual(ExpressionAttributeValues, { ':pk': 'batch#b1#failed' });
  });

  it('name their attributes by placeholders, as some are reserved words', async () => {
    const queried: QueryCommand['input'][] = [];
    await filesOf([]).batches();
    queried.push(...queries);
    await filesOf([]).due('b1', 'submitted', '~').next();
    queried.push(...queries);
    assert.equal(queried.length, 2);
    for (const { ProjectionExpression = '', ExpressionAttributeNames = {} } of queried) {
      assert.deepEqual(ProjectionExpression.split(', '), Object.keys(ExpressionAttributeNames));
    }
  });
});
