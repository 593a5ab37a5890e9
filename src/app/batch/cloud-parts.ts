import { MOST_OBJECTS } from '../../core/batch/cloud-run.ts';
import type { BatchMeta } from '../../core/batch/batch.ts';
import { MediaBatchError, messageOf } from '../../core/errors.ts';
import type { BucketStore } from '../../core/files/bucket-store.ts';
import { prefixUri, type S3Prefix } from '../../core/files/s3-location.ts';
import type { StackOutputs } from '../../core/stack/stack-contract.ts';
import { startCloudEnqueue, type CloudEnqueueServices, type CloudStart } from './cloud-enqueue.ts';
import type { EnqueueRequest } from './enqueue-prefix.ts';

/** No key has a later character. */
const LAST_CHARACTER = '\u{10FFFF}';
/** More runs at once than anyone follows. */
const MOST_PARTS = 200;

/**
 * @param objects how many a dry run has listed, as far as it came; undefined where nothing was counted
 * @returns true where one run cannot enqueue them
 */
export function mustSplit(objects: number | undefined): boolean {
  return objects !== undefined && objects > MOST_OBJECTS;
}

/**
 * Splits a prefix into longer ones, which have all of its objects and none of them twice: one for each character that comes
 * next. It lists a page for each of them. The object that stands for the folder itself is in none.
 * @returns the prefixes, in order, two at least
 * @throws MediaBatchError `cloud-enqueue-refused` where there is nothing to split, or a pattern counts from the prefix;
 * AwsError, the signal's reason
 */
export async function splitPrefix(
  { bucket, prefix, filter }: Pick<EnqueueRequest, 'bucket' | 'prefix' | 'filter'>,
  buckets: Pick<BucketStore, 'pages'>,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const uri = prefixUri({ bucket, prefix });
  if (filter?.glob !== undefined)
    throw refused(
      `The pattern "${filter.glob}" counts from ${uri}, so that its parts cannot be enqueued with it: leave the pattern out, or choose the folders below one by one.`,
    );
  for (let common = prefix; ;) {
    const parts = await partsBelow({ bucket, prefix: common }, buckets, signal);
    const [only] = parts;
    if (parts.length > MOST_PARTS)
      throw refused(
        `${uri} falls into more than ${MOST_PARTS} parts: choose the folders below it one by one.`,
      );
    if (parts.length > 1) return parts;
    if (only === undefined || only === common) throw refused(`${uri} has no parts: enqueue it as it is.`);
    common = only;
  }
}

async function partsBelow(
  place: S3Prefix,
  buckets: Pick<BucketStore, 'pages'>,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const { prefix } = place;
  const parts: string[] = [];
  let startAfter: string | undefined;
  while (parts.length <= MOST_PARTS) {
    const key = await firstKey({ ...place, startAfter }, buckets, signal);
    if (key === undefined) return parts;
    const [next = ''] = key.slice(prefix.length);
    const part = prefix + next;
    // What stands for the folder is no file; any other object of just this name is in no longer prefix.
    if (next === '' && !prefix.endsWith('/')) return [prefix];
    const isNew = next !== '' && parts.at(-1) !== part;
    if (isNew) parts.push(part);
    startAfter = isNew ? part + LAST_CHARACTER : key;
  }
  return parts;
}

async function firstKey(
  query: S3Prefix & { readonly startAfter: string | undefined },
  buckets: Pick<BucketStore, 'pages'>,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  for await (const page of buckets.pages(query, signal)) {
    // One that cannot be read cannot be enqueued either.
    const first = page.find(({ key }) => key !== '');
    if (first) return first.key;
  }
  return undefined;
}

/**
 * Starts an enqueue in the cloud for each part, each as a batch of its own. An abort leaves out the parts that follow.
 * @param parts from `splitPrefix`, or the prefix alone
 * @returns the batches
 * @throws as `startCloudEnqueue`; MediaBatchError `enqueue-incomplete` where some have been started
 */
export async function startCloudParts(
  request: EnqueueRequest,
  parts: readonly string[],
  machine: string,
  pipeline: Pick<StackOutputs, 'resultsTable'>,
  services: CloudEnqueueServices,
  options: CloudStart & { readonly onStarted?: (count: number) => void } = {},
): Promise<readonly BatchMeta[]> {
  const started: BatchMeta[] = [];
  for (const prefix of parts) {
    if (started.length > 0 && options.signal?.aborted) break;
    try {
      started.push(await startCloudEnqueue({ ...request, prefix }, machine, pipeline, services, options));
    } catch (error) {
      if (started.length === 0) throw error;
      throw new MediaBatchError(
        'enqueue-incomplete',
        `${started.length} of ${parts.length} parts of ${prefixUri(request)} are being enqueued: ${messageOf(error)} Enqueue it in parts again, which pays for nothing twice.`,
        { cause: error },
      );
    }
    options.onStarted?.(started.length);
  }
  return started;
}

function refused(reason: string): MediaBatchError {
  return new MediaBatchError('cloud-enqueue-refused', reason);
}
