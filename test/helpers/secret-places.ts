import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { StackOutputs } from '../../src/core/stack/stack-contract.ts';
import { ensurePythonTool } from '../../src/local/tools/python-tools.ts';
import type { PipelineCloud } from './deployed-pipeline.ts';

/** Texts by the place where they stand. */
export type Places = ReadonlyMap<string, string>;

/** @returns all that can be read of a stack by those who may read no secret: by name, as text */
export async function readPlaces(
  cloud: PipelineCloud,
  stackName: string,
  outputs: StackOutputs,
): Promise<Places> {
  const { book } = cloud.cloud.ittybit;
  return new Map([
    ...(await readStack(cloud, stackName)),
    ...(await readFunctions(cloud, stackName)),
    ...(await readLogGroups(cloud)),
    ...(await readData(cloud, outputs)),
    ['the log of all handlers', await readFile(cloud.cloud.emulator.logFile, 'utf8')],
    ['the jobs at Ittybit', JSON.stringify(book.jobs)],
    ['the callbacks', JSON.stringify(book.webhooks)],
  ]);
}

/** @returns the results table, and the messages of the two queues with their attributes */
export async function readData(
  { cloud, dynamo }: PipelineCloud,
  { resultsTable, workQueueUrl, deadLetterQueueUrl }: StackOutputs,
): Promise<Places> {
  const { Items } = await dynamo.send(new ScanCommand({ TableName: resultsTable, ConsistentRead: true }));
  const sqs = new SQSClient(cloud.root);
  const read = async (QueueUrl: string): Promise<string> => {
    const all = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All' as const] };
    const { Messages } = await sqs.send(
      // They stay visible, so that a second look sees them again.
      new ReceiveMessageCommand({ QueueUrl, ...all, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
    );
    return JSON.stringify(Messages ?? '');
  };
  const [work, dead] = [await read(workQueueUrl), await read(deadLetterQueueUrl)];
  sqs.destroy();
  return new Map([
    ['the results table', JSON.stringify(Items)],
    ['the work queue', work],
    ['the dead-letter queue', dead],
  ]);
}

async function readStack({ cloud }: PipelineCloud, StackName: string): Promise<Places> {
  const client = new CloudFormationClient(cloud.root);
  const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
  const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName }));
  const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName }));
  client.destroy();
  return new Map([
    ['the outputs of the stack', JSON.stringify(stack?.Outputs ?? '')],
    ['the parameters of the stack', JSON.stringify(stack?.Parameters ?? '')],
    ['the events of the stack', JSON.stringify(StackEvents ?? '')],
    ['the template', TemplateBody],
  ]);
}

async function readFunctions({ lambda }: PipelineCloud, stackName: string): Promise<Places> {
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand());
  const ours = Functions.filter(({ FunctionName = '' }) => FunctionName.startsWith(`${stackName}-`));
  return new Map(
    ours.map(({ FunctionName = '', Environment }) => [
      `the environment of ${FunctionName.split('-').at(-2)}`,
      JSON.stringify(Environment ?? ''),
    ]),
  );
}

/** By the AWS CLI, since nothing else needs a client for CloudWatch Logs. */
async function readLogGroups({ cloud: { root } }: PipelineCloud): Promise<Places> {
  const program = (await ensurePythonTool('awscli')).bin('aws');
  const env = {
    PATH: process.env['PATH'],
    AWS_DEFAULT_REGION: root.region,
    AWS_ACCESS_KEY_ID: root.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: root.credentials.secretAccessKey,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const logs = async (...args: string[]): Promise<string> => {
    const all = ['logs', ...args, '--output', 'json', '--endpoint-url', root.endpoint];
    return (await promisify(execFile)(program, all, { env, maxBuffer: 2 ** 28 })).stdout;
  };
  const { logGroups } = JSON.parse(await logs('describe-log-groups')) as {
    logGroups: readonly { readonly logGroupName: string }[];
  };
  const places = new Map<string, string>();
  for (const { logGroupName } of logGroups) {
    places.set(
      `the log group ${logGroupName}`,
      await logs('filter-log-events', '--log-group-name', logGroupName),
    );
  }
  return places;
}
