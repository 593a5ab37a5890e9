import { UpdateCommand, type DynamoDBDocumentClient, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { BatchBrakes } from '../core/batch/batch-brakes.ts';
import { BRAKE_AFTER, causeOf, readBrake } from '../core/batch/brake.ts';
import { DEFAULT_BATCH } from '../core/batch/queue-message.ts';
import { metaKey } from '../core/batch/table-keys.ts';

type Change = Pick<
  UpdateCommandInput,
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** Tries to count a failure while others begin another row. One that is not counted only makes the brake later. */
const TRIES = 5;

/**
 * Counts and holds in the `meta` of a batch. A failure is the SDK's own error.
 * @param by who is recorded as the writer
 * @param now the clock, epoch ms
 */
export function dynamoBrakes(
  dynamo: DynamoDBDocumentClient,
  TableName: string,
  by: 'consumer' | 'reconciler',
  now: () => number,
): BatchBrakes {
  /** @returns the item after the change; undefined where its condition does not hold */
  async function update(batch: string, change: Change): Promise<Record<string, unknown> | undefined> {
    try {
      const { Attributes } = await dynamo.send(
        new UpdateCommand({ TableName, Key: metaKey(batch), ReturnValues: 'ALL_NEW', ...change }),
      );
      return Attributes ?? {};
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
      throw error;
    }
  }

  async function hold(batch: string, { cause, reason }: { cause: string; reason: string }): Promise<void> {
    const at = new Date(now()).toISOString();
    await update(batch, {
      UpdateExpression: 'SET #hold = :hold REMOVE #streak',
      ConditionExpression:
        'attribute_not_exists(#hold) AND (attribute_not_exists(#disarmed) OR NOT contains(#disarmed, :cause))',
      ExpressionAttributeNames: { '#hold': 'hold', '#streak': 'streak', '#disarmed': 'disarmed' },
      ExpressionAttributeValues: { ':hold': { reason, cause, at, by }, ':cause': cause },
    });
  }

  /** @returns how many files have ended in a row for this cause; 0 where it could not be counted */
  async function count(batch: string, cause: string): Promise<number> {
    for (let tries = 0; tries < TRIES; tries++) {
      // Others that fail at the same moment may have begun the row meanwhile, and each of them counts.
      const meta = (await update(batch, oneMore(cause))) ?? (await update(batch, firstOf(cause)));
      if (meta) return readBrake(meta).streak?.count ?? 0;
    }
    return 0;
  }

  async function beginAnew(batch: string): Promise<void> {
    await update(batch, NO_ROW);
  }

  return {
    hold,
    async failed(file, reason) {
      const { batch } = file;
      const cause = causeOf(reason, file);
      const inRow = await count(batch, cause);
      if (inRow >= BRAKE_AFTER && batch === DEFAULT_BATCH) await beginAnew(batch);
      else if (inRow >= BRAKE_AFTER) {
        await hold(batch, { cause, reason: `${inRow} files in a row ended so: ${reason}` });
      }
      return inRow;
    },
    succeeded: beginAnew,
  };
}

const NO_ROW: Change = {
  UpdateExpression: 'REMOVE #streak',
  ExpressionAttributeNames: { '#streak': 'streak' },
};
const STREAK = { '#streak': 'streak', '#cause': 'cause' };

function oneMore(cause: string): Change {
  return {
    UpdateExpression: 'SET #streak.#count = #streak.#count + :one',
    ConditionExpression: '#streak.#cause = :cause',
    ExpressionAttributeNames: { ...STREAK, '#count': 'count' },
    ExpressionAttributeValues: { ':one': 1, ':cause': cause },
  };
}

function firstOf(cause: string): Change {
  return {
    UpdateExpression: 'SET #streak = :streak',
    ConditionExpression: 'attribute_not_exists(#streak) OR #streak.#cause <> :cause',
    ExpressionAttributeNames: STREAK,
    ExpressionAttributeValues: { ':streak': { cause, count: 1 }, ':cause': cause },
  };
}
