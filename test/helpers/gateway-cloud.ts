import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsClients, Credentials } from '../../src/aws/connection.ts';
import { openClients } from '../../src/aws/open-clients.ts';
import { CloudFormationStackService } from '../../src/aws/stack-service.ts';
import { poll } from '../../src/app/poll.ts';
import { AwsError, type ErrorCode } from '../../src/core/errors.ts';
import type { ChangeSet, Stack, StackService } from '../../src/core/stack/stack-service.ts';
import type { StackTags } from '../../src/core/stack/stack-tags.ts';
import { startEmulator } from '../../src/local/cloud/emulator.ts';

export const ROOT = { accessKeyId: 'test', secretAccessKey: 'test' };
export const REGION = 'eu-west-1';

/** The resources that the gateways work on, and a role with very few rights. */
const FIXTURE = `
Parameters:
  Size: { Type: Number, Default: 5 }
Resources:
  Queue: { Type: AWS::SQS::Queue }
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: pk, AttributeType: S }
        - { AttributeName: sk, AttributeType: S }
        - { AttributeName: gsi1pk, AttributeType: S }
        - { AttributeName: gsi1sk, AttributeType: S }
      KeySchema: [{ AttributeName: pk, KeyType: HASH }, { AttributeName: sk, KeyType: RANGE }]
      GlobalSecondaryIndexes:
        - IndexName: gsi1
          KeySchema: [{ AttributeName: gsi1pk, KeyType: HASH }, { AttributeName: gsi1sk, KeyType: RANGE }]
          Projection: { ProjectionType: ALL }
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: { GenerateSecretString: { ExcludePunctuation: true } }
  Guest:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{ Effect: Allow, Action: 'sts:AssumeRole', Principal: { AWS: 'arn:aws:iam::000000000000:root' } }]
      Policies:
        - PolicyName: little
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - { Effect: Allow, Action: 'sqs:GetQueueAttributes', Resource: !GetAtt Queue.Arn }
              - Effect: Allow
                Action: 's3:ListBucket'
                Resource: 'arn:aws:s3:::odd'
                Condition: { StringLike: { 's3:prefix': 'in/*' } }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{ Effect: Allow, Action: 'sts:AssumeRole', Principal: { Service: lambda.amazonaws.com } }]
      Policies:
        - PolicyName: consume
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']
                Resource: !GetAtt Idle.Arn
  Idle: { Type: AWS::SQS::Queue }
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs24.x
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: { ZipFile: 'exports.handler = async () => {}' }
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Function
      EventSourceArn: !GetAtt Idle.Arn
      Enabled: false
      BatchSize: !Ref Size
      MaximumBatchingWindowInSeconds: !Ref Size
      ScalingConfig: { MaximumConcurrency: !Ref Size }
Outputs:
  QueueUrl: { Value: !Ref Queue }
  Table: { Value: !Ref Table }
  SecretArn: { Value: !GetAtt Secret.Id }
  GuestArn: { Value: !GetAtt Guest.Arn }
  MappingId: { Value: !GetAtt Mapping.Id }
`;

/** An emulator with IAM on, and connections to it. */
export interface GatewayCloud {
  /** for the SDK's own clients, as the account's root */
  readonly access: { readonly endpoint: string; readonly region: string; readonly credentials: Credentials };
  readonly root: AwsClients;
  connect(credentials?: Credentials, endpoint?: string): AwsClients;
  /** Creates or updates the fixture stack. @returns its outputs */
  deployFixture(parameters?: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

/** Starts an emulator of its own for a test file. */
export async function startGatewayCloud(): Promise<GatewayCloud> {
  const folder = await mkdtemp(join(tmpdir(), 'media-batch-gateways-'));
  const emulator = await startEmulator({ iam: true, logFile: join(folder, 'emulator.log') });
  const opened: AwsClients[] = [];
  const connect = (credentials: Credentials = ROOT, endpoint = emulator.endpoint): AwsClients => {
    const clients = openClients({ region: REGION, endpoint, credentials });
    opened.push(clients);
    return clients;
  };
  const root = connect();
  return {
    access: { endpoint: emulator.endpoint, region: REGION, credentials: ROOT },
    root,
    connect,
    deployFixture: async (parameters = {}) => {
      const stacks = new CloudFormationStackService(root);
      const create = (await stacks.describe('fixture')) === undefined;
      const stack = await deploy(stacks, 'fixture', FIXTURE, { create, parameters });
      assert.equal(stack.status, create ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE', stack.reason);
      return stack.outputs;
    },
    stop: async () => {
      for (const clients of opened) clients.destroy();
      await emulator.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** @returns all items of an iterable */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Asserts that a call fails with this AwsError. */
export async function fails(work: Promise<unknown>, code: ErrorCode, says: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof AwsError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, says);
    return true;
  });
}

/** Asserts that a call is denied, with an error that names the IAM action. */
export async function denied(work: Promise<unknown>, action: string): Promise<void> {
  await fails(work, 'missing-permission', new RegExp(`${action}\\b`));
}

interface Proposal {
  readonly create?: boolean;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly previous?: readonly string[];
  readonly tags?: StackTags;
}

/** Creates a change set and waits until it is complete or has failed. */
export async function propose(
  stacks: StackService,
  stackName: string,
  templateBody: string,
  { create = true, parameters = {}, previous = [], ...tagging }: Proposal = {},
): Promise<ChangeSet> {
  const token = `t-${crypto.randomUUID()}`;
  const id = await stacks.createChangeSet({
    ...{ stackName, create, templateBody, parameters, previous, token },
    ...tagging,
  });
  return poll(async () => {
    const changeSet = await stacks.describeChangeSet(stackName, id);
    return /PENDING|IN_PROGRESS/.test(changeSet.status) ? undefined : changeSet;
  }, 50);
}

/** Creates or updates a stack by a change set, with the token `deploy-1`, and waits until that has ended. */
export async function deploy(
  stacks: StackService,
  stackName: string,
  templateBody: string,
  proposal: Proposal = {},
): Promise<Stack> {
  const changeSet = await propose(stacks, stackName, templateBody, proposal);
  assert.equal(changeSet.status, 'CREATE_COMPLETE', changeSet.reason);
  await stacks.executeChangeSet(stackName, changeSet.id, 'deploy-1');
  return settled(stacks, stackName);
}

/** Waits until a stack operation has ended. */
export async function settled(stacks: StackService, stackName: string): Promise<Stack> {
  return poll(async () => {
    const stack = await stacks.describe(stackName);
    return stack && !/IN_PROGRESS/.test(stack.status) ? stack : undefined;
  }, 50);
}
