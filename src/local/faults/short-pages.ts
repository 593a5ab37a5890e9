import type { BucketStore, S3Object } from '../../core/files/bucket-store.ts';

/**
 * Lists as S3 may: with fewer objects in a page than it could hold, so that also a small enqueue has many checkpoints.
 * @param size objects in a page, 1 or more
 */
export function shortPages(buckets: BucketStore, size: number): BucketStore {
  return {
    buckets: (...request) => buckets.buckets(...request),
    level: (...request) => buckets.level(...request),
    region: (...request) => buckets.region(...request),
    pages: (...request) => cut(buckets.pages(...request), size),
  };
}

async function* cut(
  pages: AsyncIterable<readonly S3Object[]>,
  size: number,
): AsyncGenerator<readonly S3Object[]> {
  for await (const page of pages) {
    for (let i = 0; i < page.length; i += size) yield page.slice(i, i + size);
  }
}
