import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { storedJob } from '../core/batch/batch-codec.ts';
import { DEFAULT_JOB_OPTIONS, type JobOptions } from '../core/ittybit/job-options.ts';
import { DEFAULT_BATCH } from '../core/batch/queue-message.ts';
import { metaKey } from '../core/batch/table-keys.ts';

/** Corrected options reach a warm container within this time, in ms; a redrive is slower than that. */
const CACHE_MS = 60_000;

/**
 * Reads the job of a batch from its `meta` item, at most once a minute in each container.
 * @param now the clock, epoch ms
 * @returns a look-up, which gives undefined for an unknown batch, and the guide's options for the batch of bare
 * messages. It raises InvalidInputError for a batch whose job cannot be read
 */
export function createBatchOptions(
  dynamo: DynamoDBDocumentClient,
  table: string,
  now: () => number,
): (batch: string) => Promise<JobOptions | undefined> {
  const cache = new Map<string, { job: JobOptions; until: number }>();
  return async (batch) => {
    const cached = cache.get(batch);
    if (cached && cached.until > now()) return cached.job;
    // `meta` is written just before the first message is sent: an old copy would make the file a dead letter.
    const { Item } = await dynamo.send(
      new GetCommand({ TableName: table, Key: metaKey(batch), ConsistentRead: true }),
    );
    const job = (Item && storedJob(Item)) ?? (batch === DEFAULT_BATCH ? DEFAULT_JOB_OPTIONS : undefined);
    // An unknown batch is not cached, because its `meta` may be written a moment later.
    if (job) cache.set(batch, { job, until: now() + CACHE_MS });
    return job;
  };
}
