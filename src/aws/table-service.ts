import { DescribeTableCommand, DynamoDBClient, type KeySchemaElement } from '@aws-sdk/client-dynamodb';
import type { Table, TableService } from '../core/stack/table-service.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';

/** Tables of DynamoDB, as the one who deploys sees them. */
export class DynamoTableService implements TableService {
  readonly #dynamo: ServiceCaller<DynamoDBClient>;

  constructor(clients: AwsClients) {
    this.#dynamo = clients.service('dynamodb', (config) => new DynamoDBClient(config));
  }

  async describe(table: string, signal?: AbortSignal): Promise<Table | undefined> {
    const command = new DescribeTableCommand({ TableName: table });
    const { Table: found } = await this.#dynamo.call(
      'DescribeTable',
      (client) => client.send(command, abortable(signal)),
      {
        subject: `table "${table}"`,
        recover: ({ name }) =>
          name === 'ResourceNotFoundException' ? { Table: undefined, $metadata: {} } : undefined,
      },
    );
    return (
      found && {
        status: found.TableStatus ?? 'UNKNOWN',
        keys: keysOf(found.KeySchema),
        indexes: (found.GlobalSecondaryIndexes ?? []).map(({ IndexName, IndexStatus, KeySchema }) => ({
          name: IndexName ?? '',
          status: IndexStatus,
          keys: keysOf(KeySchema),
        })),
      }
    );
  }
}

/** DynamoDB lists the partition key first (DynamoDB API, TableDescription). */
function keysOf(schema: readonly KeySchemaElement[] | undefined): string[] {
  return (schema ?? []).map(({ AttributeName }) => AttributeName ?? '');
}
