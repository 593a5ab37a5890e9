import type { BucketStore, S3Object } from '../../core/files/bucket-store.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';

/** A page of the files that an enqueue looks at. */
export interface SourcePage {
  readonly files: readonly S3Object[];
  /** the position of the source after this page; the batch's checkpoint keeps it as `lastKey` */
  readonly position: string;
}

/**
 * The source of an enqueue's files: a listing, a list of keys, the failed files of a batch. All files are in the
 * batch's bucket and come in the same order each time.
 */
export interface FileSource {
  /** @param after the position to continue after; empty: from the beginning */
  pages(after: string, signal?: AbortSignal): AsyncIterable<SourcePage>;
}

/** @returns the objects under a prefix as S3 lists them; the position is the last key */
export function listing(place: S3Prefix, buckets: Pick<BucketStore, 'pages'>): FileSource {
  return {
    async *pages(after, signal) {
      let position = after;
      const { bucket, prefix } = place;
      for await (const files of buckets.pages({ bucket, prefix, startAfter: after || undefined }, signal)) {
        position = files.at(-1)?.key ?? position;
        yield { files, position };
      }
    },
  };
}
