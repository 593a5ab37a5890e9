import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { storeApiKey } from '../../app/stack/api-key.ts';
import { createServices } from '../../aws/services.ts';
import { MediaBatchError } from '../../core/errors.ts';
import type { Fields } from '../../core/foreign-json.ts';
import type { CloudServices } from '../../core/stack/cloud-services.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { deployLocally } from '../cloud/deploy-locally.ts';
import { LOCAL_API_KEY, type LocalCloud } from '../cloud/local-cloud.ts';
import { setFunctionVariables } from '../cloud/function-variables.ts';
import { shortenLookUps } from '../cloud/shorten-look-ups.ts';

/** A message whose handler died comes back after this time and not after the template's 120 s. */
const VISIBILITY_SECONDS = 30;

/** The deployed pipeline, with the account's owner's view of it. */
export interface FaultWorld {
  readonly cloud: LocalCloud;
  /** the gateways of the account's owner, who may do what no user of the product does */
  readonly owner: CloudServices;
  /** of the stack that there is now: read it anew after each wait, as `deployAgain` replaces it */
  readonly pipeline: StackOutputs;
  /** which the stack's outputs do not name; replaced with them */
  readonly webhookFunction: string;
  /** Reads every item of the results table. */
  tableItems(): Promise<Fields[]>;
  /** Sets the stack's connection, as an update of the stack would. */
  connect(connectionId: string): Promise<void>;
  /** Replaces the API key at Ittybit; the stack keeps the one that it has. */
  rotateApiKey(key: string): void;
  /** Deploys the stack anew over its table, with the settings that it had, once it has been deleted. */
  deployAgain(signal: AbortSignal | undefined): Promise<void>;
  dispose(): void;
}

/** A stack that is ready for files, and what its outputs do not name. */
type ReadyStack = Pick<FaultWorld, 'pipeline' | 'webhookFunction'>;

/** What an operator gives to each stack, the first one and those after it. */
interface Settings {
  readonly settleSeconds: number;
  connectionId: string;
  apiKey: string;
  /** absent: the stack makes its own */
  table?: string;
}

/**
 * Deploys the built template under its default name, and shortens what tests would only wait for.
 * @param settleSeconds look-ups believe after this time, instead of 900 s, that there is no job
 * @throws as `deployLocally`
 */
export async function deployWorld(
  cloud: LocalCloud,
  settleSeconds: number,
  signal: AbortSignal | undefined,
): Promise<FaultWorld> {
  const { root } = cloud;
  const lambda = new LambdaClient(root);
  const sqs = new SQSClient(root);
  const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(root));
  const owner = createServices(root);
  const settings: Settings = { settleSeconds, connectionId: '', apiKey: LOCAL_API_KEY };
  let stack = await deployReady(cloud, { sqs, lambda }, settings, signal);
  return {
    ...{ cloud, owner },
    get pipeline() {
      return stack.pipeline;
    },
    get webhookFunction() {
      return stack.webhookFunction;
    },
    async tableItems() {
      const items: Fields[] = [];
      const scan = { TableName: stack.pipeline.resultsTable, ConsistentRead: true };
      for await (const page of paginateScan({ client: dynamo }, scan)) items.push(...(page.Items ?? []));
      return items;
    },
    async connect(connectionId) {
      const { consumerFunction, reconcilerFunction } = stack.pipeline;
      await setFunctionVariables(root, [consumerFunction, reconcilerFunction], {
        CONNECTION_ID: connectionId,
      });
      settings.connectionId = connectionId;
    },
    rotateApiKey(key) {
      cloud.ittybit.keys.rotate(settings.apiKey, key);
      settings.apiKey = key;
    },
    async deployAgain(stop) {
      settings.table = stack.pipeline.resultsTable;
      stack = await deployReady(cloud, { sqs, lambda }, settings, stop);
    },
    dispose() {
      owner.dispose();
      lambda.destroy();
      sqs.destroy();
      dynamo.destroy();
    },
  };
}

/** All that a new stack needs before the suite can use it; one that takes a table over needs the same. */
async function deployReady(
  { services, ittybit, root }: LocalCloud,
  { sqs, lambda }: { readonly sqs: SQSClient; readonly lambda: LambdaClient },
  { settleSeconds, connectionId, apiKey, table }: Settings,
  signal: AbortSignal | undefined,
): Promise<ReadyStack> {
  const parameters = {
    ReconcileAfterMinutes: '1',
    ConnectionId: connectionId,
    ...(table !== undefined && { ExistingResultsTable: table }),
  };
  const pipeline = await deployLocally(services, ittybit.url, { parameters, signal });
  await storeApiKey(pipeline, apiKey, services.secrets, signal);
  await shortenLookUps(root, pipeline, settleSeconds);
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: pipeline.workQueueUrl,
      Attributes: { VisibilityTimeout: String(VISIBILITY_SECONDS) },
    }),
  );
  return { pipeline, webhookFunction: await webhookFunctionOf(lambda) };
}

async function webhookFunctionOf(lambda: LambdaClient): Promise<string> {
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const found = Functions.find(({ Handler }) => Handler === 'index.webhook')?.FunctionName;
  if (found === undefined) throw new MediaBatchError('local-cloud', 'The stack has no webhook function.');
  return found;
}
