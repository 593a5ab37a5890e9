import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { DynamoBatchStore } from '../../src/aws/batch-store.ts';
import { S3BucketStore } from '../../src/aws/bucket-store.ts';
import type { Credentials } from '../../src/aws/connection.ts';
import { openClients } from '../../src/aws/open-clients.ts';
import { LambdaDispatchControl } from '../../src/aws/dispatch-control.ts';
import { StsIdentity } from '../../src/aws/identity.ts';
import { SqsQueueService } from '../../src/aws/queue-service.ts';
import { AwsSecretStore } from '../../src/aws/secret-store.ts';
import { CloudFormationStackService } from '../../src/aws/stack-service.ts';
import { InvalidInputError, isAbort } from '../../src/core/errors.ts';
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
    outputs = await cloud.deployFixture({ Size: '2' });
  });

  after(() => cloud.stop());

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

  describe('dispatch', () => {
    it('keeps the state', async () => {
      const dispatch = new LambdaDispatchControl(cloud.root);
      const older = { resultsTable: outputs['Table']!, stackId: 'arn:stack/1' };
      const place = { ...older, reconcilerFunction: 'reconciler' };
      const { epoch, ...first } = await dispatch.readState(place);
      assert.deepEqual([first.state, first.reason, epoch], ['running', undefined, 0]);
      const at = '2026-11-23T14:00:00.000Z';
      const paused = {
        state: 'paused',
        reason: '401',
        at,
        until: undefined,
        epoch: 1,
        by: 'operator',
      } as const;
      assert.equal(await dispatch.writeState(place, paused), true);
      assert.equal(await dispatch.writeState(place, paused), false, 'another one was first');
      assert.equal(await dispatch.writeState(place, { ...paused, epoch: 3 }), false);
      assert.deepEqual(await dispatch.readState(place), paused);
      assert.equal(await dispatch.writeState(older, { ...paused, epoch: 2 }), true);
      const { epoch: _, until: __, by: ___, ...shared } = paused;
      const other = { ...place, stackId: 'arn:stack/2' };
      assert.deepEqual(
        await dispatch.readState(other),
        { ...shared, epoch: 0, until: undefined, by: undefined },
        'the older kind of item is that of every stack',
      );
    });

    it('reads the mapping as a template made and changed it', async () => {
      const dispatch = new LambdaDispatchControl(cloud.root);
      for (const size of [5, 4]) {
        const { MappingId: id } = await cloud.deployFixture({ Size: String(size) });
        const { lastResult, ...mapping } = await dispatch.mapping(id!);
        const all = { batchSize: size, maximumConcurrency: size, maximumBatchingWindow: size };
        assert.deepEqual(mapping, { ...all, state: 'Disabled' });
      }
    });

    it('tunes, stops and starts the mapping, and waits until it has settled', async () => {
      const dispatch = new LambdaDispatchControl(cloud.root);
      const id = outputs['MappingId']!;
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

    it('replaces only the version that was read, and hides no rotation of another window', async () => {
      const store = new AwsSecretStore(cloud.root);
      const arn = outputs['SecretArn']!;
      const before = await store.read(arn);
      assert.equal(await store.replace(arn, before.version, 'mine'), true);
      assert.equal(await store.replace(arn, before.version, 'too late'), false);
      const mine = await store.read(arn);
      assert.equal(mine.value, 'mine');
      const races = ['a', 'b', 'c'].map((value) => store.replace(arn, mine.version, value));
      const won = await Promise.all(races);
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal((await store.read(arn)).value, ['a', 'b', 'c'][won.indexOf(true)]);
    });

    it('refuses other ARNs and names a missing secret', async () => {
      const store = new AwsSecretStore(cloud.root);
      await assert.rejects(store.put('arn:aws:s3:::bucket', 'hush'), InvalidInputError);
      const gone = `arn:aws:secretsmanager:${REGION}:000000000000:secret:gone-abcdef`;
      await fails(store.put(gone, 'hush'), 'not-found', /secret:gone-abcdef/);
      await fails(store.read(gone), 'not-found', /secret:gone-abcdef/);
      await fails(store.replace(gone, 'v', 'hush'), 'not-found', /secret:gone-abcdef/);
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
      const s3 = new S3Client({ ...cloud.access, forcePathStyle: true });
      await s3.send(new CreateBucketCommand({ Bucket: 'odd' }));
      await s3.send(new PutObjectCommand({ Bucket: 'odd', Key: 'in/a.mp4', Body: 'x' }));
      s3.destroy();
      const user = cloud.connect(await guest());
      const queues = new SqsQueueService(user);
      await queues.depth(outputs['QueueUrl']!);
      await denied(queues.send(outputs['QueueUrl']!, [{ body: 'x' }]), 'sqs:SendMessage');
      await denied(new DynamoBatchStore(user).read(outputs['Table']!, 'b-1'), 'dynamodb:Query');
      await denied(
        new AwsSecretStore(user).put(outputs['SecretArn']!, 'hush'),
        'secretsmanager:PutSecretValue',
      );
      await denied(new AwsSecretStore(user).read(outputs['SecretArn']!), 'secretsmanager:GetSecretValue');
      const buckets = new S3BucketStore(user);
      await denied(buckets.buckets(), 's3:ListAllMyBuckets');
      await denied(buckets.level({ bucket: 'odd', prefix: '', max: 10 }), 's3:ListBucket');
      await denied(all(buckets.pages({ bucket: 'odd', prefix: '' })), 's3:ListBucket');
      assert.equal((await all(buckets.pages({ bucket: 'odd', prefix: 'in/' }))).length, 1);
      const stacks = new CloudFormationStackService(user);
      await denied(stacks.describe('fixture'), 'cloudformation:DescribeStacks');
      await denied(stacks.list(), 'cloudformation:ListStacks');
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
        const known = new StsIdentity(openClients({ region: REGION, profile: 'p' }));
        assert.equal((await known.caller()).account, '000000000000');
        const unknown = new StsIdentity(openClients({ region: REGION, profile: 'nobody' }));
        await fails(unknown.caller(), 'no-credentials', /There is no AWS profile "nobody"/);
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
