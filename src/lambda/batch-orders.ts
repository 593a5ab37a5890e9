import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

import { needed } from '../aws/needed.ts';
import { storedOrder, type StoredOrder } from '../core/batch/batch-codec.ts';
import { DEFAULT_JOB_OPTIONS } from '../core/ittybit/job-options.ts';
import { DEFAULT_BATCH } from '../core/batch/queue-message.ts';
import { readBrake } from '../core/batch/brake.ts';
import { metaKey } from '../core/batch/table-keys.ts';

/**
 * Reads what a batch asks for from its `meta` item, once for each batch: a look-up belongs to one invocation.
 * @returns a look-up, which gives undefined for an unknown batch, and the guide's options for the batch of bare
 * messages. It raises InvalidInputError for a batch whose job cannot be read, and MediaBatchError `unusable-stack`
 */
export function createBatchOrders(
  dynamo: DynamoDBDocumentClient,
  table: string,
): (batch: string) => Promise<StoredOrder | undefined> {
  const orders = new Map<string, Promise<StoredOrder | undefined>>();
  async function read(batch: string): Promise<StoredOrder | undefined> {
    // `meta` is written just before the first message is sent: an old copy would make the file a dead letter.
    const get = new GetCommand({ TableName: table, Key: metaKey(batch), ConsistentRead: true });
    const { Item } = await needed('The results table', dynamo.send(get));
    const order = Item && storedOrder(Item);
    return (
      order ??
      (batch === DEFAULT_BATCH
        ? { job: DEFAULT_JOB_OPTIONS, again: false, brake: readBrake(Item ?? {}) }
        : undefined)
    );
  }
  return (batch) => {
    const order = orders.get(batch) ?? read(batch);
    orders.set(batch, order);
    return order;
  };
}
