import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetCommand,
  TransactWriteCommand,
  type DynamoDBDocumentClient,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { BatchFile } from '../core/files/batch-file.ts';
import type { Ledger } from '../core/batch/ledger.ts';
import { resultItem, storedResult } from '../core/batch/result-codec.ts';
import type { ResultItem } from '../core/batch/result-item.ts';
import { countsKey, resultKey } from '../core/batch/table-keys.ts';
import { transition } from '../core/batch/transitions.ts';

/** After a lost race the write is tried again, up to this many times, each time after a longer pause. */
const MAX_TRIES = 10;
/** Reasons of a cancelled transaction that another try can solve (DynamoDB API, TransactWriteItems). */
const RETRYABLE = [
  'ConditionalCheckFailed',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
];

/**
 * The ledger in the results table, as the handlers write it. A failure is the SDK's own error. It is a function and not
 * a class because each handler carries its code in the template, and this is shorter.
 * @param now the clock, epoch ms
 */
export function dynamoLedger(dynamo: DynamoDBDocumentClient, table: string, now: () => number): Ledger {
  async function read(file: BatchFile): Promise<ResultItem | undefined> {
    const query = { TableName: table, Key: resultKey(file), ConsistentRead: true };
    const { Item } = await dynamo.send(new GetCommand(query));
    return Item && storedResult(Item);
  }

  return {
    async apply(file, event) {
      for (let tries = 1; ; tries++) {
        const item = await read(file);
        const answer = transition(item, file, event, now());
        if (!answer.next) return answer;
        try {
          const TransactItems = writes(table, file, item, answer.next);
          await dynamo.send(new TransactWriteCommand({ TransactItems }));
          return answer;
        } catch (error) {
          if (tries === MAX_TRIES || !isLostRace(error)) throw error;
          await sleep(Math.random() * 20 * 2 ** Math.min(tries, 6));
        }
      }
    },
  };
}

function writes(
  table: string,
  file: BatchFile,
  item: ResultItem | undefined,
  next: ResultItem,
): TransactWriteCommandInput['TransactItems'] {
  const put = {
    TableName: table,
    Item: resultItem(next),
    ConditionExpression: item ? 'rev = :rev' : 'attribute_not_exists(pk)',
    ...(item && { ExpressionAttributeValues: { ':rev': item.rev } }),
  };
  if (item?.status === next.status) return [{ Put: put }];
  const count = {
    TableName: table,
    Key: countsKey(file),
    UpdateExpression: item ? 'ADD #to :one, #from :minus' : 'ADD #to :one',
    ExpressionAttributeNames: { '#to': next.status, ...(item && { '#from': item.status }) },
    ExpressionAttributeValues: { ':one': 1, ...(item && { ':minus': -1 }) },
  };
  return [{ Put: put }, { Update: count }];
}

function isLostRace(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'TransactionCanceledException') return false;
  const reasons = (error as Error & { CancellationReasons?: { Code?: string }[] }).CancellationReasons ?? [];
  return reasons.some(({ Code }) => Code !== undefined && RETRYABLE.includes(Code));
}
