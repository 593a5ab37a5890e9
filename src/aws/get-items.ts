import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Fields } from '../core/foreign-json.ts';
import { abortable, type ServiceCaller } from './connection.ts';
import { plain, type Key } from './index-place.ts';

/** Keys that one request takes (DynamoDB API, BatchGetItem). */
const KEYS = 100;
/** The pause before what DynamoDB left out is asked for again, ms; each later one is twice as long. */
const PAUSE = 50;
const LONGEST = 2_000;

/**
 * Reads items by their keys. DynamoDB may leave some out, and those are asked for again.
 * @returns those that exist, in no particular order
 */
export async function getItems(
  dynamo: ServiceCaller<DynamoDBClient>,
  table: string,
  keys: readonly Key[],
  signal: AbortSignal | undefined,
): Promise<Fields[]> {
  const found: Fields[] = [];
  let left = [...keys];
  for (let pause = PAUSE; left.length > 0;) {
    const Keys = left.splice(0, KEYS);
    const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys } } });
    const output = await dynamo.call('BatchGetItem', (client) => client.send(command, abortable(signal)), {
      subject: `table "${table}"`,
    });
    found.push(...(output.Responses?.[table] ?? []).map(plain));
    const again = output.UnprocessedKeys?.[table]?.Keys ?? [];
    left = [...again, ...left];
    if (again.length === 0) continue;
    await sleep(pause, undefined, { signal });
    pause = Math.min(LONGEST, 2 * pause);
  }
  return found;
}
