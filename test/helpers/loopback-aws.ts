import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A request as the service saw it. */
export interface LoopbackRequest {
  /** the key id that it is signed with */
  readonly signer: string;
  /** the operation, such as `SendMessageBatch` */
  readonly operation: string;
}

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
}

/** A service in this process that answers as S3, SQS and an empty DynamoDB do. */
export class LoopbackAws {
  readonly requests: LoopbackRequest[] = [];
  /** the keys of the messages that it has confirmed */
  readonly sent: string[] = [];
  /** the listing: pages of keys */
  pages: readonly (readonly string[])[] = [];
  /** runs before a request is answered, and may answer it or wait; true: it is answered */
  before: (request: LoopbackRequest, response: ServerResponse) => Promise<boolean> | boolean = () => false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<LoopbackAws> {
    const aws = new LoopbackAws();
    await new Promise<void>((resolve) => aws.#server.listen(0, '127.0.0.1', resolve));
    return aws;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** who has signed the requests of an operation */
  signers(operation: string): string[] {
    const found = this.requests.filter((request) => request.operation === operation);
    return [...new Set(found.map(({ signer }) => signer))].toSorted();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const signer = /Credential=(\w+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const target = String(request.headers['x-amz-target'] ?? '').split('.')[1];
    const listed = request.method === 'HEAD' ? 'HeadBucket' : 'ListObjectsV2';
    const seen = { signer, operation: target ?? listed };
    this.requests.push(seen);
    response.setHeader('x-amz-bucket-region', 'us-east-1');
    const body = target === undefined ? {} : await json(request);
    if (await this.before(seen, response)) return;
    if (seen.operation === 'HeadBucket') response.end();
    else if (seen.operation === 'ListObjectsV2') response.end(this.#page(request.url ?? ''));
    else if (target === 'SendMessageBatch') response.end(this.#take((body as { Entries: Entry[] }).Entries));
    else response.end('{}');
  }

  #take(entries: readonly Entry[]): string {
    for (const { MessageBody } of entries) this.sent.push((JSON.parse(MessageBody) as { key: string }).key);
    return JSON.stringify({ Successful: entries.map(({ Id }) => ({ Id, MessageId: Id })), Failed: [] });
  }

  /** The stores of S3 write the token before the keys. */
  #page(url: string): string {
    const at = Number(new URL(url, this.endpoint).searchParams.get('continuation-token') ?? 0);
    const isCut = at < this.pages.length - 1;
    const token = isCut ? `<NextContinuationToken>${at + 1}</NextContinuationToken>` : '';
    const objects = (this.pages[at] ?? []).map(
      (key) =>
        `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>7</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    );
    return `<ListBucketResult>${token}<EncodingType>url</EncodingType><IsTruncated>${isCut}</IsTruncated>${objects.join('')}</ListBucketResult>`;
  }
}
