import { createHmac, timingSafeEqual } from 'node:crypto';
import type { BatchFile } from '../files/batch-file.ts';

/** What a webhook address is about: a file in its batch, and the paid run of its job. */
export interface AddressedRun {
  readonly file: BatchFile;
  /** 1 for the first paid run */
  readonly run: number;
}

/**
 * The path of a job's webhook URL. It names the file and the run, and it proves that this stack made the URL.
 * @param key the stack's signing key
 * @param run 1 for the first paid run; a later one is named after the batch, as in `<batch>~2`
 * @returns `<batch>/<source>/<signature>`, each part safe in a URL path
 */
export function webhookPath(key: string, file: BatchFile, run: number): string {
  // No batch id contains "~", so a run cannot look like a batch of its own.
  const batch = run === 1 ? file.batch : `${file.batch}~${run}`;
  const source = Buffer.from(`${file.bucket}/${file.key}`).toString('base64url');
  return `${batch}/${source}/${sign(key, batch, source)}`;
}

/**
 * Reads a webhook path that this stack signed.
 * @param keys every key that is valid; each is tried, so that the time does not tell which one has signed
 * @returns undefined when the signature was made with none of the keys
 */
export function readWebhookPath(
  keys: readonly string[],
  path: { batch: string; source: string; signature: string },
): AddressedRun | undefined {
  const matches = keys.filter((key) => sameText(path.signature, sign(key, path.batch, path.source)));
  if (matches.length === 0) return undefined;
  const [batch = '', run = '1'] = path.batch.split('~');
  const file = Buffer.from(path.source, 'base64url').toString();
  const slash = file.indexOf('/');
  return { file: { batch, bucket: file.slice(0, slash), key: file.slice(slash + 1) }, run: Number(run) };
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

function sign(key: string, batch: string, source: string): string {
  return createHmac('sha256', key).update(`${batch}/${source}`).digest('base64url');
}

/** Compares in constant time, so that response times reveal nothing about the signature. */
function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
