/** The names that the template and the code share; a test holds the template to them. */
export const DEFAULT_STACK_NAME = 'media-batch';

export const PARAMETERS = [
  'BatchSize',
  'MaximumConcurrency',
  'MaximumBatchingWindow',
  'MaxAttempts',
  'ConnectionId',
  'ApiKeyArn',
  'IttybitApiUrl',
  'DispatchEnabled',
  'LogRetentionDays',
  'AlarmEmail',
] as const;
export type ParameterName = (typeof PARAMETERS)[number];
export type StackParameters = Readonly<Partial<Record<ParameterName, string>>>;

/** Stack outputs, by our name for them. */
export const OUTPUTS = {
  workQueueUrl: 'WorkQueueUrl',
  workQueueArn: 'WorkQueueArn',
  deadLetterQueueUrl: 'DeadLetterQueueUrl',
  deadLetterQueueArn: 'DeadLetterQueueArn',
  resultsTable: 'ResultsTableName',
  consumerFunction: 'ConsumerFunctionName',
  eventSourceMapping: 'EventSourceMappingId',
  webhookEndpoint: 'WebhookEndpoint',
  apiKeyArn: 'ApiKeyArn',
  signingSecretArn: 'SigningSecretArn',
} as const;
export type StackOutputs = Readonly<Record<keyof typeof OUTPUTS, string>>;

/** What the stack's API key secret holds until the user stores one. */
export const API_KEY_PLACEHOLDER = 'not-set';

/**
 * Tuning of the event source mapping: AWS's limits (Lambda API, ScalingConfig) and ours; presets are the
 * published guide's table.
 */
export interface Tuning {
  /** records an invocation takes, 1 to 10 here: each is one call in flight */
  readonly batchSize: number;
  /** invocations at once, 2 to 1,000 */
  readonly maximumConcurrency: number;
  /**
   * seconds that SQS may wait to fill a batch, 0 to 60: with the function's 20 s it stays below the visibility
   * timeout
   */
  readonly maximumBatchingWindow: number;
}

export const TUNING_LIMITS = {
  batchSize: [1, 10],
  maximumConcurrency: [2, 1000],
  maximumBatchingWindow: [0, 60],
} as const satisfies Record<keyof Tuning, readonly [number, number]>;
