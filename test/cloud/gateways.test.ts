import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { DynamoBatchStore } from '../../src/aws/batch-store.ts';
import { S3BucketStore } from '../../src/aws/bucket-store.ts';
import { AwsClients, type Credentials } from '../../src/aws/connection.ts';
import { LambdaDispatchControl } from '../../src/aws/dispatch-control.ts';
import { StsIdentity } from '../../src/aws/identity.ts';
import { SqsQueueService } from '../../src/aws/queue-service.ts';
import { AwsSecretStore } from '../../src/aws/secret-store.ts';
import { CloudFormationStackService } from '../../src/aws/stack-service.ts';
import type { BatchMeta } from '../../src/core/batch.ts';
import { InvalidInputError, isAbort } from '../../src/core/errors.ts';
import { DEFAULT_JOB_OPTIONS } from '../../src/core/job-options.ts';
import type { S3Object } from '../../src/core/ports.ts';
import {
  all,
  denied,
  fails,
  REGION,
  startGatewayCloud,
  type GatewayCloud,
} from '../helpers/gateway-cloud.ts';

describe('AWS gateways on the emulator', function () {
  this.timeout(120_000);
  let cloud: GatewayCloud;
  let outputs: Readonly<Record<string, string>>;

  before(async () => {
    cloud = await startGatewayCloud();
    outputs = await cloud.deployFixture();
  });

  after(() => cloud.stop());

  describe('buckets', () => {
    const ODD_KEYS = [
      'plain.mp4',
      'with space.mp4',
      'double  space .mp4',
      'plus+percent%20hash#amp&question?.mp4',
      `quotes'"<>.mp4`,
      'emoji 🎬.mp4',
      'composed é.mp4',
      'combining e\u0301.mp4',
      'control \u0001.mp4',
      'back\\slash.mp4',
      'folder/',
      '../up.mp4',
      `long-${'x'.repeat(1_016)}`,
    ];
    let s3: S3Client;

    before(async () => {
      s3 = new S3Client({ ...cloud.access, forcePathStyle: true });
      await s3.send(new CreateBucketCommand({ Bucket: 'odd' }));
      await s3.send(new CreateBucketCommand({ Bucket: 'many' }));
      const far = new S3Client({ ...cloud.access, forcePathStyle: true, region: 'us-west-2' });
      const there = { LocationConstraint: 'us-west-2' } as const;
      await far.send(new CreateBucketCommand({ Bucket: 'far', CreateBucketConfiguration: there }));
      await far.send(new PutObjectCommand({ Bucket: 'far', Key: 'a.mp4', Body: 'x' }));
      far.destroy();
      await pMap(ODD_KEYS, (key) => put('odd', `in/${key}`), { concurrency: 4 });
      const many = Array.from({ length: 1_005 }, (_, n) => `k/${String(n).padStart(4, '0')}`);
      await pMap(many, (key) => put('many', key), { concurrency: 16 });
    });

    after(() => {
      s3.destroy();
    });

    async function put(bucket: string, key: string): Promise<void> {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
    }

    it('lists every key exactly as it is', async () => {
      const pages = await all(new S3BucketStore(cloud.root).pages({ bucket: 'odd', prefix: 'in/' }));
      const keys = pages.flat().map(({ key }) => key);
      assert.deepEqual(keys.toSorted(), ODD_KEYS.map((key) => `in/${key}`).toSorted());
      assert.deepEqual({ ...pages[0]![0], lastModified: undefined, key: '' }, {
        key: '',
        size: 1,
        etag: '9dd4e461268c8034f5c8564e155c67a6',
        lastModified: undefined,
        storageClass: 'STANDARD',
        restored: false,
      } satisfies S3Object);
    });

    it('resumes behind any key', async () => {
      const store = new S3BucketStore(cloud.root);
      const list = async (startAfter?: string) =>
        (await all(store.pages({ bucket: 'odd', prefix: 'in/', startAfter }))).flat().map(({ key }) => key);
      const keys = await list();
      for (const [index, key] of keys.entries()) assert.deepEqual(await list(key), keys.slice(index + 1));
    });

    it('pages beyond 1,000 objects', async () => {
      const store = new S3BucketStore(cloud.root);
      const pages = await all(store.pages({ bucket: 'many', prefix: 'k/' }));
      assert.deepEqual(
        pages.map((page) => page.length),
        [1_000, 5],
      );
      const rest = await all(store.pages({ bucket: 'many', prefix: 'k/', startAfter: 'k/1002' }));
      assert.deepEqual(
        rest.flat().map(({ key }) => key),
        ['k/1003', 'k/1004'],
      );
    });

    it('knows the region, and names an unknown bucket', async () => {
      const store = new S3BucketStore(cloud.root);
      assert.equal(await store.region('odd'), REGION);
      assert.equal(await store.region('far'), 'us-west-2');
      assert.equal((await all(store.pages({ bucket: 'far', prefix: '' }))).flat().length, 1);
      await fails(store.region('no-such'), 'no-such-bucket', /"no-such"/);
      await fails(all(store.pages({ bucket: 'no-such', prefix: '' })), 'no-such-bucket', /"no-such"/);
    });

    it('stops at an abort', async () => {
      const stopped = all(
        new S3BucketStore(cloud.root).pages({ bucket: 'odd', prefix: '' }, AbortSignal.abort()),
      );
      await assert.rejects(stopped, isAbort);
    });
  });

  describe('queues', () => {
    it('sends, receives, releases and deletes, with attributes and group', async () => {
      const queues = new SqsQueueService(cloud.root);
      const url = outputs['QueueUrl']!;
      const sent = await queues.send(url, [
        { body: '{"n":1}', group: 'batch-1', attributes: { failure_reason: 'é "x" 🎬' } },
        { body: '{"n":2}' },
      ]);
      assert.deepEqual(sent, []);
      assert.equal((await queues.depth(url)).waiting, 2);
      const options = { max: 10, hideSeconds: 60, waitSeconds: 1 };
      const first = await queues.receive(url, options);
      const one = first.find(({ body }) => body === '{"n":1}')!;
      assert.deepEqual(one.attributes, { failure_reason: 'é "x" 🎬' });
      assert.equal(one.group, 'batch-1');
      assert.equal(one.receiveCount, 1);
      assert.ok(Math.abs(Date.now() - one.sentAt.getTime()) < 60_000);
      assert.deepEqual(await queues.depth(url), { waiting: 0, inFlight: 2, delayed: 0 });
      await queues.release(
        url,
        first.map(({ receipt }) => receipt),
      );
      const again = await queues.receive(url, options);
      assert.deepEqual(
        again.map(({ receiveCount }) => receiveCount),
        [2, 2],
      );
      await queues.delete(
        url,
        again.map(({ receipt }) => receipt),
      );
      assert.deepEqual(await queues.depth(url), { waiting: 0, inFlight: 0, delayed: 0 });
    });

    it('reports the entries that were not taken, and raises for those that stay', async () => {
      const queues = new SqsQueueService(cloud.root);
      const url = outputs['QueueUrl']!;
      const failures = await queues.send(url, [{ body: 'fine' }, { body: 'not\u0000fine' }]);
      assert.deepEqual(
        failures.map(({ index, code, senderFault }) => ({ index, code, senderFault })),
        [{ index: 1, code: 'InvalidMessageContents', senderFault: true }],
      );
      await fails(queues.release(url, ['no-receipt']), 'aws', /1 of 1 messages could not be released/);
      // The long poll below needs an empty queue, or it may end before its abort.
      const [fine] = await queues.receive(url, { max: 10, hideSeconds: 60, waitSeconds: 1 });
      await queues.delete(url, [fine!.receipt]);
    });

    it('ends a long poll at an abort', async () => {
      const stop = new AbortController();
      const options = { max: 1, hideSeconds: 1, waitSeconds: 20 };
      const polling = new SqsQueueService(cloud.root).receive(outputs['QueueUrl']!, options, stop.signal);
      setImmediate(() => {
        stop.abort();
      });
      await assert.rejects(polling, isAbort);
    });

    it('names a missing queue, and a move that the service does not know', async () => {
      const queues = new SqsQueueService(cloud.root);
      const gone = outputs['QueueUrl']!.replace(/[^/]+$/, 'gone');
      await fails(queues.depth(gone), 'not-found', /queue "gone" in eu-west-1: deploy the pipeline/);
      const arn = `arn:aws:sqs:${REGION}:000000000000:x`;
      await fails(
        queues.startMove({ sourceArn: arn, destinationArn: arn }),
        'unsupported',
        /StartMessageMoveTask/,
      );
    });
  });

  describe('batches', () => {
    const META: BatchMeta = {
      batch: 'b-1',
      bucket: 'photos',
      prefix: 'in/',
      job: DEFAULT_JOB_OPTIONS,
      extensions: ['mp4'],
      created_at: '2026-11-23T14:00:00.000Z',
    };

    it('creates once, keeps checkpoints, sums counts, and skips what it cannot read', async () => {
      const store = new DynamoBatchStore(cloud.root);
      const table = outputs['Table']!;
      await store.create(table, META);
      await fails(store.create(table, META), 'conflict', /busy or was changed/);
      const checkpoint = {
        shard: 0,
        lastKey: 'in/é+ 1',
        listed: 3,
        sent: 2,
        skipped: { empty: 1 },
        done: false,
      };
      await store.saveCheckpoint(table, 'b-1', { ...checkpoint, shard: 1 });
      await store.saveCheckpoint(table, 'b-1', { ...checkpoint, sent: 1 });
      await store.saveCheckpoint(table, 'b-1', checkpoint);
      const dynamo = new DynamoDBClient(cloud.access);
      const add = (sk: string, expression: string, value: { N: string } | { S: string }) =>
        dynamo.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { pk: { S: 'batch#b-1' }, sk: { S: sk } },
            UpdateExpression: expression,
            ExpressionAttributeValues: { ':v': value },
          }),
        );
      await add('counts#0', 'ADD succeeded :v', { N: '2' });
      await add('counts#5', 'ADD succeeded :v', { N: '3' });
      await add('counts#6', 'SET failed = :v', { S: 'not a number' });
      await add('shard#9', 'SET lastKey = :v', { N: '99999999999999999999999999' });
      await add('something-else', 'SET x = :v', { N: '1' });
      dynamo.destroy();
      const record = await store.read(table, 'b-1');
      assert.deepEqual(record.meta, META);
      assert.deepEqual(record.checkpoints, [checkpoint, { ...checkpoint, shard: 1 }]);
      assert.equal(record.counts.succeeded, 5);
      assert.equal(record.counts.failed, 0);
    });

    it('knows nothing of a batch that does not exist, and names a missing table', async () => {
      const store = new DynamoBatchStore(cloud.root);
      const record = await store.read(outputs['Table']!, 'none');
      assert.deepEqual([record.meta, record.checkpoints], [undefined, []]);
      await fails(store.read('no-table', 'b-1'), 'not-found', /no table "no-table"/);
    });
  });

  describe('dispatch', () => {
    it('keeps the state', async () => {
      const dispatch = new LambdaDispatchControl(cloud.root);
      const table = outputs['Table']!;
      assert.deepEqual(await dispatch.readState(table), {
        state: 'running',
        reason: undefined,
        at: undefined,
      });
      const paused = { state: 'paused', reason: '401', at: '2026-11-23T14:00:00.000Z' } as const;
      await dispatch.writeState(table, paused);
      assert.deepEqual(await dispatch.readState(table), paused);
    });

    it('tunes, stops and starts the mapping, and waits until it has settled', async () => {
      const dispatch = new LambdaDispatchControl(cloud.root);
      const id = outputs['MappingId']!;
      assert.equal((await dispatch.mapping(id)).batchSize, 5);
      const tuning = { batchSize: 3, maximumConcurrency: 4, maximumBatchingWindow: 2 };
      const { lastResult, ...stopped } = await dispatch.updateMapping(id, { ...tuning, enabled: false });
      assert.deepEqual(stopped, { ...tuning, state: 'Disabled' });
      const started = await dispatch.updateMapping(id, { enabled: true });
      assert.deepEqual([started.state, started.maximumConcurrency], ['Enabled', 4]);
      await fails(
        dispatch.mapping('11111111-2222-3333-4444-555555555555'),
        'not-found',
        /deploy the pipeline/,
      );
    });
  });

  describe('secrets', () => {
    it('stores in Secrets Manager and in SSM', async () => {
      const store = new AwsSecretStore(cloud.root);
      await store.put(outputs['SecretArn']!, 'key-1');
      const secrets = new SecretsManagerClient(cloud.access);
      const read = await secrets.send(new GetSecretValueCommand({ SecretId: outputs['SecretArn']! }));
      assert.equal(read.SecretString, 'key-1');
      const ssm = new SSMClient(cloud.access);
      for (const [path, name] of [
        ['media/key', '/media/key'],
        ['key', 'key'],
      ] as const) {
        await store.put(`arn:aws:ssm:${REGION}:000000000000:parameter/${path}`, 'key-2');
        await store.put(`arn:aws:ssm:${REGION}:000000000000:parameter/${path}`, 'key-3');
        const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
        assert.deepEqual([Parameter?.Value, Parameter?.Type], ['key-3', 'SecureString']);
      }
      secrets.destroy();
      ssm.destroy();
    });

    it('refuses other ARNs and names a missing secret', async () => {
      const store = new AwsSecretStore(cloud.root);
      await assert.rejects(store.put('arn:aws:s3:::bucket', 'hush'), InvalidInputError);
      const gone = `arn:aws:secretsmanager:${REGION}:000000000000:secret:gone-abcdef`;
      await fails(store.put(gone, 'hush'), 'not-found', /secret:gone-abcdef/);
    });
  });

  describe('access', () => {
    async function guest(): Promise<Credentials> {
      const sts = new STSClient(cloud.access);
      const command = new AssumeRoleCommand({ RoleArn: outputs['GuestArn']!, RoleSessionName: 'guest' });
      const { Credentials: given } = await sts.send(command);
      sts.destroy();
      return {
        accessKeyId: given!.AccessKeyId!,
        secretAccessKey: given!.SecretAccessKey!,
        sessionToken: given!.SessionToken!,
      };
    }

    it('says who is calling', async () => {
      assert.equal((await new StsIdentity(cloud.root).caller()).account, '000000000000');
    });

    it('names the action that a policy does not allow', async () => {
      const user = cloud.connect(await guest());
      const queues = new SqsQueueService(user);
      await queues.depth(outputs['QueueUrl']!);
      await denied(queues.send(outputs['QueueUrl']!, [{ body: 'x' }]), 'sqs:SendMessage');
      await denied(new DynamoBatchStore(user).read(outputs['Table']!, 'b-1'), 'dynamodb:Query');
      await denied(
        new AwsSecretStore(user).put(outputs['SecretArn']!, 'hush'),
        'secretsmanager:PutSecretValue',
      );
      const buckets = new S3BucketStore(user);
      await denied(all(buckets.pages({ bucket: 'odd', prefix: '' })), 's3:ListBucket');
      assert.equal((await all(buckets.pages({ bucket: 'odd', prefix: 'in/' }))).length, 1);
      await denied(new CloudFormationStackService(user).describe('fixture'), 'cloudformation:DescribeStacks');
      await denied(
        new LambdaDispatchControl(user).mapping(outputs['MappingId']!),
        'lambda:GetEventSourceMapping',
      );
    });

    it('takes credentials and endpoint of a profile, and says where none are', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'media-batch-profile-'));
      const file = (name: string) => join(folder, name);
      const command = `credential_process = cat "${file('keys')}"`;
      await writeFile(file('keys'), '{"Version":1,"AccessKeyId":"test","SecretAccessKey":"test"}');
      await writeFile(file('config'), `[profile p]\n${command}\nendpoint_url = ${cloud.access.endpoint}\n`);
      const before = process.env;
      process.env = {
        ...before,
        AWS_CONFIG_FILE: file('config'),
        AWS_SHARED_CREDENTIALS_FILE: file('none'),
        AWS_EC2_METADATA_DISABLED: 'true',
      };
      try {
        const known = new StsIdentity(new AwsClients({ region: REGION, profile: 'p' }));
        assert.equal((await known.caller()).account, '000000000000');
        const unknown = new StsIdentity(new AwsClients({ region: REGION, profile: 'nobody' }));
        await fails(unknown.caller(), 'no-credentials', /No AWS credentials .* AWS profile "nobody"/);
      } finally {
        // The same object as before, so nothing of the change is left.
        process.env = before;
        await rm(folder, { recursive: true });
      }
    });

    it('names an endpoint that does not answer', async () => {
      const nobody = cloud.connect(undefined, 'http://127.0.0.1:1');
      await fails(new StsIdentity(nobody).caller(), 'unreachable', /http:\/\/127\.0\.0\.1:1 does not answer/);
    });
  });
});
