import { InvalidInputError } from '../errors.ts';

/** One object. The key is kept raw (never trimmed, decoded or normalised), because each byte of an S3 key counts. */
export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/** The objects of a bucket whose keys begin with a prefix. */
export interface S3Prefix {
  readonly bucket: string;
  /** raw, as a key is; empty for the whole bucket */
  readonly prefix: string;
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; upper case and `_` are old us-east-1 names.
export const BUCKET_NAME = '[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]';
/**
 * Endings that AWS reserves for other kinds of buckets (the same page): directory buckets of S3 Express and their access
 * points, and table buckets.
 */
const DIRECTORY_BUCKET = /--xa?-s3$/i;
const TABLE_BUCKET = /--table-s3$/i;
/** Longest key in UTF-8 bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const MAX_KEY_BYTES = 1024;

/**
 * The address of an object, in the form of Ittybit's `input` and of the table's partition key.
 * @returns `s3://bucket/key` with the raw key (Ittybit documents no encoding)
 */
export function s3Uri({ bucket, key }: S3Location): string {
  return `s3://${bucket}/${key}`;
}

/** @returns such as `s3://film-archive/1999/`, raw */
export function prefixUri({ bucket, prefix }: S3Prefix): string {
  return s3Uri({ bucket, key: prefix });
}

/**
 * Reads `s3://bucket/prefix`, `bucket/prefix` or `bucket`.
 * @param text what the user typed
 * @throws InvalidInputError when the bucket part cannot be the name of a bucket that is listed in order
 */
export function parseS3Prefix(text: string): S3Prefix {
  const path = text.replace(/^s3:\/\//i, '');
  const slash = path.indexOf('/');
  const bucket = slash < 0 ? path : path.slice(0, slash);
  return { bucket: checkListable(bucket), prefix: slash < 0 ? '' : path.slice(slash + 1) };
}

/**
 * @param bucket a bucket's name
 * @returns the same name
 * @throws InvalidInputError for a name that no S3 bucket can have
 */
export function checkBucket(bucket: string): string {
  if (!new RegExp(`^${BUCKET_NAME}$`).test(bucket)) {
    throw new InvalidInputError(
      'bucket',
      `"${bucket}" is not a bucket name: give 3 to 255 letters, digits, dots and hyphens.`,
    );
  }
  return bucket;
}

/**
 * @param bucket a bucket whose files are to be listed
 * @returns the same name
 * @throws InvalidInputError as `checkBucket`, and for a kind of bucket that cannot be listed in order
 */
export function checkListable(bucket: string): string {
  checkBucket(bucket);
  if (DIRECTORY_BUCKET.test(bucket)) {
    throw new InvalidInputError(
      'bucket',
      `"${bucket}" is a directory bucket of S3 Express, which lists its files in no order, so an interrupted enqueue would miss some: copy them to a general purpose bucket.`,
    );
  }
  if (TABLE_BUCKET.test(bucket)) {
    throw new InvalidInputError(
      'bucket',
      `"${bucket}" is a table bucket, which holds no files: choose a general purpose bucket.`,
    );
  }
  return bucket;
}
