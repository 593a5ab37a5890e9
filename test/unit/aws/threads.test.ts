import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { AwsClients } from '../../../src/aws/connection.ts';
import type { SdkCredentials } from '../../../src/aws/credentials/sdk-credentials.ts';
import { ThreadedBucketStore, ThreadedQueueService } from '../../../src/aws/threaded-gateways.ts';
import { Threads } from '../../../src/aws/threads.ts';
import { AwsError, isAbort } from '../../../src/core/errors.ts';

const FILE = join(import.meta.dirname, '../../../src/aws/thread.ts');
const KEYS = { accessKeyId: 'AKIDMAIN', secretAccessKey: 'secret' };
const PAGES = 5;
const messages = (count: number) => Array.from({ length: count }, (_, i) => ({ body: `message ${i}` }));

describe('calls in worker threads', function () {
  this.timeout(60_000);
  let server: Server;
  let endpoint: string;
  let threads: Threads;
  /** who signed each request, and what it asked for */
  let requests: { signer: string; what: string }[];
  let hanging: ServerResponse[];
  let answerSend: (response: ServerResponse) => void;

  beforeEach(async () => {
    [requests, hanging] = [[], []];
    answerSend = (response) => {
      response.end(JSON.stringify({ Successful: [], Failed: [] }));
    };
    server = createServer((request, response) => {
      const signer = /Credential=(\w+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const url = new URL(request.url ?? '', 'http://localhost');
      const what =
        request.method === 'POST'
          ? 'send'
          : `${request.method} ${url.searchParams.get('continuation-token')}`;
      requests.push({ signer, what });
      response.setHeader('x-amz-bucket-region', 'us-east-1');
      if (request.method === 'HEAD') response.end();
      else if (request.method === 'GET')
        response.end(page(Number(url.searchParams.get('continuation-token') ?? 0)));
      else
        void json(request).then(() => {
          answerSend(response);
        });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    threads.giveUp();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const open = (
    credentials: () => Promise<SdkCredentials>,
    change: { file?: string; endpoint?: string } = {},
  ) => {
    const clients = new AwsClients({ region: 'us-east-1', endpoint, credentials: KEYS });
    const data = { region: 'us-east-1', endpoint: change.endpoint ?? endpoint };
    threads = new Threads({ file: change.file ?? FILE, data, credentials });
    return {
      buckets: new ThreadedBucketStore(clients, threads),
      queues: new ThreadedQueueService(clients, threads),
    };
  };
  const fromThread = async () => ({ ...KEYS, accessKeyId: 'AKIDTHREAD' });
  const list = async (buckets: ThreadedBucketStore, signal?: AbortSignal) => {
    const keys: string[] = [];
    for await (const objects of buckets.pages({ bucket: 'media', prefix: '' }, signal)) {
      for (const { key } of objects) keys.push(key);
    }
    return keys;
  };
  const signers = () => [...new Set(requests.map(({ signer }) => signer))];

  it('list and send with the credentials of the main thread, and give dates and numbers as they are', async () => {
    const { buckets, queues } = open(fromThread);
    for await (const [object] of buckets.pages({ bucket: 'media', prefix: '' })) {
      assert.deepEqual(object, {
        ...{ key: 'key 0', size: 7, etag: 'e', lastModified: new Date('2026-01-02T03:04:05.000Z') },
        ...{ storageClass: 'STANDARD', restoring: false, restoredUntil: undefined },
      });
      break;
    }
    assert.deepEqual(
      await list(buckets),
      Array.from({ length: PAGES }, (_, i) => `key ${i}`),
    );
    const failures = await queues.send('http://localhost/1/work', messages(2));
    assert.deepEqual(
      failures.map(({ code }) => code),
      ['NotConfirmed', 'NotConfirmed'],
    );
    assert.deepEqual(signers(), ['AKIDTHREAD']);
  });

  it('ask again for credentials that expire, and go on after a login', async () => {
    let asked = 0;
    let isLoggedIn = false;
    const { buckets, queues } = open(async () => {
      asked += 1;
      const login = { operation: 'sts:Login', awsCode: 'ExpiredToken' };
      if (!isLoggedIn) throw new AwsError('expired-login', 'Log in.', login);
      return { ...KEYS, accessKeyId: `AKID${asked}`, expiration: new Date(Date.now() + 1_000) };
    });
    await assert.rejects(list(buckets), (error) => {
      assert.ok(error instanceof AwsError);
      assert.deepEqual(
        [error.code, error.message, error.operation],
        ['expired-login', 'Log in.', 'sts:Login'],
      );
      return true;
    });
    isLoggedIn = true;
    await queues.send('http://localhost/1/work', messages(1));
    const before = asked;
    await queues.send('http://localhost/1/work', messages(1));
    assert.ok(asked > before, 'what is about to expire is asked for again');
    assert.ok(threads.isUsable);
  });

  it('raise the errors that the gateways raise', async () => {
    const { queues, buckets } = open(fromThread);
    await list(buckets);
    answerSend = (response) => {
      response.writeHead(400, { 'x-amzn-errortype': 'AWS.SimpleQueueService.NonExistentQueue' });
      response.end(JSON.stringify({ __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'no queue' }));
    };
    await assert.rejects(queues.send('http://localhost/1/work', messages(1)), (error) => {
      assert.ok(error instanceof AwsError);
      assert.deepEqual([error.code, error.operation], ['not-found', 'sqs:SendMessageBatch']);
      return true;
    });
    assert.ok(threads.isUsable, 'an error of AWS says nothing against threads');
  });

  it('end at once when they are cancelled, and the thread makes the next call', async () => {
    const { queues, buckets } = open(fromThread);
    await list(buckets);
    const control = new AbortController();
    answerSend = (response) => {
      hanging.push(response);
      control.abort();
    };
    await assert.rejects(queues.send('http://localhost/1/work', messages(1), control.signal), isAbort);
    const [response] = hanging;
    if (response && !response.closed) await new Promise((resolve) => response.once('close', resolve));
    answerSend = (answer) => answer.end('{}');
    assert.equal((await queues.send('http://localhost/1/work', messages(1))).length, 1);
    await assert.rejects(list(buckets, AbortSignal.abort()), isAbort);
  });

  it('are made in this thread where there are no worker threads', async () => {
    const { buckets, queues } = open(fromThread, { file: join(import.meta.dirname, 'no-such-file.cjs') });
    assert.equal((await list(buckets)).length, PAGES);
    assert.equal((await queues.send('http://localhost/1/work', messages(1))).length, 1);
    assert.deepEqual([signers(), threads.isUsable], [['AKIDMAIN'], false]);
  });

  it('are made in this thread where only it reaches AWS, as behind a proxy of the editor', async () => {
    const { buckets } = open(fromThread, { endpoint: 'http://127.0.0.1:9' });
    assert.equal((await list(buckets)).length, PAGES);
    assert.deepEqual([signers(), threads.isUsable], [['AKIDMAIN'], false]);
  });

  it('are not given up for an answer that is late in the middle of the first listing', async () => {
    const { buckets } = open(fromThread, {
      file: join(import.meta.dirname, '../../helpers/breaking-thread.ts'),
    });
    await assert.rejects(list(buckets), { code: 'unreachable' });
    assert.deepEqual([threads.isUsable, requests], [true, []]);
  });

  it('go on in this thread, behind the last page, when the threads end', async () => {
    const { buckets } = open(fromThread);
    const keys: string[] = [];
    for await (const [object] of buckets.pages({ bucket: 'media', prefix: '' })) {
      if (object) keys.push(object.key);
      if (keys.length === 2) threads.giveUp();
    }
    assert.deepEqual(
      keys,
      Array.from({ length: PAGES }, (_, i) => `key ${i}`),
    );
  });
});

/** One key a page; the stores of S3 write the token before the keys. */
function page(at: number): string {
  const isCut = at < PAGES - 1;
  const token = isCut ? `<NextContinuationToken>${at + 1}</NextContinuationToken>` : '';
  const object = `<Contents><Key>key+${at}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>7</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  return `<ListBucketResult>${token}<EncodingType>url</EncodingType><IsTruncated>${isCut}</IsTruncated>${object}</ListBucketResult>`;
}
