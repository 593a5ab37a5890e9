import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { gzipSync } from 'node:zlib';

/** How a webhook's JSON text is sent besides plainly: behind a byte order mark, compressed. */
export type WebhookEncoding = 'bom' | 'gzip';

export interface WebhookMessage {
  /** JSON text. */
  readonly body: string;
  /** Applied in this order. */
  readonly encodings: readonly WebhookEncoding[];
  /** Signs the bytes that are sent; undefined: no signature. */
  readonly secret: string | undefined;
}

/** The value of `Ittybit-Signature`: lowercase hex of HMAC-SHA256 over the raw body, without a prefix. */
export function webhookSignature(body: string | Buffer, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/**
 * POSTs a message once and returns the status that came back; it follows no redirects. A `*.localhost` host is
 * reached at 127.0.0.1 with its own `Host` header, because names below `localhost` may not resolve.
 * Rejects when the connection fails or `signal` aborts.
 */
export async function postWebhook(
  target: string,
  { body, encodings, secret }: WebhookMessage,
  signal: AbortSignal,
): Promise<number> {
  const bytes = encodings.reduce(encode, Buffer.from(body));
  const url = new URL(target);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = send(url, {
    method: 'POST',
    agent: false,
    signal,
    hostname: url.hostname.endsWith('.localhost') ? '127.0.0.1' : url.hostname.replace(/^\[|\]$/g, ''),
    headers: {
      host: url.host,
      'content-type': 'application/json',
      'content-length': bytes.length,
      ...(encodings.includes('gzip') ? { 'content-encoding': 'gzip' } : {}),
      'user-agent': 'Ittybit-Webhooks',
      ...(secret === undefined ? {} : { 'ittybit-signature': webhookSignature(bytes, secret) }),
    },
  });
  request.on('error', reject);
  // Whatever becomes of the connection, the caller hears of the end.
  signal.addEventListener('abort', () => {
    reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  });
  request.on('response', (response) => {
    response.on('error', reject);
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  request.end(bytes);
  return promise;
}

function encode(bytes: Buffer, encoding: WebhookEncoding): Buffer {
  return encoding === 'gzip' ? gzipSync(bytes) : Buffer.concat([Buffer.from('\uFEFF'), bytes]);
}
