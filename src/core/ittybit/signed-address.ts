import { createHmac, timingSafeEqual } from 'node:crypto';
import type { BatchFile } from '../files/batch-file.ts';

/**
 * The path of a job's webhook URL. It names the file, and it proves that this stack made the URL.
 * @param secret the stack's signing secret
 * @returns `<batch>/<source>/<signature>`, each part safe in a URL path
 */
export function webhookPath(secret: string, file: BatchFile): string {
  const source = Buffer.from(`${file.bucket}/${file.key}`).toString('base64url');
  return `${file.batch}/${source}/${sign(secret, file.batch, source)}`;
}

/**
 * Reads a webhook path that this stack signed.
 * @returns the file in its batch; undefined when the signature was not made with this secret
 */
export function readWebhookPath(
  secret: string,
  path: { batch: string; source: string; signature: string },
): BatchFile | undefined {
  if (!sameText(path.signature, sign(secret, path.batch, path.source))) return undefined;
  const file = Buffer.from(path.source, 'base64url').toString();
  const slash = file.indexOf('/');
  return { batch: path.batch, bucket: file.slice(0, slash), key: file.slice(slash + 1) };
}

/**
 * Checks `Ittybit-Signature`: bare hex HMAC-SHA256 of the raw body (Ittybit guides, Laravel webhooks). A `sha256=`
 * prefix is accepted.
 * @param header the header's value, undefined where the request has none
 */
export function isBodySignature(secret: string, rawBody: Buffer, header: string | undefined): boolean {
  if (!header) return false;
  const expected = createHmac('sha256', secret).update(rawBody).digest('hex');
  return sameText(header.replace(/^sha256=/i, '').toLowerCase(), expected);
}

function sign(secret: string, batch: string, source: string): string {
  return createHmac('sha256', secret).update(`${batch}/${source}`).digest('base64url');
}

/** Compares in constant time, so that response times reveal nothing about the signature. */
function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
