import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { BatchMeta, BatchRecord, Checkpoint } from '../core/batch/batch.ts';
import { checkpointItem, metaItem, readBatchItems, readMeta } from '../core/batch/batch-codec.ts';
import type { Cancelled, Hold } from '../core/batch/brake.ts';
import type { BatchFile } from '../core/files/batch-file.ts';
import { isText, type Fields } from '../core/foreign-json.ts';
import type { BatchStore, IndexedWork } from '../core/batch/batch-store.ts';
import type { SourceRecord } from '../core/batch/ledger.ts';
import { readOwners } from '../core/batch/ledger-codec.ts';
import type { Page, PageRequest } from '../core/page.ts';
import { shownResult } from '../core/batch/result-codec.ts';
import type { ResultItem, Status } from '../core/batch/result-item.ts';
import { s3Uri, type S3Location } from '../core/files/s3-location.ts';
import {
  BATCHES_INDEX_PK,
  batchPk,
  metaKey,
  resultIndexPk,
  resultKey,
  TABLE_KEYS,
} from '../core/batch/table-keys.ts';
import { getItems } from './get-items.ts';
import { plain } from './index-place.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';
import { TableReads } from './table-reads.ts';

/** Batches in the results table: `meta`, `shard#<n>` and `counts#<n>` under one key. */
export class DynamoBatchStore implements BatchStore {
  readonly #dynamo: ServiceCaller<DynamoDBClient>;
  readonly #reads: TableReads;

  constructor(clients: AwsClients) {
    this.#dynamo = clients.service('dynamodb', (config) => new DynamoDBClient(config));
    this.#reads = new TableReads(this.#dynamo);
  }

  async create(table: string, meta: BatchMeta, signal?: AbortSignal): Promise<void> {
    const condition = { ConditionExpression: `attribute_not_exists(${TABLE_KEYS.pk})` };
    await this.#put(table, metaItem(meta), condition, signal);
  }

  /** A repeat after a lost answer finds its own checkpoint, which is not a conflict. */
  async saveCheckpoint(
    table: string,
    batch: string,
    checkpoint: Checkpoint,
    after: Checkpoint | undefined,
    signal?: AbortSignal,
  ): Promise<void> {
    const before = after
      ? 'lastKey = :before AND done = :beforeDone'
      : `attribute_not_exists(${TABLE_KEYS.pk})`;
    const values = {
      ':now': checkpoint.lastKey,
      ':nowDone': checkpoint.done,
      ...(after && { ':before': after.lastKey, ':beforeDone': after.done }),
    };
    const condition = {
      ConditionExpression: `(${before}) OR (lastKey = :now AND done = :nowDone)`,
      ExpressionAttributeValues: marshall(values),
    };
    await this.#put(table, checkpointItem(batch, checkpoint), condition, signal);
  }

  async cancel(table: string, batch: string, mark: Cancelled, signal?: AbortSignal): Promise<void> {
    await this.#mark(table, batch, 'cancelled', mark, signal);
  }

  async hold(table: string, batch: string, hold: Hold, signal?: AbortSignal): Promise<void> {
    await this.#mark(table, batch, 'hold', hold, signal);
  }

  async endHold(
    table: string,
    batch: string,
    disarm: string | undefined,
    signal?: AbortSignal,
  ): Promise<void> {
    const names = { '#hold': 'hold', '#streak': 'streak' };
    const remove = 'REMOVE #hold, #streak';
    if (disarm === undefined) return this.#update(table, batch, { expression: remove, names }, signal);
    const change = {
      expression: `SET #disarmed = list_append(if_not_exists(#disarmed, :none), :cause) ${remove}`,
      names: { ...names, '#disarmed': 'disarmed' },
      values: { ':none': [], ':cause': [disarm] },
    };
    await this.#update(table, batch, change, signal);
  }

  async rename(table: string, batch: string, name: string, signal?: AbortSignal): Promise<void> {
    const names = { '#name': 'name' };
    const change =
      name === ''
        ? { expression: 'REMOVE #name', names }
        : { expression: 'SET #name = :name', names, values: { ':name': name } };
    await this.#update(table, batch, change, signal);
  }

  async read(table: string, batch: string, signal?: AbortSignal): Promise<BatchRecord> {
    const items = await this.#reads.all(table, batchPk(batch), signal);
    return readBatchItems(items);
  }

