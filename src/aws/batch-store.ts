import {
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { BatchMeta, BatchRecord, Checkpoint } from '../core/batch.ts';
import type { BatchStore } from '../core/ports.ts';
import { batchPk, TABLE_KEYS } from '../core/result-item.ts';
import { readBatchItems } from './batch-items.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';

/** Batches in the results table: `meta`, `shard#<n>` and `counts#<n>` under one key. */
export class DynamoBatchStore implements BatchStore {
  readonly #dynamo: ServiceCaller<DynamoDBClient>;

  /** @param clients the connection's shared clients */
  constructor(clients: AwsClients) {
    this.#dynamo = clients.service('dynamodb', (config) => new DynamoDBClient(config));
  }

  /** See BatchStore; the index lists the batch under `batches` by creation time. */
  async create(table: string, meta: BatchMeta, signal?: AbortSignal): Promise<void> {
    const keys = { pk: batchPk(meta.batch), sk: 'meta', gsi1pk: 'batches', gsi1sk: meta.created_at };
    const condition = { ConditionExpression: `attribute_not_exists(${TABLE_KEYS.pk})` };
    await this.#put(table, { ...meta, ...keys }, condition, signal);
  }

  /** See BatchStore. */
  async saveCheckpoint(
    table: string,
    batch: string,
    checkpoint: Checkpoint,
    signal?: AbortSignal,
  ): Promise<void> {
    const keys = { pk: batchPk(batch), sk: `shard#${checkpoint.shard}` };
    await this.#put(table, { ...checkpoint, ...keys }, {}, signal);
  }

  /** See BatchStore; an item that cannot be read is left out, it never fails the whole. */
  async read(table: string, batch: string, signal?: AbortSignal): Promise<BatchRecord> {
    const items: Record<string, unknown>[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const command = new QueryCommand({
        TableName: table,
        KeyConditionExpression: `${TABLE_KEYS.pk} = :pk`,
        ExpressionAttributeValues: marshall({ ':pk': batchPk(batch) }),
        ConsistentRead: true,
        ExclusiveStartKey: start,
      });
      const page = await this.#dynamo.call('Query', (dynamo) => dynamo.send(command, abortable(signal)), {
        subject: `table "${table}"`,
      });
      // A number beyond JavaScript's would raise without `wrapNumbers`.
      items.push(...(page.Items ?? []).map((item) => unmarshall(item, { wrapNumbers: Number })));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return readBatchItems(items);
  }

  async #put(
    table: string,
    item: Record<string, unknown>,
    condition: Pick<PutItemCommandInput, 'ConditionExpression'>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const Item = marshall(item, { removeUndefinedValues: true });
    const command = new PutItemCommand({ TableName: table, Item, ...condition });
    await this.#dynamo.call('PutItem', (dynamo) => dynamo.send(command, abortable(signal)), {
      subject: `table "${table}"`,
    });
  }
}
