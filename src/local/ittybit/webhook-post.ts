import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** The value of `Ittybit-Signature`: lowercase hex of HMAC-SHA256 over the raw body, without a prefix. */
export function webhookSignature(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/**
 * POSTs `body` (JSON text) once and returns the status that came back; it follows no redirects. A `*.localhost` host is
 * reached at 127.0.0.1 with its own `Host` header, because names below `localhost` may not resolve.
 * Rejects when the connection fails or `signal` aborts.
 */
export async function postWebhook(
  target: string,
  body: string,
  secret: string | undefined,
  signal: AbortSignal,
): Promise<number> {
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
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Ittybit-Webhooks',
      ...(secret === undefined ? {} : { 'ittybit-signature': webhookSignature(body, secret) }),
    },
  });
  request.on('error', reject);
  request.on('response', (response) => {
    response.on('error', reject);
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  request.end(body);
  return promise;
}
