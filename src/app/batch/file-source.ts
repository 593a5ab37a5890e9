import type { BucketStore, S3Object } from '../../core/files/bucket-store.ts';
import { checkListable, type S3Prefix } from '../../core/files/s3-location.ts';
import { FolderReader } from './folder-reader.ts';
import type { Patience } from './patience.ts';

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
  /** tells masters from pieces of streams by what lies beside them; absent: the source names its files one by one */
  readonly folders?: FolderReader | undefined;
  /** @param after the position to continue after; empty: from the beginning */
  pages(after: string, signal?: AbortSignal): AsyncIterable<SourcePage>;
}

/**
 * @returns the objects under a prefix as S3 lists them; the position is the last key. An object whose key cannot be read
 * is in the page of the next one that can, so that a resumed enqueue counts it once
 * @throws InvalidInputError for a bucket that cannot be listed in order
 */
export function listing(place: S3Prefix, buckets: Pick<BucketStore, 'pages' | 'level'>): FileSource {
  checkListable(place.bucket);
  return {
    folders: new FolderReader(place, buckets),
    async *pages(after, signal) {
      const { bucket, prefix } = place;
      let position = after;
      let unreadable: readonly S3Object[] = [];
      for await (const page of buckets.pages({ bucket, prefix, startAfter: after || undefined }, signal)) {
        const last = page.findLastIndex(({ key }) => key !== '');
        const files = [...unreadable, ...page.slice(0, last + 1)];
        unreadable = page.slice(last + 1);
        if (last < 0) {
          unreadable = [...files, ...unreadable];
          continue;
        }
        position = page[last]?.key ?? position;
        yield { files, position };
      }
      if (unreadable.length > 0) yield { files: unreadable, position };
    },
  };
}

/** @returns the pages of a source, which is asked again behind the last one where AWS throttles it */
export async function* patientPages(
  source: FileSource,
  after: string,
  patience: Patience,
  signal: AbortSignal | undefined,
): AsyncGenerator<SourcePage> {
  let position = after;
  for (let tries = 1; ; tries += 1) {
    try {
      for await (const page of source.pages(position, signal)) {
        ({ position } = page);
        tries = 1;
        yield page;
      }
      return;
    } catch (error) {
      await patience.outlast(error, tries, signal);
    }
  }
}
