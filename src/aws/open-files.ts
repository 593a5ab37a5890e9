import { QueryCommand, type DynamoDBDocumentClient, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { OpenFiles } from '../core/batch/open-files.ts';
import { readBrake } from '../core/batch/brake.ts';
import { readResult } from '../core/batch/result-codec.ts';
import { DEFAULT_BATCH } from '../core/batch/queue-message.ts';
import { BATCHES_INDEX_PK, resultIndexPk, TABLE_KEYS } from '../core/batch/table-keys.ts';
import type { BatchFile } from '../core/files/batch-file.ts';

/** Files in one page. Between two pages the reconciler has a turn for another batch. */
const PAGE = 100;

/** The open files in the results table's index, for the reconciler. A failure is the SDK's own error. */
export function dynamoOpenFiles(dynamo: DynamoDBDocumentClient, TableName: string): OpenFiles {
  async function* pages(
    query: Partial<QueryCommandInput>,
  ): AsyncGenerator<Record<string, unknown>[], undefined> {
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const IndexName = TABLE_KEYS.indexName;
      const page = await dynamo.send(new QueryCommand({ TableName, IndexName, ExclusiveStartKey, ...query }));
      yield page.Items ?? [];
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
  }

  return {
    async batches() {
      const found = new Map([[DEFAULT_BATCH, false]]);
      const query = {
        KeyConditionExpression: 'gsi1pk = :pk',
        ExpressionAttributeValues: { ':pk': BATCHES_INDEX_PK },
        // A reserved word of DynamoDB, as are `bucket` and `key`.
        ProjectionExpression: '#batch, #hold, #cancelled',
        ExpressionAttributeNames: { '#batch': 'batch', '#hold': 'hold', '#cancelled': 'cancelled' },
      };
      for await (const items of pages(query)) {
        for (const item of items) {
          const { hold, cancelled } = readBrake(item);
          found.set(String(item['batch']), hold !== undefined && !cancelled);
        }
      }
      return [...found].map(([batch, isHeld]) => ({ batch, isHeld }));
    },

    async *due(batch, status, dueBefore) {
      const query = {
        KeyConditionExpression: 'gsi1pk = :pk AND gsi1sk < :before',
        ExpressionAttributeValues: { ':pk': resultIndexPk({ batch, status }), ':before': dueBefore },
        ProjectionExpression: '#batch, #bucket, #key',
        ExpressionAttributeNames: { '#batch': 'batch', '#bucket': 'bucket', '#key': 'key' },
        Limit: PAGE,
      };
      for await (const items of pages(query)) yield items as unknown as readonly BatchFile[];
    },

    async newest(batch, status, most) {
      const { Items = [] } = await dynamo.send(
        new QueryCommand({
          ...{ TableName, IndexName: TABLE_KEYS.indexName, Limit: most, ScanIndexForward: false },
          KeyConditionExpression: 'gsi1pk = :pk',
          ExpressionAttributeValues: { ':pk': resultIndexPk({ batch, status }) },
        }),
      );
      return Items.flatMap((item) => readResult(item) ?? []);
    },
  };
}
