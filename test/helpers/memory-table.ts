import { GetCommand, TransactWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

type Item = Record<string, unknown>;
type Action = NonNullable<ConstructorParameters<typeof TransactWriteCommand>[0]['TransactItems']>[number];

/** @returns the error of a transaction that DynamoDB cancelled for these reasons */
export function cancelled(...codes: string[]): Error {
  const error = new Error('Transaction cancelled');
  const CancellationReasons = codes.map((Code) => ({ Code }));
  return Object.assign(error, { name: 'TransactionCanceledException', CancellationReasons });
}

/** The part of DynamoDB that the ledger uses: consistent reads, and transactions of one put and one count. */
export class MemoryTable {
  readonly rows = new Map<string, Item>();
  readonly reads: object[] = [];
  transactions = 0;
  /** runs before each transaction; may throw, or write to the table */
  beforeTransaction: (count: number) => void = () => undefined;

  get client(): DynamoDBDocumentClient {
    return { send: (command: unknown) => this.#send(command) } as unknown as DynamoDBDocumentClient;
  }

  row(key: { pk: string; sk: string }): Item | undefined {
    return this.rows.get(`${key.pk}|${key.sk}`);
  }

  async #send(command: unknown): Promise<{ Item?: Item | undefined }> {
    // Lets other calls run between a read and a write.
    await new Promise((resolve) => setImmediate(resolve));
    if (command instanceof GetCommand) {
      this.reads.push(command.input);
      return { Item: this.row(command.input.Key as { pk: string; sk: string }) };
    }
    if (!(command instanceof TransactWriteCommand)) throw new Error('the table has no such operation');
    this.transactions += 1;
    this.beforeTransaction(this.transactions);
    this.#write(command.input.TransactItems ?? []);
    return {};
  }

  #write(actions: readonly Action[]): void {
    const keys = actions.map(({ Put, Update }) =>
      JSON.stringify(Update?.Key ?? [Put?.Item?.['pk'], Put?.Item?.['sk']]),
    );
    if (new Set(keys).size !== keys.length) throw new Error('ValidationException: one item twice');
    for (const { Put } of actions)
      if (Put && !this.#holds(Put)) throw cancelled('ConditionalCheckFailed', 'None');
    for (const { Put, Update } of actions) {
      if (Put) this.rows.set(`${String(Put.Item?.['pk'])}|${String(Put.Item?.['sk'])}`, { ...Put.Item });
      if (Update) this.#add(Update);
    }
  }

  #holds(put: NonNullable<Action['Put']>): boolean {
    const stored = this.row(put.Item as { pk: string; sk: string });
    if (put.ConditionExpression === 'attribute_not_exists(pk)') return stored === undefined;
    if (put.ConditionExpression !== 'rev = :rev')
      throw new Error(`unknown condition ${put.ConditionExpression}`);
    const rev: unknown = put.ExpressionAttributeValues?.[':rev'];
    if (rev === undefined) throw new Error('ValidationException: :rev is used and not defined');
    return stored?.['rev'] === rev;
  }

  /** `ADD #to :one, #from :minus`, with any names. */
  #add(update: NonNullable<Action['Update']>): void {
    const key = update.Key as { pk: string; sk: string };
    const row = { ...key, ...this.row(key) } as Item;
    for (const [, name = '', value = ''] of (update.UpdateExpression ?? '').matchAll(/(#\w+) (:\w+)/g)) {
      const attribute = update.ExpressionAttributeNames?.[name] ?? '';
      row[attribute] = Number(row[attribute] ?? 0) + Number(update.ExpressionAttributeValues?.[value]);
    }
    this.rows.set(`${key.pk}|${key.sk}`, row);
  }
}
