import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
  type DynamoDBDocumentClient,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { Ledger, LedgerWrite, SourceRecord } from '../core/batch/ledger.ts';
import { readOutputOwner, readSourceItems } from '../core/batch/ledger-codec.ts';
import { resultItem, storedResult } from '../core/batch/result-codec.ts';
import { countsKey, outputKey, resultKey, workKey } from '../core/batch/table-keys.ts';
import { s3Uri } from '../core/files/s3-location.ts';
import { oldResults } from './old-results.ts';

type Actions = NonNullable<TransactWriteCommandInput['TransactItems']>;

/**
 * A transaction that meets another one on an item is tried again, up to this many times. Even if each try met another
 * one with a chance of 1 to 2, one of 1,000,000 transactions would be given up.
 */
const MAX_TRIES = 20;
/** Reasons of a cancelled transaction that the same one can solve later (DynamoDB API, TransactWriteItems). */
const BUSY = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];

/**
 * The ledger in the results table, as the handlers write it. A failure is the SDK's own error. It is a function and not
 * a class because each handler carries its code in the template, and this is shorter.
 */
export function dynamoLedger(dynamo: DynamoDBDocumentClient, table: string): Ledger {
  const TableName = table;
  async function get(Key: { pk: string; sk: string }, ConsistentRead: boolean) {
    const { Item } = await dynamo.send(new GetCommand({ TableName, Key, ConsistentRead }));
    return Item;
  }

  return {
    async read(file, eventually = false) {
      const item = await get(resultKey(file), !eventually);
      return item && storedResult(item);
    },

    async readSource(file, batch): Promise<SourceRecord> {
      const items: Record<string, unknown>[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const page = await dynamo.send(
          new QueryCommand({
            ...{ TableName, ConsistentRead: true, ExclusiveStartKey },
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': s3Uri(file) },
          }),
        );
        items.push(...(page.Items ?? []));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return readSourceItems(items, batch);
    },

    async readOutput(address) {
      const item = await get(outputKey(address), true);
      return item && readOutputOwner(item, address);
    },

    write: (change) => transact(dynamo, actionsOf(TableName, change)),

    holdsOldResults: oldResults(dynamo, table),
  };
}

/** @returns false where a condition does not hold, so that nothing was written. A failure is the SDK's own error */
export async function transact(dynamo: DynamoDBDocumentClient, TransactItems: Actions): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await dynamo.send(new TransactWriteCommand({ TransactItems }));
      return true;
    } catch (error) {
      const codes = cancelCodes(error);
      if (codes.includes('ConditionalCheckFailed')) return false;
      if (tries === MAX_TRIES || !codes.some((code) => BUSY.includes(code))) throw error;
      await sleep(Math.random() * 20 * 2 ** Math.min(tries, 5));
    }
  }
}

/** The item, the counts, the work, the output, and the few items that must not change; DynamoDB takes 100 actions. */
function actionsOf(TableName: string, { before, next, work, output, unchanged = [] }: LedgerWrite): Actions {
  const actions: Actions = [
    {
      Put: {
        ...{ TableName, Item: resultItem(next) },
        ...(before ? revIs(before.rev) : { ConditionExpression: 'attribute_not_exists(pk)' }),
      },
    },
  ];
  const count = countsChange(before?.status, next.status);
  if (count) actions.push({ Update: { TableName, Key: countsKey(next), ...count } });
  if (work) {
    const Item = { ...workKey(next, work.work), owner: work.owner };
    actions.push({ Put: { TableName, Item, ...isStill('owner', work.from) } });
  }
  if (output) {
    const { address, ...owner } = output.owner;
    const Item = { ...outputKey(address), owner: `${owner.batch}/${s3Uri(owner)}`, ...owner };
    const from = output.from && `${output.from.batch}/${s3Uri(output.from)}`;
    actions.push({ Put: { TableName, Item, ...isStill('owner', from) } });
  }
  for (const item of unchanged) {
    actions.push({ ConditionCheck: { TableName, Key: resultKey(item), ...revIs(item.rev) } });
  }
  return actions;
}

/** @returns the condition that an item has not changed since it was read */
export function revIs(rev: number) {
  return { ConditionExpression: 'rev = :rev', ExpressionAttributeValues: { ':rev': rev } };
}

function isStill(name: string, value: string | undefined) {
  if (value === undefined) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: '#name = :value',
    ExpressionAttributeNames: { '#name': name },
    ExpressionAttributeValues: { ':value': value },
  };
}

/**
 * `submitting` is not counted: a claim and its end would be two writes more to a contended item.
 * @returns how a counts item changes when a file moves, comes or goes; undefined where it does not
 */
export function countsChange(from: string | undefined, to: string | undefined) {
  const [plus, minus] = [to, from].map((status) => (status === 'submitting' ? undefined : status));
  if (from === to || (plus ?? minus) === undefined) return undefined;
  const parts = [
    ...(plus === undefined ? [] : ['#to :one']),
    ...(minus === undefined ? [] : ['#from :minus']),
  ];
  return {
    UpdateExpression: `ADD ${parts.join(', ')}`,
    ExpressionAttributeNames: {
      ...(plus !== undefined && { '#to': plus }),
      ...(minus !== undefined && { '#from': minus }),
    },
    ExpressionAttributeValues: {
      ...(plus !== undefined && { ':one': 1 }),
      ...(minus !== undefined && { ':minus': -1 }),
    },
  };
}

function cancelCodes(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  // The whole transaction may meet another one before any of its parts is looked at.
  if (error.name !== 'TransactionCanceledException') return [error.name.replace(/Exception$/, '')];
  const reasons = (error as Error & { CancellationReasons?: { Code?: string }[] }).CancellationReasons ?? [];
  return reasons.flatMap(({ Code }) => Code ?? []);
}
