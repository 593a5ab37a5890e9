import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Ledger, Ledgers } from '../core/batch/ledger.ts';
import type { AwsClients, ServiceCaller } from './connection.ts';
import { dynamoLedger } from './dynamo-ledger.ts';

/** The handlers' ledger over a connection's own client. Its failures are AwsErrors, named by the first request. */
export class DynamoLedgers implements Ledgers {
  readonly #dynamo: ServiceCaller<DynamoDBClient>;

  constructor(clients: AwsClients) {
    this.#dynamo = clients.service('dynamodb', (config) => new DynamoDBClient(config));
  }

  of(table: string): Ledger {
    const call = <Value>(operation: string, work: (ledger: Ledger) => Promise<Value>): Promise<Value> =>
      this.#dynamo.call(operation, (client) => work(dynamoLedger(documents(client), table)), {
        subject: `table "${table}"`,
      });
    return {
      read: (file, eventually) => call('GetItem', (ledger) => ledger.read(file, eventually)),
      readSource: (file, batch) => call('Query', (ledger) => ledger.readSource(file, batch)),
      readOutput: (address) => call('GetItem', (ledger) => ledger.readOutput(address)),
      write: (change) => call('TransactWriteItems', (ledger) => ledger.write(change)),
      holdsOldResults: () => call('GetItem', (ledger) => ledger.holdsOldResults()),
    };
  }
}

/** @returns the same client with plain values; it opens no connection of its own. */
export function documents(client: DynamoDBClient): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
