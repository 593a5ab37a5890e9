import {
  HeadBucketCommand,
  ListObjectsV2Command,
  S3Client,
  type ListObjectsV2CommandOutput,
  type _Object,
} from '@aws-sdk/client-s3';
import { AwsError } from '../core/errors.ts';
import type { BucketStore, S3Object } from '../core/ports.ts';
import { abortable, type AwsClients, type ServiceCaller } from './connection.ts';
import type { SdkFailure } from './sdk-failure.ts';

interface Listing {
  readonly bucket: string;
  readonly prefix: string;
  readonly startAfter?: string | undefined;
}

/** Reads buckets in whatever region they lie, with no right but s3:ListBucket. */
export class S3BucketStore implements BucketStore {
  readonly #s3: ServiceCaller<S3Client>;
  readonly #home: string;
  /** a bucket's region never changes while it exists */
  readonly #regions = new Map<string, string>();

  /** @param clients the connection's shared clients */
  constructor(clients: AwsClients) {
    this.#home = clients.connection.region;
    this.#s3 = clients.service(
      's3',
      // A custom endpoint has no DNS name for each bucket.
      (config) => new S3Client({ ...config, forcePathStyle: config.endpoint !== undefined }),
    );
  }

  /** See BucketStore; S3 names the region even where it answers 301, 400 or 403 (HeadBucket, "x-amz-bucket-region"). */
  async region(bucket: string, signal?: AbortSignal): Promise<string> {
    return this.#locate(bucket, regionHeader, signal);
  }

  /** See BucketStore; the listing runs in the bucket's own region, and keys are exact whatever characters they have. */
  async *pages(query: Listing, signal?: AbortSignal): AsyncIterable<readonly S3Object[]> {
    // A policy may allow one prefix only: then HeadBucket is denied although the listing is not.
    const region = await this.#locate(
      query.bucket,
      (failure) => regionHeader(failure) ?? (failure.status === 403 ? this.#home : undefined),
      signal,
    );
    let token: string | undefined;
    do {
      const page = await this.#list(region, query, token, signal);
      yield page.objects;
      token = page.next;
    } while (token !== undefined);
  }

  async #locate(
    bucket: string,
    recover: (failure: SdkFailure) => string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const known = this.#regions.get(bucket);
    if (known !== undefined) return known;
    const region = await this.#s3.call(
      'HeadBucket',
      async (s3) =>
        (await s3.send(new HeadBucketCommand({ Bucket: bucket }), abortable(signal))).BucketRegion,
      { subject: `bucket "${bucket}"`, recover },
    );
    this.#regions.set(bucket, region ?? this.#home);
    return region ?? this.#home;
  }

  async #list(
    region: string,
    { bucket, prefix, startAfter }: Listing,
    token: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ objects: S3Object[]; next: string | undefined }> {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      // Keys may hold characters that XML cannot.
      EncodingType: 'url',
      OptionalObjectAttributes: ['RestoreStatus'],
      StartAfter: startAfter,
      ContinuationToken: token,
    });
    return this.#s3.call(
      'ListObjectsV2',
      async (s3) => {
        const output = await s3.send(command, abortable(signal));
        return { objects: (output.Contents ?? []).map(toObject), next: nextToken(output) };
      },
      { region, subject: `bucket "${bucket}"` },
    );
  }
}

function regionHeader(failure: SdkFailure): string | undefined {
  return failure.status === 404 ? undefined : failure.headers['x-amz-bucket-region'];
}

/** A truncated page without a token would end the walk early, and files would be lost without a word. */
function nextToken(output: ListObjectsV2CommandOutput): string | undefined {
  if (output.IsTruncated !== true) return undefined;
  if (output.NextContinuationToken !== undefined) return output.NextContinuationToken;
  throw new AwsError(
    'aws',
    'The object store says that there are more files but not how to go on: try again.',
    {
      operation: 's3:ListObjectsV2',
      awsCode: 'NoContinuationToken',
    },
  );
}

function toObject(object: _Object): S3Object {
  const restore = object.RestoreStatus;
  return {
    key: decodeKey(object.Key ?? ''),
    size: object.Size ?? 0,
    etag: (object.ETag ?? '').replaceAll('"', ''),
    lastModified: object.LastModified,
    storageClass: object.StorageClass,
    restored: restore?.IsRestoreInProgress !== true && restore?.RestoreExpiryDate !== undefined,
  };
}

/** S3 encodes keys as forms do: a space is `+`, a plus is `%2B`. */
function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}
