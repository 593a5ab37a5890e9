import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import type { LocalConnection } from './local-connection.ts';
import type { WildFile } from './wild-files.ts';

/** The account's owner, who fills the bucket. The product itself never writes to S3. */
export interface BucketOwner {
  seed(
    bucket: string,
    files: readonly WildFile[],
    onProgress: (done: number) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  /** @returns every key of the bucket, read with plain listing calls, without the product's code */
  keys(bucket: string): Promise<string[]>;
  dispose(): void;
}

/** @param connection the emulator as its root user */
export function createBucketOwner(connection: LocalConnection): BucketOwner {
  const s3 = new S3Client({ ...connection, forcePathStyle: true });
  return {
    async seed(bucket, files, onProgress, signal) {
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
      let done = 0;
      await pMap(
        files,
        async ({ key, kind }) => {
          const Body = Buffer.from(
            kind === 'media' || kind === 'document' ? `not really a film: ${key}` : '',
          );
          await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
          onProgress(++done);
        },
        { concurrency: 8, ...(signal && { signal }) },
      );
    },
    async keys(bucket) {
      const keys: string[] = [];
      for (let token: string | undefined; ;) {
        const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token }));
        keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
        token = page.NextContinuationToken;
        if (!token) return keys;
      }
    },
    dispose: () => {
      s3.destroy();
    },
  };
}
