/** AWS's list prices of us-east-1 in US dollars, before any free tier (https://aws.amazon.com/pricing, 2026). */
const PRICE = {
  /** DynamoDB on demand, a write and a read unit */
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  /** API Gateway, HTTP API */
  apiRequest: 1e-6,
  /** Lambda on arm64 */
  gigabyteSecond: 0.0000133334,
  lambdaRequest: 0.2e-6,
  /** CloudWatch Logs, standard class, ingestion */
  logGigabyte: 0.5,
  /** SQS standard queue, and the surcharge for a message with a group (fair queues) */
  sqsRequest: 0.4e-6,
  fairMessage: 0.1e-6,
  /** S3 standard, ListObjectsV2: 1,000 objects */
  s3Listing: 5e-6,
};

/** All functions have 256 MB. */
const MEMORY_GB = 0.25;
/** Messages in an invocation and in a request of SQS, where the queue is full (the stack's default BatchSize). */
const BATCH_SIZE = 5;
/** Messages in a call of SendMessageBatch. */
const SEND_BATCH = 10;
/** Length of a consumer run, in s: a few writes to the table and one call to Ittybit for each file, side by side. */
const RUN_SECONDS = 1;

/**
 * What AWS charges for one file with one callback, in US dollars, part by part; README, "What it costs", has the same
 * table.
 */
export const AWS_COST_PER_FILE = {
  // The pace is written once for each consumer run.
  dynamodb: (17 + 1 / BATCH_SIZE) * PRICE.writeUnit + 1.5 * PRICE.readUnit,
  httpApi: PRICE.apiRequest,
  // One consumer run for each batch, one webhook run of 60 ms for each file.
  lambda:
    (RUN_SECONDS / BATCH_SIZE + 0.06) * MEMORY_GB * PRICE.gigabyteSecond +
    (1 / BATCH_SIZE + 1) * PRICE.lambdaRequest,
  logs: 1.2e-6 * PRICE.logGigabyte,
  // Sent by tens, received and deleted by fives.
  sqsAndS3: (1 / SEND_BATCH + 2 / BATCH_SIZE) * PRICE.sqsRequest + PRICE.fairMessage + PRICE.s3Listing / 1000,
} as const;

/**
 * About what AWS charges for a batch: list prices of us-east-1, without the stack's fixed costs (about $3.95 a month).
 * Ittybit's own charge is not in it: it depends on the contract and the media, and is by far the larger one.
 * @param files that are enqueued
 * @param keys of a list that are looked up one by one, each in the dry run and in the enqueue
 * @returns US dollars
 */
export function estimateAwsCost(files: number, keys = 0): number {
  const perFile = Object.values(AWS_COST_PER_FILE).reduce((sum, part) => sum + part, 0);
  return files * perFile + 2 * keys * PRICE.s3Listing;
}

/** Step Functions: a transition of a Standard execution; a request and a GB-s of an Express one. */
const STATES = { transition: 25e-6, request: 1e-6, gigabyteSecond: 16.67e-6 };
/** Objects of one part of a cloud enqueue at keys of about 60 characters: as many as 160,000 bytes hold. */
const PART_OBJECTS = 800;

/**
 * What an enqueue in the cloud costs for one listed object, in US dollars, beside what the file itself costs: five
 * transitions, an Express run of 3 s at 64 MB, a function's run of 0.5 s and a count of 2 write units for each part, and the
 * listing.
 */
const CLOUD_COST_PER_OBJECT =
  (5 * STATES.transition +
    STATES.request +
    3 * 0.0625 * STATES.gigabyteSecond +
    0.5 * MEMORY_GB * PRICE.gigabyteSecond +
    PRICE.lambdaRequest +
    2 * PRICE.writeUnit) /
    PART_OBJECTS +
  PRICE.s3Listing / 1000;

/** @param objects that are listed @returns US dollars: about $1.70 for 10 million, at list prices of us-east-1 */
export function estimateCloudCost(objects: number): number {
  return objects * CLOUD_COST_PER_OBJECT;
}
