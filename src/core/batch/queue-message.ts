import type { BatchFile } from '../files/batch-file.ts';
import { InvalidInputError } from '../errors.ts';
import { fieldsOf, isAmount, isText, type Fields } from '../foreign-json.ts';
import { checkBucket, MAX_KEY_BYTES } from '../files/s3-location.ts';

/** One file's message in the work queue. */
export interface QueueMessage extends BatchFile {
  readonly etag?: string;
  /** bytes */
  readonly size?: number;
}

/** The batch of bare `{"bucket","key"}` messages, as the published guide sends them. */
export const DEFAULT_BATCH = 'default';

// A batch id is also a MessageGroupId (<= 128 characters), part of a URL path and of a partition key.
const BATCH_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/**
 * Writes the body of a work-queue message.
 * @returns JSON of version 1, at most about 2.5 kB, with only characters that SQS accepts
 */
export function encodeQueueMessage(message: QueueMessage): string {
  const { batch, bucket, key, etag, size } = message;
  return escapeForSqs(JSON.stringify({ v: 1, batch, bucket, key, etag, size }));
}

/** S3's ETags have at most 40 characters; one is part of a sort key, which DynamoDB limits to 1,024 bytes. */
const ETAG = /^[\x21-\x7E]{0,128}$/;

/** SQS refuses U+FFFE and U+FFFF, which JSON.stringify leaves as they are (SQS API, SendMessage). */
function escapeForSqs(json: string): string {
  return json.replace(/[\uFFFE\uFFFF]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}

/**
 * Reads a work-queue message: ours (version 1) or the guide's bare `{"bucket","key"}`.
 * @param body the message body, of any origin
 * @returns the file and its batch
 * @throws InvalidInputError naming what is wrong; such a message belongs in the dead-letter queue
 */
export function decodeQueueMessage(body: string): QueueMessage {
  const fields = parseObject(body);
  if (fields['v'] !== undefined && fields['v'] !== 1) {
    throw new InvalidInputError(
      'v',
      `The message has version ${versionText(fields['v'])}: this stack reads version 1, so update the stack.`,
    );
  }
  const { bucket, key, batch, etag, size } = fields;
  if (!isText(bucket)) throw new InvalidInputError('bucket', 'The message names no bucket.');
  if (!isText(key) || key === '') throw new InvalidInputError('key', 'The message names no key.');
  if (!key.isWellFormed())
    throw new InvalidInputError('key', 'The key is not valid Unicode, which S3 requires.');
  if (Buffer.byteLength(key) > MAX_KEY_BYTES)
    throw new InvalidInputError('key', 'The key is longer than the 1,024 bytes S3 allows.');
  if (isText(etag) && !ETAG.test(etag))
    throw new InvalidInputError('etag', 'The ETag is none of S3: leave it out.');
  return {
    batch: checkBatchId(batch ?? DEFAULT_BATCH),
    bucket: checkBucket(bucket),
    key,
    // Some stores give no ETag.
    ...(isText(etag) && etag !== '' && { etag }),
    ...(isAmount(size) && { size }),
  };
}

/** An untrusted version may be a megabyte long, or nested too deeply for JSON.stringify. */
function versionText(version: unknown): string {
  return typeof version === 'number' || typeof version === 'string'
    ? String(version).slice(0, 20)
    : 'of no known form';
}

function parseObject(body: string): Fields {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (cause) {
    throw new InvalidInputError('body', 'The message is not JSON.', { cause });
  }
  const fields = fieldsOf(parsed);
  if (!fields)
    throw new InvalidInputError('body', 'The message is not a JSON object with "bucket" and "key".');
  return fields;
}

/**
 * @param batch a batch id of any origin
 * @returns the same id
 * @throws InvalidInputError when it is not 1 to 64 letters, digits, `-` and `_`
 */
export function checkBatchId(batch: unknown): string {
  if (!isText(batch) || !BATCH_ID.test(batch)) {
    throw new InvalidInputError(
      'batch',
      'A batch id is 1 to 64 letters, digits, "-" and "_", and starts with a letter or digit.',
    );
  }
  return batch;
}
