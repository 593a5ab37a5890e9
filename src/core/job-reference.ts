import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { BatchFile } from './batch-file.ts';
import type { JobOptions } from './job-options.ts';

/**
 * A stable text of any JSON value: the same value gives the same text, whatever the order of its keys.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
}

/**
 * The job reference: one paid job of one file in one batch. It is the `Idempotency-Key`, so a repeat of any kind
 * (second delivery, lost answer, redrive) finds the same job (16 to 32 characters: Ittybit API reference,
 * "Idempotency").
 * @param run 1 for the first paid run; only an explicit "retry failed job" raises it
 * @returns 32 hexadecimal characters
 */
export function jobReference(file: BatchFile, options: JobOptions, run: number): string {
  const optionsHash = createHash('sha256').update(canonicalJson(options)).digest('hex');
  // JSON keeps the parts apart: a key that contains the separator cannot pass for another file.
  const parts = JSON.stringify([file.batch, file.bucket, file.key, optionsHash, run]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}

/**
 * The path of a job's own webhook URL: it says which file is meant and proves that this stack made it.
 * @param secret the stack's signing secret
 * @returns `<batch>/<source>/<signature>`, each part safe in a URL path
 */
export function webhookPath(secret: string, file: BatchFile): string {
  const source = Buffer.from(`${file.bucket}/${file.key}`).toString('base64url');
  return `${file.batch}/${source}/${sign(secret, file.batch, source)}`;
}

/**
 * Reads a webhook path that this stack signed.
 * @returns the file in its batch, or undefined when the signature is not of this secret
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
 * Checks `Ittybit-Signature`: bare hex HMAC-SHA256 of the raw body (Ittybit guides, Laravel webhooks), a
 * `sha256=` prefix tolerated.
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

/** Compares in constant time, so that an answer's duration tells nothing about the signature. */
function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
