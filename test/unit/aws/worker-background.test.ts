import assert from 'node:assert/strict';
import { join } from 'node:path';
import { enqueuePrefix } from '../../../src/app/batch/enqueue-prefix.ts';
import { planEnqueue } from '../../../src/app/batch/plan-enqueue.ts';
import type { Credentials } from '../../../src/aws/connection.ts';
import type { SdkCredentials } from '../../../src/aws/credentials/sdk-credentials.ts';
import { createServices } from '../../../src/aws/services.ts';
import { WorkerBackground } from '../../../src/aws/worker-background.ts';
import { AwsError, isAbort, MediaBatchError } from '../../../src/core/errors.ts';
import type { StackOutputs } from '../../../src/core/stack/stack-contract.ts';
import { LoopbackAws } from '../../helpers/loopback-aws.ts';

const SRC = join(import.meta.dirname, '../../../src');
const FILES = { enqueue: join(SRC, 'enqueue-thread.ts'), send: join(SRC, 'aws/send-thread.ts') };
const NO_FILE = join(SRC, 'no-such-thread.ts');
const HERE: Credentials = { accessKeyId: 'AKIDHERE', secretAccessKey: 'secret' };
const LIMITS = { maxOldGenerationSizeMb: 64 };
const PIPELINE = {
  resultsTable: 'results',
  workQueueUrl: 'http://localhost/000000000000/work',
  connectionId: '',
} as StackOutputs;
const PLACE = { bucket: 'media', prefix: '', job: { kind: 'video' as const, options: {} } };

/** @returns keys in pages, as a listing has them */
function pages(count: number, size: number): string[][] {
  const name = (i: number): string => `${String(i).padStart(6, '0')}.mp4`;
  return Array.from({ length: count }, (_, page) =>
    Array.from({ length: size }, (__, i) => name(page * size + i)),
  );
}

