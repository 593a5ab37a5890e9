import {
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
  type _Object,
} from '@aws-sdk/client-s3';
import { AwsError } from '../core/errors.ts';
import type { S3Object } from '../core/files/bucket-store.ts';
import type { S3Prefix } from '../core/files/s3-location.ts';
import type { EarlyReader } from './listing-answer.ts';

/** What a listing shows. */
export interface Listing extends S3Prefix {
  readonly startAfter?: string | undefined;
  /** cuts the keys into levels */
  readonly delimiter?: string;
  readonly max?: number;
}

/** A page of a listing. */
export interface ListedPage {
  readonly objects: S3Object[];
  readonly prefixes: string[];
  readonly next: string | undefined;
}

export interface ListHow {
  readonly abortSignal?: AbortSignal;
  readonly onToken?: EarlyReader['onToken'];
  /** reads an answer before the SDK's parser does; absent: that reads all of it */
  readonly readEarly?: (command: ListObjectsV2Command, reader: EarlyReader) => void;
}

/**
 * Lists one page of at most 1,000 objects, with exact keys.
 * @param how its signal, and who hears early where the next page begins
 * @throws AwsError for a page that does not say how to continue; otherwise the SDK's own error
 */
export async function listObjects(
  s3: S3Client,
  { bucket, prefix, startAfter, delimiter, max }: Listing,
  token: string | undefined,
  { onToken = () => undefined, readEarly, ...options }: ListHow = {},
): Promise<ListedPage> {
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: prefix,
    Delimiter: delimiter,
    MaxKeys: max,
    // Keys may hold characters that XML cannot.
    EncodingType: 'url',
    OptionalObjectAttributes: ['RestoreStatus'],
    StartAfter: startAfter,
    ContinuationToken: token,
  });
  let contents: readonly _Object[] = [];
  readEarly?.(command, { onToken, onContents: (early) => (contents = early) });
  const output = await s3.send(command, options);
  const decode = output.EncodingType === 'url' ? decodeKey : readableKey;
  const prefixes = (output.CommonPrefixes ?? []).map(({ Prefix = '' }) => decode(Prefix));
  return {
    objects: (output.Contents ?? contents).map((object) => toObject(object, decode)),
    prefixes: prefixes.filter((name) => name !== ''),
    next: nextToken(output),
  };
}

/** A truncated page without a token would end the listing early, and files would be missed silently. */
function nextToken(output: ListObjectsV2CommandOutput): string | undefined {
  if (output.IsTruncated !== true) return undefined;
  if (output.NextContinuationToken !== undefined) return output.NextContinuationToken;
  throw new AwsError(
    'aws',
    'The object store says that there are more files but not how to continue: try again.',
    {
      operation: 's3:ListObjectsV2',
      awsCode: 'NoContinuationToken',
    },
  );
}

function toObject(object: _Object, decode: (key: string) => string): S3Object {
  const key = decode(object.Key ?? '');
  if (key === '') return UNREADABLE;
  const restore = object.RestoreStatus;
  const restoring = restore?.IsRestoreInProgress === true;
  return {
    key,
    size: object.Size ?? 0,
    etag: (object.ETag ?? '').replaceAll('"', ''),
    lastModified: object.LastModified,
    storageClass: object.StorageClass,
    restoring,
    restoredUntil: restoring ? undefined : restore?.RestoreExpiryDate,
  };
}

/** Stands for every object whose key cannot be read; one is enough, however many there are. */
const UNREADABLE: S3Object = {
  key: '',
  size: 0,
  etag: '',
  lastModified: undefined,
  storageClass: undefined,
  restoring: false,
  restoredUntil: undefined,
};

/** S3 encodes keys as forms do: a space is `+`, a plus is `%2B`. @returns an empty text for what is no UTF-8 */
function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) return '';
    throw error;
  }
}

/**
 * A store that does not encode: the reader of its XML has put U+FFFD for each byte that is no UTF-8, so a key with this
 * character may not be the stored one.
 */
function readableKey(key: string): string {
  return key.includes('\uFFFD') ? '' : key;
}
