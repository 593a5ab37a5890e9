/**
 * A process of its own that answers as S3, SQS and DynamoDB do, each request after a set round trip. It counts at the far
 * end what has arrived. The parent sends it a `World` and gets its address; any other message asks for the `Arrivals`.
 */
import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { earlierBatch, tableAnswer } from './responder-table.ts';
import { indexIn, keyOf, type Shape } from './shapes.ts';

/** What is answered, and how. */
export interface World {
  readonly keys: number;
  readonly shape: Shape;
  /** of each request, ms */
  readonly roundTrip: number;
  /** the share of messages that SQS names as `Failed`, 0 to 1 */
  readonly failed: number;
  /** how many of the keys an earlier batch has done */
  readonly done: number;
}

/** What has come to the far end since the world was set. */
export interface Arrivals {
  /** keys that came at least once, and messages beyond the first of a key */
  readonly keys: number;
  readonly doubles: number;
  readonly connections: number;
  /** those that carried sends */
  readonly senders: number;
  /** by operation */
  readonly requests: Readonly<Record<string, number>>;
}

const PAGE = 1000;
/** Of the smallest file, bytes. Numbered files below 64 MiB may be pieces of a stream, for which their folder is read. */
const SIZE = 100_000_000;

if (import.meta.main) serve();

function serve(): void {
  let world: World = { keys: 0, shape: 'flat', roundTrip: 0, failed: 0, done: 0 };
  let counts = new Uint8Array(0);
  let connections = 0;
  let senders = new Set<object>();
  let draws = 0;
  let requests: Record<string, number> = {};

  /** Every n-th message fails, so that each run has the same share. */
  const fails = (): boolean => {
    draws += world.failed;
    if (draws < 1) return false;
    draws -= 1;
    return true;
  };

  const send = (entries: readonly { Id: string; MessageBody: string }[]): object => {
    const answer = { Successful: [] as object[], Failed: [] as object[] };
    for (const { Id, MessageBody } of entries) {
      if (fails()) {
        answer.Failed.push({ Id, Code: 'InternalError', Message: 'try again', SenderFault: false });
        continue;
      }
      const index = indexIn((JSON.parse(MessageBody) as { key: string }).key);
      counts[index] = Math.min(255, (counts[index] ?? 0) + 1);
      const MD5OfMessageBody = hash('md5', MessageBody);
      answer.Successful.push({ Id, MessageId: Id, MD5OfMessageBody });
    }
    return answer;
  };

  const answer = async (request: IncomingMessage): Promise<{ type: string; body: string; name: string }> => {
    if (request.method === 'HEAD') return { type: 'application/xml', body: '', name: 'HeadBucket' };
    if (request.method === 'GET') {
      return { type: 'application/xml', body: page(world, request.url ?? ''), name: 'ListObjectsV2' };
    }
    const name = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const input = JSON.parse(await text(request)) as Record<string, unknown>;
    const output =
      name === 'SendMessageBatch'
        ? send(input['Entries'] as { Id: string; MessageBody: string }[])
        : tableAnswer(name, input, world);
    return { type: 'application/x-amz-json-1.0', body: JSON.stringify(output), name };
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const begun = performance.now();
    const { type, body, name } = await answer(request);
    requests[name] = (requests[name] ?? 0) + 1;
    if (name === 'SendMessageBatch') senders.add(request.socket);
    const left = world.roundTrip - (performance.now() - begun);
    setTimeout(
      () => {
        response.writeHead(200, { 'content-type': type, 'x-amz-bucket-region': 'us-east-1' }).end(body);
      },
      Math.max(0, left),
    );
  };

  const server = createServer((request, response) => void respond(request, response));
  server.keepAliveTimeout = 60_000;
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
  process.on('disconnect', () => process.exit());
  process.on('message', (message: World | 'arrivals') => {
    if (message !== 'arrivals') {
      world = message;
      counts = new Uint8Array(world.keys);
      [connections, draws, requests, senders] = [0, 0, {}, new Set()];
      earlierBatch(world);
      process.send?.('ready');
      return;
    }
    const keys = counts.reduce((sum, count) => sum + Math.min(1, count), 0);
    const doubles = counts.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
    process.send?.({ keys, doubles, connections, senders: senders.size, requests } satisfies Arrivals);
  });
}

/** A page as S3 writes it: the token comes before the keys. */
function page({ keys, shape }: World, url: string): string {
  const query = new URL(url, 'http://localhost').searchParams;
  const after = query.get('start-after');
  const start = Number(query.get('continuation-token') ?? (after ? indexIn(after) + 1 : 0));
  const end = Math.min(keys, start + PAGE);
  const isCut = end < keys;
  const contents: string[] = [];
  for (let i = start; i < end; i++) {
    contents.push(
      `<Contents><Key>${encodeURIComponent(keyOf(shape, i)).replaceAll('%2F', '/')}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;${String(i).padStart(32, '0')}&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>${SIZE + i}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    );
  }
  const token = isCut ? `<NextContinuationToken>${end}</NextContinuationToken>` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>media</Name><Prefix>uploads/</Prefix>${token}<KeyCount>${end - start}</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>${isCut}</IsTruncated>${contents.join('')}</ListBucketResult>`;
}
