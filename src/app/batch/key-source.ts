import pMap from 'p-map';
import type { BatchSource } from '../../core/batch/batch.ts';
import { MediaBatchError } from '../../core/errors.ts';
import type { BucketStore, S3Object } from '../../core/files/bucket-store.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';
import { listing, type FileSource } from './file-source.ts';
import { findObject } from './find-object.ts';
import { entriesOf, readKeyFile, type KeyEntry, type KeyFile } from './key-file.ts';

/** Entries of a page, as many as S3 lists at once. */
const PAGE = 1000;
/** Look-ups of objects under way at once: about 2 s for a page at 60 ms each. */
const LOOKUPS = 32;

/**
 * @param place where the batch's files are, and its source
 * @param keyFile the file of a source that is one
 * @returns the source of a batch's files
 * @throws InvalidInputError for a bucket that cannot be listed in order, MediaBatchError `key-file-needed` without the file
 */
export function sourceOf(
  { source, ...place }: S3Prefix & { readonly source?: BatchSource | undefined },
  buckets: Pick<BucketStore, 'pages' | 'level'>,
  keyFile?: KeyFile,
): FileSource {
  if (source === undefined) return listing(place, buckets);
  const { bucket } = place;
  if ('keys' in source) return keySource(bucket, buckets, () => Promise.resolve(entriesOf(source.keys)));
  const { file, sha256 } = source;
  if (!keyFile) {
    throw new MediaBatchError(
      'key-file-needed',
      `The files of this batch are those in ${file}: choose that file.`,
    );
  }
  return keySource(bucket, buckets, async (signal) => {
    const list = await readKeyFile(keyFile, bucket, signal);
    if (list.sha256 === sha256) return list.entries;
    throw new MediaBatchError(
      'key-file-needed',
      `${keyFile.name} has other bytes than ${file} had: choose the file as it was, or enqueue this one as a batch of its own.`,
    );
  });
}

/** The objects of a list of keys, each looked up. The position is how many entries have been handed out. */
function keySource(
  bucket: string,
  buckets: Pick<BucketStore, 'level'>,
  read: (signal?: AbortSignal) => Promise<readonly KeyEntry[]>,
): FileSource {
  return {
    async *pages(after, signal) {
      const entries = await read(signal);
      for (let from = Number(after); from < entries.length; from += PAGE) {
        const page = entries.slice(from, from + PAGE);
        const files = await pMap(page, (entry) => lookUp(bucket, entry, buckets, signal), {
          concurrency: LOOKUPS,
          ...(signal && { signal }),
        });
        yield { files, position: String(from + page.length) };
      }
    },
  };
}

async function lookUp(
  bucket: string,
  { key, flaw }: KeyEntry,
  buckets: Pick<BucketStore, 'level'>,
  signal: AbortSignal | undefined,
): Promise<S3Object> {
  if (flaw) return flawed(key, flaw);
  return (await findObject({ bucket, key }, buckets, signal)) ?? flawed(key, 'missing');
}

function flawed(key: string, flaw: NonNullable<S3Object['flaw']>): S3Object {
  return {
    key,
    flaw,
    ...{ size: 0, etag: '', lastModified: undefined, storageClass: undefined },
    ...{ restoring: false, restoredUntil: undefined },
  };
}
