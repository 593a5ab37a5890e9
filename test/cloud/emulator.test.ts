import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { poll } from '../../src/app/poll.ts';
import { createServices } from '../../src/aws/services.ts';
import { type Emulator, startEmulator } from '../../src/local/cloud/emulator.ts';
import { signalGroup } from '../../src/local/tools/process-group.ts';
import { deploy as deployByChangeSet } from '../helpers/gateway-cloud.ts';

const REPORT = `exports.handler = async () => ({
  node: process.version, pid: process.pid, profile: process.env.AWS_PROFILE ?? null,
  sdk: typeof require('@aws-sdk/client-sqs').SQSClient });`;

const allow = (Action: string, Resource: unknown): object => ({
  PolicyName: 'only',
  PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] },
});
const trust = (Principal: object): object => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
});

/** A queue, a function, and a caller that may only send to the queue. */
const TEMPLATE = {
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue' },
    Caller: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: trust({ AWS: { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root' } }),
        Policies: [allow('sqs:SendMessage', { 'Fn::GetAtt': ['Queue', 'Arn'] })],
      },
    },
    FunctionRole: {
      Type: 'AWS::IAM::Role',
      Properties: { AssumeRolePolicyDocument: trust({ Service: 'lambda.amazonaws.com' }) },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Timeout: 30,
        Role: { 'Fn::GetAtt': ['FunctionRole', 'Arn'] },
        Code: { ZipFile: REPORT },
      },
    },
  },
  Outputs: {
    Queue: { Value: { Ref: 'Queue' } },
    Caller: { Value: { 'Fn::GetAtt': ['Caller', 'Arn'] } },
    Function: { Value: { Ref: 'Function' } },
  },
};

/** A function that takes from a queue; parameters set the pace, so a stack has its numbers as text. */
const POLLING = JSON.stringify({
  Parameters: { Size: { Type: 'Number' }, On: { Type: 'String' } },
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue' },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: trust({ Service: 'lambda.amazonaws.com' }),
        Policies: [allow('sqs:*', { 'Fn::GetAtt': ['Queue', 'Arn'] })],
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { ZipFile: 'exports.handler = async () => {}' },
      },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: { Ref: 'Function' },
        EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
        Enabled: { Ref: 'On' },
        BatchSize: { Ref: 'Size' },
        MaximumBatchingWindowInSeconds: { Ref: 'Size' },
        ScalingConfig: { MaximumConcurrency: { Ref: 'Size' } },
      },
    },
  },
  Outputs: { Queue: { Value: { Ref: 'Queue' } }, Mapping: { Value: { Ref: 'Mapping' } } },
});

