import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { hostTest } from './driver.ts';

const WRITES = 16;

/** Makes a bucket with empty-handed files as the account's root. @param region default: the emulator's own */
export async function makeBucket(bucket: string, keys: readonly string[], region?: string): Promise<void> {
  await asOwner(async (s3) => {
    const place = region && { CreateBucketConfiguration: { LocationConstraint: region as 'us-west-2' } };
    await s3.send(new CreateBucketCommand({ Bucket: bucket, ...place }));
    const left = [...keys];
    const write = async (): Promise<void> => {
      for (let key = left.pop(); key !== undefined; key = left.pop()) {
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'not really a film' }));
      }
    };
    await Promise.all(Array.from({ length: WRITES }, write));
  }, region);
}

/** Only the root may list the bucket from now on. */
export async function denyListing(bucket: string): Promise<void> {
  const statement = {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:ListBucket',
    Resource: `arn:aws:s3:::${bucket}`,
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await asOwner((s3) => s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy })));
}

async function asOwner(work: (s3: S3Client) => Promise<unknown>, region?: string): Promise<void> {
  const s3 = new S3Client({ ...hostTest.root, ...(region && { region }), forcePathStyle: true });
  try {
    await work(s3);
  } finally {
    s3.destroy();
  }
}
