import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { reconcilerKey, type ReconcilerCounts } from '../core/stack/reconciler-run.ts';

/** A run that has not ended by then is dead: the function's timeout of 60 s, and room for clocks that differ. */
const LEASE_MS = 90_000;

/**
 * Records the end of a run.
 * @param error why it did not do all of its work
 * @param isEmpty whether the work queue holds nothing; undefined where that is not known
 */
export type EndRun = (did: ReconcilerCounts, error: string | undefined, isEmpty?: boolean) => Promise<void>;

/**
 * Begins a run of the reconciler. The item of the last run also keeps two runs from working at the same time.
 * @param now the clock, epoch ms
 * @returns what ends the run, to be called once; undefined while another run is at work. A failure is the SDK's own error
 */
export async function beginRun(
  dynamo: DynamoDBDocumentClient,
  table: string,
  stackId: string,
  now: () => number,
): Promise<EndRun | undefined> {
  const item = { TableName: table, Key: reconcilerKey(stackId) };
  const iso = (): string => new Date(now()).toISOString();
  const take = new UpdateCommand({
    ...item,
    UpdateExpression: 'SET startedAt = :startedAt, leaseEnds = :ends',
    ConditionExpression: 'attribute_not_exists(leaseEnds) OR NOT leaseEnds > :now',
    ExpressionAttributeValues: { ':startedAt': iso(), ':now': now(), ':ends': now() + LEASE_MS },
  });
  try {
    await dynamo.send(take);
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
  return async (did, error = '', isEmpty) => {
    await dynamo.send(
      new UpdateCommand({
        ...item,
        UpdateExpression: `SET endedAt = :endedAt, did = :did, #error = :error${isEmpty === true ? ', emptySince = if_not_exists(emptySince, :endedAt)' : ''} REMOVE leaseEnds${isEmpty === false ? ', emptySince' : ''}`,
        // `error` is a reserved word of DynamoDB.
        ExpressionAttributeNames: { '#error': 'error' },
        ExpressionAttributeValues: { ':endedAt': iso(), ':did': did, ':error': error },
      }),
    );
  };
}
