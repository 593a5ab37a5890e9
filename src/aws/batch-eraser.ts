import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  QueryCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { BatchEraser } from '../core/batch/batch-eraser.ts';
import { batchPk, countsKey, metaKey, resultKey } from '../core/batch/table-keys.ts';
import { abortable, type AwsClients } from './connection.ts';
import { countsChange, revIs, transact } from './dynamo-ledger.ts';
import { documents } from './editor-ledger.ts';

/** Runs work with a client for documents. @param operation the first request, which names a failure */
type Call = <Value>(
  operation: string,
  table: string,
  work: (dynamo: DynamoDBDocumentClient) => Promise<Value>,
) => Promise<Value>;

/** @returns the eraser of a connection; its failures are AwsErrors */
export function createBatchEraser(clients: AwsClients): BatchEraser {
  const caller = clients.service('dynamodb', (config) => new DynamoDBClient(config));
  return batchEraser((operation, table, work) =>
    caller.call(operation, (client) => work(documents(client)), { subject: `table "${table}"` }),
  );
}

/** Deletes what the results table holds of a batch: each file's item together with its count, in one transaction. */
export function batchEraser(call: Call): BatchEraser {
  const remove = (table: string, Key: Record<string, unknown>, signal: AbortSignal | undefined) =>
    call('DeleteItem', table, (dynamo) =>
      dynamo.send(new DeleteCommand({ TableName: table, Key }), abortable(signal)),
    );
  return {
    async mark(table, batch, mark, signal) {
      const command = new UpdateCommand({
        TableName: table,
        Key: metaKey(batch),
        UpdateExpression:
          'SET #cancelled = if_not_exists(#cancelled, :mark), #deleting = if_not_exists(#deleting, :mark)',
        ExpressionAttributeNames: { '#cancelled': 'cancelled', '#deleting': 'deleting' },
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':mark': mark },
      });
      await call('UpdateItem', table, (dynamo) => dynamo.send(command, abortable(signal)));
    },

    remove(table, item, signal) {
      signal?.throwIfAborted();
      const count = countsChange(item.status, undefined);
      const actions = [
        { Delete: { TableName: table, Key: resultKey(item), ...revIs(item.rev) } },
        ...(count ? [{ Update: { TableName: table, Key: countsKey(item), ...count } }] : []),
      ];
      return call('TransactWriteItems', table, (dynamo) => transact(dynamo, actions));
    },

    // `meta` is the last: as long as it is there, the batch is listed, and its deletion can go on.
    async forget(table, batch, signal) {
      const meta = metaKey(batch);
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const query = new QueryCommand({
          ...{ TableName: table, ConsistentRead: true, ExclusiveStartKey },
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': batchPk(batch) },
          ProjectionExpression: 'pk, sk',
        });
        const page = await call('Query', table, (dynamo) => dynamo.send(query, abortable(signal)));
        for (const { pk, sk } of page.Items ?? [])
          if (sk !== meta.sk) await remove(table, { pk, sk }, signal);
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      await remove(table, { ...meta }, signal);
    },
  };
}
