import type { S3Client } from '@aws-sdk/client-s3';
import type { BucketStore } from '../core/files/bucket-store.ts';
import { listObjects } from './list-objects.ts';

/** @returns the two listings that a function needs, of a bucket in its own region; a failure is the SDK's own error */
export function plainListing(s3: S3Client): Pick<BucketStore, 'pages' | 'level'> {
  return {
    level: ({ next, ...query }) => listObjects(s3, { ...query, delimiter: '/' }, next),
    async *pages({ level, ...query }) {
      let token: string | undefined;
      do {
        const page = await listObjects(s3, level ? { ...query, delimiter: '/' } : query, token);
        yield page.objects;
        token = page.next;
      } while (token !== undefined);
    },
  };
}
