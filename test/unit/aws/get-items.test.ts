import assert from 'node:assert/strict';
import type { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ServiceCaller } from '../../../src/aws/connection.ts';
import { getItems } from '../../../src/aws/get-items.ts';
import { fastTimers } from '../../helpers/fast-timers.ts';

const keyOf = (i: number) => ({ pk: { S: `s3://film/${i}.mov` }, sk: { S: 'batch#b1' } });

describe('items by their keys', () => {
  it('are read a hundred at a time, and those that DynamoDB leaves out again, after a longer pause each time', async () => {
    const timers = fastTimers();
    const asked: number[] = [];
    const send = async ({ input }: BatchGetItemCommand) => {
      const keys = input.RequestItems?.['results']?.Keys ?? [];
      asked.push(keys.length);
      // It gives 70 at once, but at least one.
      const Keys = keys.slice(70);
      return {
        Responses: { results: keys.slice(0, 70) },
        UnprocessedKeys: Keys.length > 0 ? { results: { Keys } } : {},
      };
    };
    const dynamo = {
      call: (_name: string, work: (client: unknown) => Promise<unknown>) => work({ send }),
    } as unknown as ServiceCaller<DynamoDBClient>;
    try {
      const keys = Array.from({ length: 230 }, (_, i) => keyOf(i));
      const found = await getItems(dynamo, 'results', keys, undefined);
      assert.equal(new Set(found.map(({ pk }) => pk)).size, 230);
      assert.equal(found.length, 230);
      assert.deepEqual(asked, [100, 100, 90, 20]);
      assert.deepEqual(timers.pauses, [50, 100, 200]);
    } finally {
      timers.restore();
    }
  });

  it('are asked for with no request where there is no key', async () => {
    const dynamo = {
      call: () => assert.fail('a request'),
    } as unknown as ServiceCaller<DynamoDBClient>;
    assert.deepEqual(await getItems(dynamo, 'results', [], undefined), []);
  });
});
