import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { SendMessageBatchCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';

/** The extensions that the guide takes. */
const MEDIA = /\.(mp4|mov|mkv|webm)$/i;

/**
 * What the published guide tells its reader to run once: it lists a page, and sends its media keys ten at a time, one
 * call after the other.
 * @see https://ittybit.com/guides/batch-processing-with-sqs
 * @returns how many keys were sent
 */
export async function guideScript(
  config: SQSClientConfig,
  place: { readonly bucket: string; readonly prefix: string; readonly queueUrl: string },
): Promise<number> {
  const s3 = new S3Client({ ...(config as object), forcePathStyle: true });
  const sqs = new SQSClient(config);
  const { bucket, prefix, queueUrl } = place;
  let sent = 0;
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    const keys = (page.Contents ?? []).flatMap(({ Key }) =>
      Key !== undefined && MEDIA.test(Key) ? [Key] : [],
    );
    for (let first = 0; first < keys.length; first += 10) {
      const ten = keys.slice(first, first + 10);
      const Entries = ten.map((key, i) => ({ Id: String(i), MessageBody: JSON.stringify({ bucket, key }) }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
    sent += keys.length;
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return sent;
}