  /** @throws InvalidInputError for a `next` that this list did not return */
  list(table: string, page: PageRequest, signal?: AbortSignal): Promise<Page<BatchMeta>> {
    return this.#reads.indexPage({ table, indexPk: BATCHES_INDEX_PK, read: readMeta }, page, signal);
  }

  /** @throws InvalidInputError for a `next` that this list did not return */
  results(
    table: string,
    { from = 'newest', ...query }: { batch: string; status: Status; from?: 'newest' | 'oldest' },
    page: PageRequest,
    signal?: AbortSignal,
  ): Promise<Page<ResultItem>> {
    const indexPk = resultIndexPk(query);
    const list = { table, indexPk, read: shownResult, oldestFirst: from === 'oldest' };
    return this.#reads.indexPage(list, page, signal);
  }

  /** @throws InvalidInputError for a `next` that this list did not return */
  works(
    table: string,
    { from = 'newest', ...query }: { batch: string; status: Status; from?: 'newest' | 'oldest' },
    page: PageRequest,
    signal?: AbortSignal,
  ): Promise<Page<IndexedWork>> {
    const only = ['bucket', 'key', 'work'];
    const list = {
      table,
      indexPk: resultIndexPk(query),
      read: readWork,
      only,
      oldestFirst: from === 'oldest',
    };
    return this.#reads.indexPage(list, page, signal);
  }

  async result(table: string, file: BatchFile, signal?: AbortSignal): Promise<ResultItem | undefined> {
    const Key = marshall(resultKey(file));
    const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true });
    const { Item } = await this.#dynamo.call('GetItem', (dynamo) => dynamo.send(command, abortable(signal)), {
      subject: `table "${table}"`,
    });
    return Item && shownResult(plain(Item));
  }

  async source(table: string, file: S3Location, signal?: AbortSignal): Promise<SourceRecord> {
    const items = await this.#reads.all(table, s3Uri(file), signal);
    return { items: items.flatMap((item) => shownResult(item) ?? []), owners: readOwners(items) };
  }

  async resultsIn(
    table: string,
    batch: string,
    files: readonly S3Location[],
    signal?: AbortSignal,
  ): Promise<readonly ResultItem[]> {
    const keys = files.map((file) => marshall(resultKey({ ...file, batch })));
    const items = await getItems(this.#dynamo, table, keys, signal);
    return items.flatMap((item) => shownResult(item) ?? []);
  }

  async resultsOf(table: string, file: S3Location, signal?: AbortSignal): Promise<readonly ResultItem[]> {
    return (await this.source(table, file, signal)).items;
  }

  /** Says something of a batch that was not said before. */
  async #mark(
    table: string,
    batch: string,
    name: string,
    value: object,
    signal?: AbortSignal,
  ): Promise<void> {
    const expression = 'SET #name = if_not_exists(#name, :value)';
    const change = { expression, names: { '#name': name }, values: { ':value': value } };
    await this.#update(table, batch, change, signal);
  }

  /** Names stand for attributes of which some, such as `hold`, are reserved words of DynamoDB. */
  async #update(
    table: string,
    batch: string,
    change: { expression: string; names: Record<string, string>; values?: Record<string, unknown> },
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { expression, names, values } = change;
    const command = new UpdateItemCommand({
      TableName: table,
      Key: marshall(metaKey(batch)),
      UpdateExpression: expression,
      ExpressionAttributeNames: names,
      ...(values && { ExpressionAttributeValues: marshall(values) }),
    });
    await this.#dynamo.call('UpdateItem', (dynamo) => dynamo.send(command, abortable(signal)), {
      subject: `table "${table}"`,
    });
  }

  async #put(
    table: string,
    item: Fields,
    condition: Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const Item = marshall(item, { removeUndefinedValues: true });
    const command = new PutItemCommand({ TableName: table, Item, ...condition });
    await this.#dynamo.call('PutItem', (dynamo) => dynamo.send(command, abortable(signal)), {
      subject: `table "${table}"`,
    });
  }
}

function readWork({ bucket, key, work }: Fields): IndexedWork | undefined {
  if (!isText(bucket) || !isText(key)) return undefined;
  return { bucket, key, ...(isText(work) && { work }) };
}
