import { QueryCommand, type DynamoDBClient, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { TABLE_KEYS } from '../core/batch/table-keys.ts';
import type { Fields } from '../core/foreign-json.ts';
import type { Page, PageRequest } from '../core/page.ts';
import { abortable, type ServiceCaller } from './connection.ts';
import { decodeStart, encodeStart, plain, type Key } from './index-place.ts';

/** What is read of the index. */
export interface IndexList<Read> {
  readonly table: string;
  readonly indexPk: string;
  /** @returns undefined for an item that cannot be read */
  readonly read: (item: Fields) => Read | undefined;
  /** the attributes that are wanted; absent: all */
  readonly only?: readonly string[];
  /** absent: the newest first */
  readonly oldestFirst?: boolean;
}

/** The queries of the results table. */
export class TableReads {
  readonly #dynamo: ServiceCaller<DynamoDBClient>;

  constructor(dynamo: ServiceCaller<DynamoDBClient>) {
    this.#dynamo = dynamo;
  }

  /** All items under a partition key, read consistently. */
  async all(table: string, pk: string, signal: AbortSignal | undefined): Promise<Fields[]> {
    const items: Fields[] = [];
    let start: Key | undefined;
    do {
      const page = await this.#query(
        {
          TableName: table,
          KeyConditionExpression: `${TABLE_KEYS.pk} = :pk`,
          ExpressionAttributeValues: marshall({ ':pk': pk }),
          ConsistentRead: true,
          ExclusiveStartKey: start,
        },
        signal,
      );
      items.push(...page.items);
      start = page.next;
    } while (start !== undefined);
    return items;
  }

  /**
   * A page of the items that the index lists under a key. Unreadable items are skipped, and more are read
   * in their place.
   * @throws InvalidInputError for a `next` that this list did not return
   */
  async indexPage<Read>(
    { table, indexPk, read, only = [], oldestFirst = false }: IndexList<Read>,
    { limit, next }: PageRequest,
    signal: AbortSignal | undefined,
  ): Promise<Page<Read>> {
    const found: Read[] = [];
    let start = next === undefined ? undefined : decodeStart(next, indexPk);
    do {
      const page = await this.#query(
        {
          TableName: table,
          IndexName: TABLE_KEYS.indexName,
          KeyConditionExpression: `${TABLE_KEYS.indexPk} = :pk`,
          ExpressionAttributeValues: marshall({ ':pk': indexPk }),
          ScanIndexForward: oldestFirst,
          Limit: limit - found.length,
          ...(only.length > 0 && {
            // Some of these are reserved words of DynamoDB.
            ProjectionExpression: only.map((name) => `#${name}`).join(', '),
            ExpressionAttributeNames: Object.fromEntries(only.map((name) => [`#${name}`, name])),
          }),
          ExclusiveStartKey: start,
        },
        signal,
      );
      found.push(...page.items.flatMap((item) => read(item) ?? []));
      start = page.next;
    } while (start !== undefined && found.length < limit);
    return { items: found, next: start && encodeStart(start) };
  }

  async #query(
    input: QueryCommandInput & { TableName: string },
    signal: AbortSignal | undefined,
  ): Promise<{ items: Fields[]; next: Key | undefined }> {
    const command = new QueryCommand(input);
    const { Items, LastEvaluatedKey } = await this.#dynamo.call(
      'Query',
      (dynamo) => dynamo.send(command, abortable(signal)),
      { subject: `table "${input.TableName}"` },
    );
    return { items: (Items ?? []).map(plain), next: LastEvaluatedKey };
  }
}
