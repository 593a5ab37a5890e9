import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before the emulator and knows what the extension asked it. */
export interface RecordingProxy {
  /** the endpoint to give to the extension */
  readonly url: string;
  /** what was asked so far, such as `sqs:GetQueueAttributes`; S3 and Lambda, which name no operation, as `s3:GET /bucket` */
  readonly requests: string[];
  /** True: connections are closed without an answer, as without a network. */
  cut: boolean;
  /** Answers in the emulator's place where it gives something. */
  instead: ((call: ProxyCall) => ProxyAnswer | undefined | Promise<ProxyAnswer | undefined>) | undefined;
  stop(): Promise<void>;
}

/** A request to AWS. */
export interface ProxyCall {
  /** as in `RecordingProxy.requests` */
  readonly operation: string;
  readonly method: string;
  readonly url: URL;
  /** that the request is signed for */
  readonly region: string;
}

export interface ProxyAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @param target such as `http://localhost:4566` */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const requests: string[] = [];
  const proxy: Omit<RecordingProxy, 'url' | 'stop'> = { requests, cut: false, instead: undefined };
  const server = createServer((incoming, answer) => {
    if (proxy.cut) {
      incoming.destroy();
      return;
    }
    pass(incoming, answer, target, proxy).catch(() => {
      // The emulator or the caller went away: the caller sees a broken connection, as it would without us.
      answer.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(proxy, {
    url: `http://localhost:${port}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
}

async function pass(
  incoming: IncomingMessage,
  answer: ServerResponse,
  target: string,
  { requests, instead }: Pick<RecordingProxy, 'requests' | 'instead'>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const operation = operationOf(incoming, body);
  requests.push(operation);
  const { method = 'GET', headers, url = '/' } = incoming;
  const other = await instead?.({ operation, method, url: new URL(url, target), region: regionOf(headers) });
  if (other) {
    answer.writeHead(other.status, other.headers).end(method === 'HEAD' ? undefined : other.body);
    return;
  }
  const outgoing = send(new URL(url, target), { method, headers });
  outgoing.end(body);
  const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
  answer.writeHead(reply.statusCode ?? 502, reply.headers);
  for await (const chunk of reply) answer.write(chunk);
  answer.end();
}

function regionOf({ authorization = '' }: IncomingMessage['headers']): string {
  return /Credential=[^/]+\/[^/]+\/([^/]+)\//.exec(authorization)?.[1] ?? '';
}

/** The service is in the signature's scope; the operation is in a header, or in a form, or in the path. */
function operationOf({ headers, method = '', url = '' }: IncomingMessage, body: Buffer): string {
  const service =
    /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'unsigned';
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return `${service}:${target.split('.').at(-1) ?? ''}`;
  const action = /(?:^|&)Action=(\w+)/.exec(body.toString('latin1'))?.[1];
  return `${service}:${action ?? `${method} ${url.split('?', 1)[0] ?? ''}`}`;
}
