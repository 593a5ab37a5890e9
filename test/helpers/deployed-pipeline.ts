import { request } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { storeApiKey } from '../../src/app/stack/api-key.ts';
import { batchProgress, type BatchProgress } from '../../src/app/batch/batch-progress.ts';
import { DEFAULT_BATCH } from '../../src/core/batch/queue-message.ts';
import type { ResultItem } from '../../src/core/batch/result-item.ts';
import { resultKey } from '../../src/core/batch/table-keys.ts';
import type { S3Location } from '../../src/core/files/s3-location.ts';
import type { StackOutputs, StackParameters } from '../../src/core/stack/stack-contract.ts';
import type { ReconcilerCounts } from '../../src/core/stack/reconciler-run.ts';
import { deployLocally } from '../../src/local/cloud/deploy-locally.ts';
import {
  LOCAL_API_KEY,
  startLocalCloud,
  type LocalCloud,
  type LocalCloudOptions,
} from '../../src/local/cloud/local-cloud.ts';
import { reconcileNow } from '../../src/local/cloud/reconcile-now.ts';
import { shortenLookUps } from '../../src/local/cloud/shorten-look-ups.ts';
import { buildTemplate } from '../template/built-template.ts';
import { eventually } from './wait-for.ts';

/** A local cloud with the built template, for one test file; any number of stacks. */
export class PipelineCloud {
  readonly cloud: LocalCloud;
  readonly template: string;
  /** clients of the account's owner, for what users of the product cannot see */
  readonly dynamo: DynamoDBDocumentClient;
  readonly lambda: LambdaClient;
  readonly secrets: SecretsManagerClient;

  private constructor(cloud: LocalCloud, template: string) {
    this.cloud = cloud;
    this.template = template;
    this.dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(cloud.root));
    this.lambda = new LambdaClient(cloud.root);
    this.secrets = new SecretsManagerClient(cloud.root);
  }

  /** Builds the template and starts the emulator and the stand-in. @param name names the log file */
  static async start(name: string, standIn: LocalCloudOptions['standIn'] = {}): Promise<PipelineCloud> {
    const template = await buildTemplate();
    const cloud = await startLocalCloud({ name, standIn });
    cloud.ittybit.rateLimit.set({});
    return new PipelineCloud(cloud, template);
  }

  /** Deploys a stack as the restricted caller, and stores an API key; absent: one that the stand-in accepts. */
  async deploy(
    stackName = 'media-batch',
    {
      apiKey = LOCAL_API_KEY,
      ...options
    }: { apiKey?: string | undefined; template?: string; parameters?: StackParameters } = {},
  ): Promise<DeployedPipeline> {
    const { services, ittybit } = this.cloud;
    const outputs = await deployLocally(services, ittybit.url, {
      stackName,
      template: this.template,
      ...options,
    });
    await storeApiKey(outputs, apiKey, services.secrets);
    return new DeployedPipeline(this, outputs);
  }

  async stop(): Promise<void> {
    this.dynamo.destroy();
    this.lambda.destroy();
    this.secrets.destroy();
    await this.cloud.stop();
  }
}

/** One deployed stack: the account's owner reads it, the restricted caller works with it. */
export class DeployedPipeline {
  readonly outputs: StackOutputs;
  readonly #in: PipelineCloud;

  constructor(cloud: PipelineCloud, outputs: StackOutputs) {
    this.#in = cloud;
    this.outputs = outputs;
  }

  /** The same stack after an update. */
  updated(outputs: StackOutputs): DeployedPipeline {
    return new DeployedPipeline(this.#in, outputs);
  }

  /** Sends messages with any text to the work queue. */
  async send(...bodies: string[]): Promise<void> {
    const failures = await this.#in.cloud.services.queues.send(
      this.outputs.workQueueUrl,
      bodies.map((body) => ({ body })),
    );
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
  }

  /** @returns the table's item of a file; undefined when there is none */
  async item(file: S3Location, batch = DEFAULT_BATCH): Promise<ResultItem | undefined> {
    const query = {
      TableName: this.outputs.resultsTable,
      Key: resultKey({ ...file, batch }),
      ConsistentRead: true,
    };
    return (await this.#in.dynamo.send(new GetCommand(query))).Item as ResultItem | undefined;
  }

  /** Waits until the file's item is in this state. */
  until(status: ResultItem['status'], file: S3Location, batch = DEFAULT_BATCH): Promise<ResultItem> {
    return eventually(`${file.key} is ${status}`, async () => {
      const item = await this.item(file, batch);
      return item?.status === status ? item : undefined;
    });
  }

  async progress(batch: string): Promise<BatchProgress> {
    return batchProgress(await this.#in.cloud.services.batches.read(this.outputs.resultsTable, batch));
  }

  /** @returns how many messages the two queues hold, hidden ones included */
  async held(): Promise<{ work: number; hidden: number; dead: number }> {
    const { queues } = this.#in.cloud.services;
    const work = await queues.depth(this.outputs.workQueueUrl);
    const dead = await queues.depth(this.outputs.deadLetterQueueUrl);
    return {
      work: work.waiting + work.inFlight,
      hidden: work.inFlight,
      dead: dead.waiting + dead.inFlight,
    };
  }

  /** Runs the reconciler for every open file, until another run has ended. */
  reconcile(batch?: string): Promise<ReconcilerCounts> {
    return reconcileNow(this.#in.cloud.root, this.outputs, batch === undefined ? {} : { batch });
  }

  /** Lets the functions believe a look-up that finds no job, this long after the last POST. */
  shortenLookUps(seconds = 1): Promise<void> {
    return shortenLookUps(this.#in.cloud.root, this.outputs, seconds);
  }

  /** The state of the event source mapping, with its last result. */
  mapping() {
    return this.#in.cloud.services.dispatch.mapping(this.outputs.eventSourceMapping);
  }

  /** @returns the text of a secret of the stack, which only the account's owner reads */
  async secret(arn: string): Promise<string> {
    return (await this.#in.secrets.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString ?? '';
  }

  /** @returns the key that signs webhook addresses */
  async pathKey(): Promise<string> {
    const { path_key } = JSON.parse(await this.secret(this.outputs.signingSecretArn)) as { path_key: string };
    return path_key;
  }

  /** Makes the stack check `Ittybit-Signature`. */
  async setWebhookSecret(ittybit_webhook_secret: string): Promise<void> {
    const SecretString = JSON.stringify({ path_key: await this.pathKey(), ittybit_webhook_secret });
    await this.#in.secrets.send(
      new PutSecretValueCommand({ SecretId: this.outputs.signingSecretArn, SecretString }),
    );
  }
}

/** Sends a POST to the emulator's API Gateway, with its name in the `Host` header, because names below `localhost` may not resolve. */
export async function postTo(
  target: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; text: string }> {
  const url = new URL(target);
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const sent = request(url, {
    method: 'POST',
    agent: false,
    hostname: '127.0.0.1',
    headers: {
      host: url.host,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...headers,
    },
  });
  sent.on('error', reject);
  sent.on('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('error', reject).on('end', () => {
      resolve({ status: response.statusCode ?? 0, text });
    });
  });
  sent.end(body);
  return promise;
}