describe('emulator', function () {
  this.timeout(180_000);
  let folder: string;
  const started: Emulator[] = [];

  const start = async (name: string): Promise<Emulator> => {
    const emulator = await startEmulator({ iam: true, logFile: join(folder, name) });
    started.push(emulator);
    return emulator;
  };
  const config = ({ endpoint }: Emulator) => ({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-batch-emulator-test-'));
  });
  after(async () => {
    await Promise.all(started.map((emulator) => emulator.stop()));
    await rm(folder, { recursive: true });
  });

  it('runs handlers on Node 24 and holds callers to their policy as AWS does', async () => {
    const emulator = await start('one.log');
    const outputs = await deploy(new CloudFormationClient(config(emulator)));

    const lambda = new LambdaClient(config(emulator));
    const answer = await lambda.send(new InvokeCommand({ FunctionName: outputs['Function'] }));
    const report = JSON.parse(answer.Payload?.transformToString() ?? '') as Record<string, unknown>;
    assert.match(String(report['node']), /^v24\./);
    assert.equal(report['profile'], null);
    assert.equal(report['sdk'], 'function');

    const role = { RoleArn: outputs['Caller'], RoleSessionName: 'caller' };
    const { Credentials } = await new STSClient(config(emulator)).send(new AssumeRoleCommand(role));
    assert.ok(Credentials?.AccessKeyId && Credentials.SecretAccessKey && Credentials.SessionToken);
    const credentials = {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
    };
    const sqs = new SQSClient({ ...config(emulator), credentials });
    const QueueUrl = outputs['Queue'];
    const sent = await sqs.send(
      new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'x' }] }),
    );
    assert.equal(sent.Successful?.length, 1);
    await assert.rejects(sqs.send(new ReceiveMessageCommand({ QueueUrl })), { name: 'AccessDenied' });

    const before = Date.now();
    await emulator.stop();
    assert.ok(Date.now() - before < 10_000);
    assert.equal(signalGroup(emulator.pid, 'SIGKILL'), false, 'a process of the emulator was left');
    assert.throws(() => process.kill(Number(report['pid']), 0), { code: 'ESRCH' });
    await assert.rejects(fetch(`${emulator.endpoint}/_ministack/health`));
    await emulator.stop();
  });

  it('polls a queue at once when a stack has made or changed the mapping', async () => {
    const services = createServices(config(await start('polling.log')));
    const { stacks, queues, dispatch } = services;
    const deployWith = async (create: boolean, Size: string, On: string) => {
      const { outputs } = await deployByChangeSet(stacks, 's', POLLING, { create, parameters: { Size, On } });
      const { lastResult, ...mapping } = await dispatch.mapping(outputs['Mapping'] ?? '');
      const size = Number(Size);
      const all = { batchSize: size, maximumConcurrency: size, maximumBatchingWindow: size };
      assert.deepEqual(mapping, { ...all, state: On === 'true' ? 'Enabled' : 'Disabled' });
      return outputs['Queue'] ?? '';
    };
    const isTaken = async (queue: string) => {
      assert.deepEqual(await queues.send(queue, [{ body: 'x' }]), []);
      const isEmpty = async () => {
        const { waiting, inFlight } = await queues.depth(queue);
        return waiting + inFlight === 0 || undefined;
      };
      assert.ok(await poll(isEmpty, 50, AbortSignal.timeout(20_000)));
    };
    await isTaken(await deployWith(true, '2', 'true'));
    await isTaken(await deployWith(false, '3', 'true'));
    await deployWith(false, '4', 'false');
    await isTaken(await deployWith(false, '5', 'true'));
    await stacks.deleteStack('s');
    await poll(
      async () => (await stacks.describe('s')) === undefined || undefined,
      50,
      AbortSignal.timeout(20_000),
    );
    await deployWith(true, '2', 'false');
    services.dispose();
  });

  it('runs twice at once', async () => {
    const [first, second] = await Promise.all([start('two.log'), start('three.log')]);
    assert.notEqual(first.port, second.port);
    for (const emulator of [first, second]) {
      const identity = await new STSClient(config(emulator)).send(new GetCallerIdentityCommand({}));
      assert.equal(identity.Account, '000000000000');
    }
  });

  it('ends with the process that started it, even when that is killed', async () => {
    const log = JSON.stringify(join(folder, 'orphan.log'));
    const module = JSON.stringify(join(import.meta.dirname, '../../src/local/cloud/emulator.ts'));
    const code = `const { startEmulator } = await import(${module});
      console.log(JSON.stringify(await startEmulator({ iam: false, logFile: ${log} })));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: folder },
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const { pid } = JSON.parse(line.toString()) as Emulator;
    parent.kill('SIGKILL');
    const deadline = Date.now() + 10_000;
    while (signalGroup(pid, 'SIGCONT')) {
      assert.ok(Date.now() < deadline, 'the emulator outlived its parent');
      await delay(20);
    }
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('media-batch-emulator-')),
      [],
    );
  });

  it('stops a start that is aborted', async () => {
    const logFile = join(folder, 'aborted.log');
    const abort = new AbortController();
    const starting = startEmulator({ iam: false, logFile, signal: abort.signal });
    const outcome = assert.rejects(
      starting.then((emulator) => emulator.stop()),
      { name: 'AbortError' },
    );
    while (!existsSync(logFile)) await delay(1);
    abort.abort();
    await outcome;
  });
});

async function deploy(cloud: CloudFormationClient): Promise<Record<string, string>> {
  const StackName = 'trivial';
  const TemplateBody = JSON.stringify(TEMPLATE);
  await cloud.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_IAM'] }));
  await waitUntilStackCreateComplete({ client: cloud, maxWaitTime: 30, minDelay: 1 }, { StackName });
  const { Stacks } = await cloud.send(new DescribeStacksCommand({ StackName }));
  const outputs: Record<string, string> = {};
  for (const { OutputKey, OutputValue } of Stacks?.[0]?.Outputs ?? [])
    outputs[OutputKey ?? ''] = OutputValue ?? '';
  return outputs;
}
