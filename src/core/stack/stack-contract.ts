/** The names that the template and the code share; a test compares the two. */
export const DEFAULT_STACK_NAME = 'media-batch';
/** The template's description; Media Batch recognises its stacks by it. */
export const TEMPLATE_DESCRIPTION =
  'Media Batch: transcodes media files in S3 with Ittybit, paced by a queue';

export const PARAMETERS = [
  'BatchSize',
  'MaximumConcurrency',
  'MaximumBatchingWindow',
  'MaxRequestsPerSecond',
  'MaxAttempts',
  'ReconcileAfterMinutes',
  'BrakePercent',
  'ConnectionId',
  'ApiKeyArn',
  'ApiKeyKmsKeyArn',
  'IttybitApiUrl',
  'DispatchEnabled',
  'LogRetentionDays',
  'AlarmEmail',
  'ExistingResultsTable',
  'PermissionsBoundaryArn',
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

/** Outputs that only stacks of template version 3 and later have: those with a reconciler. */
export const RECONCILER_OUTPUTS = {
  reconcilerFunction: 'ReconcilerFunctionName',
  reconcilerRule: 'ReconcilerRuleName',
} as const;

/** What a stack says about itself. Without `reconcilerFunction` its template is older than version 3. */
export type StackOutputs = Readonly<Record<keyof typeof OUTPUTS, string>> &
  Readonly<Partial<Record<keyof typeof RECONCILER_OUTPUTS, string>>> & {
    /** the ARN of the stack, which another stack of the same name never has */
    readonly stackId: string;
    /** its parameter ConnectionId, empty for the project's default connection */
    readonly connectionId: string;
    /** its parameter IttybitApiUrl */
    readonly apiUrl: string;
  };

/** The longest run of the consumer, in seconds: the function's timeout, the same in every template so far. */
export const CONSUMER_TIMEOUT_SECONDS = 20;

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

/** The values that the template allows for a parameter. One of the three limits is set. */
export interface ParameterRule {
  readonly default: string;
  /** whole numbers, least and most */
  readonly range?: readonly [number, number];
  readonly values?: readonly string[];
  readonly pattern?: RegExp;
}

/** The template's own defaults and constraints, so that a mistake is reported before AWS is called. */
export const PARAMETER_RULES: Readonly<Record<ParameterName, ParameterRule>> = {
  BatchSize: { default: '5', range: TUNING_LIMITS.batchSize },
  MaximumConcurrency: { default: '2', range: TUNING_LIMITS.maximumConcurrency },
  MaximumBatchingWindow: { default: '10', range: TUNING_LIMITS.maximumBatchingWindow },
  MaxRequestsPerSecond: { default: '0', range: [0, 1000] },
  MaxAttempts: { default: '3', range: [1, 10] },
  ReconcileAfterMinutes: { default: '15', range: [1, 1440] },
  BrakePercent: { default: '20', range: [0, 100] },
  ConnectionId: { default: '', pattern: /^[A-Za-z0-9_-]{0,128}$/ },
  ApiKeyArn: {
    default: '',
    pattern:
      /^(arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}|ssm:[a-z0-9-]+:\d{12}:parameter\/[\w/.-]+))?$/,
  },
  ApiKeyKmsKeyArn: { default: '', pattern: /^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+)?$/ },
  IttybitApiUrl: {
    default: 'https://api.ittybit.com',
    pattern: /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)(:|\/|$))[^\s?#]*$/,
  },
  DispatchEnabled: { default: 'true', values: ['true', 'false'] },
  LogRetentionDays: {
    default: '30',
    // The periods that CloudWatch Logs has (PutRetentionPolicy, retentionInDays), as the template lists them.
    values: [
      ...['1', '3', '5', '7', '14', '30', '60', '90', '120', '150', '180', '365', '400', '545', '731'],
      ...['1096', '1827', '2192', '2557', '2922', '3288', '3653'],
    ],
  },
  AlarmEmail: { default: '', pattern: /^([^@\s]+@[^@\s]+)?$/ },
  ExistingResultsTable: { default: '', pattern: /^([\w.-]{3,255})?$/ },
  PermissionsBoundaryArn: {
    default: '',
    pattern: /^(arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+)?$/,
  },
};

/** @returns true for a value that the template takes */
export function isParameterValue(name: ParameterName, value: string): boolean {
  const { range, values, pattern } = PARAMETER_RULES[name];
  if (range) return /^\d{1,9}$/.test(value) && Number(value) >= range[0] && Number(value) <= range[1];
  return values?.includes(value) ?? pattern?.test(value) ?? true;
}

/** A resource of the stack that holds the user's data. */
export interface DataResource {
  readonly logicalId: string;
  /** as CloudFormation names it */
  readonly type: string;
  readonly holds: 'results' | 'queued-files' | 'dead-letters' | 'api-key' | 'signing-secret' | 'logs';
  /** true: it stays when the stack is deleted (`DeletionPolicy: Retain`) */
  readonly stays: boolean;
}

/** Every resource whose deletion loses data. */
export const DATA_RESOURCES: readonly DataResource[] = [
  { logicalId: 'ResultsTable', type: 'AWS::DynamoDB::Table', holds: 'results', stays: true },
  { logicalId: 'WorkQueue', type: 'AWS::SQS::Queue', holds: 'queued-files', stays: false },
  { logicalId: 'DeadLetterQueue', type: 'AWS::SQS::Queue', holds: 'dead-letters', stays: false },
  { logicalId: 'MediaBatchApiKey', type: 'AWS::SecretsManager::Secret', holds: 'api-key', stays: false },
  {
    logicalId: 'MediaBatchSigningSecret',
    type: 'AWS::SecretsManager::Secret',
    holds: 'signing-secret',
    stays: false,
  },
  { logicalId: 'ConsumerLogs', type: 'AWS::Logs::LogGroup', holds: 'logs', stays: false },
  { logicalId: 'WebhookLogs', type: 'AWS::Logs::LogGroup', holds: 'logs', stays: false },
  { logicalId: 'ReconcilerLogs', type: 'AWS::Logs::LogGroup', holds: 'logs', stays: false },
  { logicalId: 'HttpApiLogs', type: 'AWS::Logs::LogGroup', holds: 'logs', stays: false },
];
