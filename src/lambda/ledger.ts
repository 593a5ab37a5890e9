import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { BatchFile } from '../core/batch-file.ts';
import { resultItem, storedResult } from '../core/result-codec.ts';
import type { ResultItem } from '../core/result-item.ts';
import { countsKey, resultKey } from '../core/table-keys.ts';
import { transition, type ItemEvent, type Transition } from '../core/transitions.ts';

/** A lost race is asked again this often; each loser backs off a little longer than before. */
const MAX_TRIES = 10;
/** Reasons of a cancelled transaction that another try can mend (DynamoDB API, TransactWriteItems). */
const RETRYABLE = [
  'ConditionalCheckFailed',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
];

/** The results table as the handlers write it: one transition, one transaction. */
export interface Ledger {
  /**
   * Lets an event happen to a file: reads the item, asks the state machine, and writes the next state together with
   * the two counts it changes, under the condition that nobody wrote in between.
   * @returns what the state machine answered; nothing was written where it has no `next`
   * @throws MediaBatchError `unreadable-item` for an item that this version cannot read, and so does not write over; the SDK's error when the table cannot be written, or after 10 lost races
   */
  apply(file: BatchFile, event: ItemEvent): Promise<Transition>;
}

/**
 * @param now the clock, epoch ms
 */
export function createLedger(dynamo: DynamoDBDocumentClient, table: string, now: () => number): Ledger {
  async function read(file: BatchFile): Promise<ResultItem | undefined> {
    const Key = resultKey(file);
    const { Item } = await dynamo.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
    return Item && storedResult(Item);
  }

  return {
    async apply(file, event) {
      for (let tries = 1; ; tries++) {
        const item = await read(file);
        const answer = transition(item, file, event, now());
        if (!answer.next) return answer;
        try {
          await dynamo.send(
            new TransactWriteCommand({ TransactItems: writes(table, file, item, answer.next) }),
          );
          return answer;
        } catch (error) {
          if (tries === MAX_TRIES || !isLostRace(error)) throw error;
          await sleep(Math.random() * 20 * 2 ** Math.min(tries, 6));
        }
      }
    },
  };
}

type Writes = ConstructorParameters<typeof TransactWriteCommand>[0]['TransactItems'];

function writes(table: string, file: BatchFile, item: ResultItem | undefined, next: ResultItem): Writes {
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
