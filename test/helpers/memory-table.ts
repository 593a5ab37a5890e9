import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { Capacity } from './capacity.ts';

type Item = Record<string, unknown>;
type Action = NonNullable<ConstructorParameters<typeof TransactWriteCommand>[0]['TransactItems']>[number];
type Key = { pk: string; sk: string };
interface Answer {
  Item?: Item | undefined;
  Items?: Item[];
  Count?: number;
  LastEvaluatedKey?: Item | undefined;
}
interface Condition {
  ConditionExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, unknown> | undefined;
}

/** @returns the error of a transaction that DynamoDB cancelled for these reasons */
export function cancelled(...codes: string[]): Error {
  const error = new Error('Transaction cancelled');
  const CancellationReasons = codes.map((Code) => ({ Code }));
  return Object.assign(error, { name: 'TransactionCanceledException', CancellationReasons });
}

/** The part of DynamoDB that the ledger uses: reads, transactions with its conditions, and what they cost. */
export class MemoryTable {
  readonly rows = new Map<string, Item>();
  readonly reads: object[] = [];
  readonly capacity = new Capacity();
  transactions = 0;
  /** items of a page of a query or a scan */
  pageItems = Number.MAX_SAFE_INTEGER;
  /** runs before each transaction; may throw, or write to the table */
  beforeTransaction: (count: number) => void = () => undefined;
  /** runs before each call that is no transaction; may throw */
  beforeRead: () => void = () => undefined;
  /** while a transaction holds these items; may throw. Lets other calls run by default */
  whileHeld: (keys: readonly string[]) => Promise<void> = () =>
    new Promise((resolve) => setImmediate(resolve));

  get client(): DynamoDBDocumentClient {
    return { send: (command: unknown) => this.#send(command) } as unknown as DynamoDBDocumentClient;
  }

  row(key: Key): Item | undefined {
    return this.rows.get(nameOf(key));
  }

  put(item: Item & Key): void {
    this.rows.set(nameOf(item), { ...item });
  }

  async #send(command: unknown): Promise<Answer> {
    if (command instanceof TransactWriteCommand) return this.#transact(command.input.TransactItems ?? []);
    // Lets other calls run between a read and a write.
    await new Promise((resolve) => setImmediate(resolve));
    this.beforeRead();
    if (command instanceof GetCommand) return this.#get(command);
    if (command instanceof QueryCommand) return this.#query(command);
    if (command instanceof ScanCommand) return this.#scan(command);
    if (command instanceof DeleteCommand) {
      this.rows.delete(nameOf(command.input.Key as Key));
      return {};
    }
    if (!(command instanceof PutCommand)) throw new Error('the table has no such operation');
    this.put(command.input.Item as Item & Key);
    return {};
  }

  #get({ input }: GetCommand): Answer {
    this.reads.push(input);
    const found = this.row(input.Key as Key);
    this.capacity.reads(found ? [found] : [], input.ConsistentRead === true);
    return { Item: found };
  }

  #query({ input }: QueryCommand): Answer {
    this.reads.push(input);
    if (input.KeyConditionExpression !== 'pk = :pk') throw new Error('unknown key condition');
    const pk: unknown = input.ExpressionAttributeValues?.[':pk'];
    const page = this.#page(
      [...this.rows.values()].filter((row) => row['pk'] === pk),
      input.ExclusiveStartKey,
    );
    this.capacity.reads(page.Items, input.ConsistentRead === true);
    return page;
  }

  /** Counts results that name no work. The filter comes after the page, as in DynamoDB. */
  #scan({ input }: ScanCommand): Answer {
    this.reads.push(input);
    if (input.FilterExpression !== 'begins_with(sk, :result) AND attribute_not_exists(#work)') {
      throw new Error('unknown filter');
    }
    const { Items, ...page } = this.#page([...this.rows.values()], input.ExclusiveStartKey);
    const start = String(input.ExpressionAttributeValues?.[':result']);
    const name = input.ExpressionAttributeNames?.['#work'] ?? '';
    const found = Items.filter((row) => String(row['sk']).startsWith(start) && row[name] === undefined);
    return { ...page, Count: found.length };
  }

  #page(rows: readonly Item[], after: Item | undefined): { Items: Item[]; LastEvaluatedKey?: Item } {
    const from = after ? rows.findIndex((row) => nameOf(row as Key) === nameOf(after as Key)) + 1 : 0;
    const Items = rows.slice(from, from + this.pageItems);
    const last = Items.at(-1);
    const isMore = from + Items.length < rows.length;
    return { Items, ...(isMore && last && { LastEvaluatedKey: { pk: last['pk'], sk: last['sk'] } }) };
  }

  async #transact(actions: readonly Action[]): Promise<Answer> {
    this.transactions += 1;
    const keys = actions.map((action) => nameOf(keyOf(action)));
    if (new Set(keys).size !== keys.length) throw new Error('ValidationException: one item twice');
    await this.whileHeld(keys);
    this.beforeTransaction(this.transactions);
    const reasons = actions.map((action) => (this.#holds(action) ? 'None' : 'ConditionalCheckFailed'));
    if (reasons.includes('ConditionalCheckFailed')) throw cancelled(...reasons);
    for (const action of actions) this.#apply(action);
    return {};
  }

  #apply(action: Action): void {
    const key = keyOf(action);
    const before = this.row(key);
    if (action.Put) this.rows.set(nameOf(key), { ...action.Put.Item });
    if (action.Update) this.#add(action.Update);
    if (action.Delete) this.rows.delete(nameOf(key));
    this.capacity.transact(before, this.row(key));
  }

  #holds(action: Action): boolean {
    const condition: Condition = action.Put ?? action.ConditionCheck ?? action.Update ?? action.Delete ?? {};
    const { ConditionExpression: expression, ExpressionAttributeValues: values = {} } = condition;
    if (expression === undefined) return true;
    const stored = this.row(keyOf(action));
    if (expression === 'attribute_not_exists(pk)') return stored === undefined;
    const [name = '', value = ''] = expression.split(' = ');
    const wanted = values[value];
    if (wanted === undefined) throw new Error(`ValidationException: no value for ${expression}`);
    const attribute = name.startsWith('#') ? condition.ExpressionAttributeNames?.[name] : name;
    if (attribute === undefined) throw new Error(`ValidationException: no name for ${expression}`);
    return stored?.[attribute] === wanted;
  }

  /** `ADD #to :one, #from :minus`, with any names. */
  #add(update: NonNullable<Action['Update']>): void {
    const key = update.Key as Key;
    const row = { ...key, ...this.row(key) } as Item;
    for (const [, name = '', value = ''] of (update.UpdateExpression ?? '').matchAll(/(#\w+) (:\w+)/g)) {
      const attribute = update.ExpressionAttributeNames?.[name] ?? '';
      row[attribute] = Number(row[attribute] ?? 0) + Number(update.ExpressionAttributeValues?.[value]);
    }
    this.rows.set(nameOf(key), row);
  }
}

function keyOf({ Put, Update, ConditionCheck, Delete }: Action): Key {
  return (Put?.Item ?? Update?.Key ?? ConditionCheck?.Key ?? Delete?.Key) as Key;
}

function nameOf({ pk, sk }: Key): string {
  return `${pk}|${sk}`;
}
