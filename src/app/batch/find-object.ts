import type { BucketStore, S3Object } from '../../core/files/bucket-store.ts';
import type { S3Location } from '../../core/files/s3-location.ts';

/**
 * Looks up one object in the listing of its bucket, which needs no other right than an enqueue of a prefix.
 * @returns undefined where there is none, and for a key that ends in a slash
 * @throws AwsError, the signal's reason
 */
export async function findObject(
  { bucket, key }: S3Location,
  buckets: Pick<BucketStore, 'level'>,
  signal: AbortSignal | undefined,
): Promise<S3Object | undefined> {
  // Of all keys that begin with a key, S3 lists that key first.
  const { objects } = await buckets.level({ bucket, prefix: key, max: 1 }, signal);
  return objects.find((object) => object.key === key);
}