describe('work in a worker thread', function () {
  this.timeout(60_000);
  let aws: LoopbackAws;
  let background: WorkerBackground;

  beforeEach(async () => {
    aws = await LoopbackAws.start();
    aws.pages = pages(5, 3);
  });

  afterEach(async () => {
    background.giveUp();
    await aws.stop();
  });

  /** The gateways of this thread, and a worker thread that signs with other keys. */
  const open = (
    credentials: () => Promise<SdkCredentials> = async () => ({ ...HERE, accessKeyId: 'AKIDTHREAD' }),
    { files = FILES, endpoint = aws.endpoint } = {},
  ) => {
    const connection = { region: 'us-east-1', endpoint };
    const { enqueue: file, send } = files;
    background = new WorkerBackground({
      file,
      data: { connection, file: send },
      credentials,
      limits: LIMITS,
    });
    const here = createServices({ region: 'us-east-1', endpoint: aws.endpoint, credentials: HERE });
    return { ...here, background };
  };

  it('lists and sends with the credentials of the main thread, and gives back dates, numbers and maps', async () => {
    const services = open();
    const plan = await planEnqueue(PLACE, PIPELINE, services);
    assert.deepEqual([plan.files, plan.bytes, plan.notes.extensions], [15, 105, new Map([['mp4', 15]])]);
    const { sent, listed } = await enqueuePrefix(PLACE, PIPELINE, services);
    assert.deepEqual([sent, listed], [15, 15]);
    assert.deepEqual(aws.sent.toSorted(), aws.pages.flat());
    assert.deepEqual(
      [...new Set(aws.requests.map(({ signer }) => signer))],
      ['AKIDTHREAD'],
      'no request is made in the main thread',
    );
  });

  it('shares its sends with another thread where there are many, each key once', async () => {
    aws.pages = pages(20, 500);
    // The sends of the first thread wait until the other one has made some.
    let first: string | undefined;
    const second = Promise.withResolvers<undefined>();
    aws.before = async ({ operation, signer }) => {
      if (operation !== 'SendMessageBatch') return false;
      first ??= signer;
      if (signer === first) await second.promise;
      else second.resolve(undefined);
      return false;
    };
    let asked = 0;
    const services = open(async () => ({ ...HERE, accessKeyId: `AKID${(asked += 1)}` }));
    const { sent } = await enqueuePrefix(PLACE, PIPELINE, services);
    assert.equal(sent, 10_000);
    assert.deepEqual(aws.sent.toSorted(), aws.pages.flat());
    assert.equal(aws.signers('SendMessageBatch').length, 2, 'each thread asks for its credentials');
    assert.equal(aws.signers('ListObjectsV2').length, 1);
  });

  it('has 64 sends at AWS at once, and none more', async () => {
    aws.pages = pages(20, 500);
    // A send that finds no free connection makes one.
    const connections = new Set<unknown>();
    const full = Promise.withResolvers<undefined>();
    aws.before = async ({ operation }, { socket }) => {
      if (operation !== 'SendMessageBatch') return false;
      connections.add(socket);
      if (connections.size === 64) full.resolve(undefined);
      await full.promise;
      return false;
    };
    assert.equal((await enqueuePrefix(PLACE, PIPELINE, open())).sent, 10_000);
    assert.equal(connections.size, 64);
  });

  it('sends alone where the other thread cannot start', async () => {
    aws.pages = pages(4, 500);
    const services = open(undefined, { files: { ...FILES, send: NO_FILE } });
    assert.equal((await enqueuePrefix(PLACE, PIPELINE, services)).sent, 2_000);
    assert.deepEqual(aws.sent.toSorted(), aws.pages.flat());
    assert.ok(background.isUsable);
  });

  it('asks for a login through the main thread, and for credentials that expire', async () => {
    let isLoggedIn = false;
    let asked = 0;
    const services = open(async () => {
      asked += 1;
      const login = { operation: 'sts:Login', awsCode: 'ExpiredToken' };
      if (!isLoggedIn) throw new AwsError('expired-login', 'Log in.', login);
      return { ...HERE, accessKeyId: `AKID${asked}`, expiration: new Date(Date.now() + 1_000) };
    });
    await assert.rejects(planEnqueue(PLACE, PIPELINE, services), (error) => {
      assert.ok(error instanceof AwsError);
      assert.deepEqual(
        [error.code, error.message, error.operation],
        ['expired-login', 'Log in.', 'sts:Login'],
      );
      return true;
    });
    const onExpired = async (): Promise<void> => {
      isLoggedIn = true;
    };
    assert.equal((await enqueuePrefix(PLACE, PIPELINE, services, { onExpired })).sent, 15);
    const before = asked;
    await planEnqueue(PLACE, PIPELINE, services);
    assert.ok(asked > before, 'what is about to expire is asked for again');
  });

  it('raises the errors of the gateways, and the thread does the next work', async () => {
    const services = open();
    aws.before = ({ operation }, response) => {
      if (operation !== 'SendMessageBatch') return false;
      response.writeHead(400, { 'x-amzn-errortype': 'AWS.SimpleQueueService.NonExistentQueue' });
      response.end(JSON.stringify({ __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'no queue' }));
      return true;
    };
    await assert.rejects(enqueuePrefix(PLACE, PIPELINE, services), (error) => {
      assert.ok(error instanceof MediaBatchError && error.code === 'enqueue-incomplete');
      assert.ok(error.cause instanceof AwsError);
      assert.deepEqual([error.cause.code, error.cause.operation], ['not-found', 'sqs:SendMessageBatch']);
      return true;
    });
    aws.before = () => false;
    assert.equal((await enqueuePrefix(PLACE, PIPELINE, services)).sent, 15);
  });

  it('ends when it is cancelled, with its requests, and the thread does the next work', async () => {
    const services = open();
    const control = new AbortController();
    const closed = Promise.withResolvers<undefined>();
    aws.before = ({ operation }, response) => {
      if (operation !== 'SendMessageBatch') return false;
      response.once('close', () => {
        closed.resolve(undefined);
      });
      control.abort();
      return true;
    };
    await assert.rejects(enqueuePrefix(PLACE, PIPELINE, services, { signal: control.signal }), isAbort);
    await closed.promise;
    aws.before = () => false;
    assert.equal((await enqueuePrefix(PLACE, PIPELINE, services)).sent, 15);
    await assert.rejects(planEnqueue(PLACE, PIPELINE, services, { signal: AbortSignal.abort() }), isAbort);
  });

  it('is done in this thread where there are no worker threads', async () => {
    const services = open(undefined, { files: { ...FILES, enqueue: NO_FILE } });
    assert.equal((await enqueuePrefix(PLACE, PIPELINE, services)).sent, 15);
    assert.deepEqual([aws.signers('SendMessageBatch'), background.isUsable], [['AKIDHERE'], false]);
  });

  it('is done in this thread where only it reaches AWS, as behind a proxy of the editor', async () => {
    const services = open(undefined, { endpoint: 'http://127.0.0.1:9' });
    assert.equal((await planEnqueue(PLACE, PIPELINE, services)).files, 15);
    assert.deepEqual([aws.signers('ListObjectsV2'), background.isUsable], [['AKIDHERE'], false]);
  });

  it('goes on in this thread when the worker thread ends', async () => {
    const services = open();
    let sends = 0;
    aws.before = ({ operation }) => {
      if (operation === 'SendMessageBatch' && (sends += 1) === 2) background.giveUp();
      return false;
    };
    assert.equal((await enqueuePrefix(PLACE, PIPELINE, services)).sent, 15);
    assert.deepEqual([...new Set(aws.sent)].toSorted(), aws.pages.flat());
    assert.ok(aws.signers('SendMessageBatch').includes('AKIDHERE'));
  });
});
