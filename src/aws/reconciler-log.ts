import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { isAmount } from '../core/foreign-json.ts';
import { reconcilerKey, type ReconcilerCounts } from '../core/stack/reconciler-run.ts';

/** A run that has not ended by then is dead: the function's timeout of 60 s, and room for clocks that differ. */
const LEASE_MS = 90_000;

/** About how many messages the queues hold at the end of a run. */
export interface Depths {
  readonly work: number;
  readonly letters: number;
}

/** A run that has begun. */
export interface BegunRun {
  /** what the dead-letter queue held at the end of the last run; undefined where that is not known */
  readonly lettersBefore: number | undefined;
  /**
   * Records the end of the run; to be called once.
   * @param error why it did not do all of its work
   * @param depths undefined where they are not known
   */
  end(did: ReconcilerCounts, error: string | undefined, depths?: Depths): Promise<void>;
}

/**
 * Begins a run of the reconciler. The item of the last run also keeps two runs from working at the same time.
 * @param now the clock, epoch ms
 * @returns the run; undefined while another one is at work. A failure is the SDK's own error
 */
export async function beginRun(
  dynamo: DynamoDBDocumentClient,
  table: string,
  stackId: string,
  now: () => number,
): Promise<BegunRun | undefined> {
  const item = { TableName: table, Key: reconcilerKey(stackId) };
  const iso = (): string => new Date(now()).toISOString();
  const take = new UpdateCommand({
    ...item,
    UpdateExpression: 'SET startedAt = :startedAt, leaseEnds = :ends',
    ConditionExpression: 'attribute_not_exists(leaseEnds) OR NOT leaseEnds > :now',
    ExpressionAttributeValues: { ':startedAt': iso(), ':now': now(), ':ends': now() + LEASE_MS },
    ReturnValues: 'ALL_NEW',
  });
  let letters: unknown;
  try {
    letters = (await dynamo.send(take)).Attributes?.['letters'];
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
  async function end(did: ReconcilerCounts, error = '', depths?: Depths): Promise<void> {
    const set = ['endedAt = :endedAt', 'did = :did', '#error = :error'];
    const remove = ['leaseEnds'];
    if (depths) set.push('letters = :letters');
    if (depths?.work === 0) set.push('emptySince = if_not_exists(emptySince, :endedAt)');
    else if (depths) remove.push('emptySince');
    await dynamo.send(
      new UpdateCommand({
        ...item,
        UpdateExpression: `SET ${set.join(', ')} REMOVE ${remove.join(', ')}`,
        // `error` is a reserved word of DynamoDB.
        ExpressionAttributeNames: { '#error': 'error' },
        ExpressionAttributeValues: {
          ...{ ':endedAt': iso(), ':did': did, ':error': error },
          ...(depths && { ':letters': depths.letters }),
        },
      }),
    );
  }
  return { lettersBefore: isAmount(letters) ? letters : undefined, end };
}
