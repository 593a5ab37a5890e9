import { GetCommand, PutCommand, ScanCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { OLD_RESULTS_KEY } from '../core/batch/table-keys.ts';

/**
 * Finds out whether a table may hold results that name no work, as the stacks before template version 3 wrote them. A
 * claim then has to read before it writes. The answer is found once and kept in the table, because it never changes.
 * @returns a question that is answered once in each container
 */
export function oldResults(dynamo: DynamoDBDocumentClient, TableName: string): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined;
  async function find(): Promise<boolean> {
    const { Item } = await dynamo.send(
      new GetCommand({ TableName, Key: OLD_RESULTS_KEY, ConsistentRead: true }),
    );
    if (Item) return Item['present'] !== false;
    // A new table holds next to nothing when its first file is claimed, so one page is all of it.
    const { Count = 0, LastEvaluatedKey } = await dynamo.send(
      new ScanCommand({
        ...{ TableName, ConsistentRead: true },
        FilterExpression: 'begins_with(sk, :result) AND attribute_not_exists(#work)',
        ExpressionAttributeNames: { '#work': 'work' },
        ExpressionAttributeValues: { ':result': 'batch#' },
        Select: 'COUNT',
      }),
    );
    const present = Count > 0 || LastEvaluatedKey !== undefined;
    await dynamo.send(new PutCommand({ TableName, Item: { ...OLD_RESULTS_KEY, present } }));
    return present;
  }
  return () => {
    answer ??= find();
    // A failed read must not be the answer for the container's whole life.
    answer.catch(() => (answer = undefined));
    return answer;
  };
}
