import { QueryCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  firstSlot,
  paceKey,
  pacedQuery,
  readPaced,
  refusalUpdate,
  slotsUpdate,
  type PaceUpdate,
} from '../core/stack/pace-codec.ts';
import type { PaceStore } from '../core/stack/pace-store.ts';

/** An UpdateItem takes single-digit milliseconds (DynamoDB Developer Guide, "What is Amazon DynamoDB?"), and few take 20. */
export const ANSWER_MS = 25;

/**
 * The pace in the results table, as the functions use it.
 * @param now the clock, epoch ms. Those of two functions differ by milliseconds, which a slot bears
 */
export function dynamoPace(
  dynamo: DynamoDBDocumentClient,
  TableName: string,
  stackId: string,
  now: () => number,
): PaceStore {
  /** @returns what the update has changed; undefined where its condition does not hold */
  async function update(change: PaceUpdate): Promise<Record<string, unknown> | undefined> {
    const command = { TableName, Key: paceKey(stackId), ReturnValues: 'UPDATED_NEW' as const, ...change };
    try {
      return (await dynamo.send(new UpdateCommand(command))).Attributes ?? {};
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
      throw error;
    }
  }

  return {
    answerMs: ANSWER_MS,
    async read() {
      return readPaced((await dynamo.send(new QueryCommand({ TableName, ...pacedQuery(stackId) }))).Items);
    },
    async reserve(plan) {
      const changed = await update(slotsUpdate(plan));
      return changed && firstSlot(plan, changed['next_ms']);
    },
    async refuse(drop) {
      // Somebody else may have lowered the rate for the same calls.
      if (!drop || !(await update(refusalUpdate(now(), drop)))) await update(refusalUpdate(now()));
    },
  };
}
