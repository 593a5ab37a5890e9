import { AwsError, isAbort, MediaBatchError, type AwsErrorCode } from '../../core/errors.ts';
import { sentence, WRONG_CODE } from './aws-sentences.ts';
import { readFailure, type CallContext, type SdkFailure } from './sdk-failure.ts';

export interface CallOptions<T> {
  /** what the call is about, for the sentence: `bucket "photos"`, `stack "media-batch"` */
  readonly subject?: string;
  /** a value that no message may repeat, not even AWS's own one in `cause` */
  readonly secret?: string;
  /** makes a result of an error that is really an answer ("does not exist"); undefined: it stays an error */
  readonly recover?: (failure: SdkFailure) => T | undefined;
}

/** The rules that classify a failure; the first one that fits decides. Names are those of the services' API models. */
const RULES: readonly (readonly [AwsErrorCode, (failure: SdkFailure) => boolean])[] = [
  [
    'untrusted-certificate',
    (f) =>
      f.networkCodes.some((code) => CERTIFICATE.test(code)) ||
      (PROVIDERS.test(f.name) && CERTIFICATE_WORDS.test(f.message)),
  ],
  ['unreachable', (f) => PROVIDERS.test(f.name) && NO_ANSWER.test(f.message)],
  [
    'expired-login',
    (f) =>
      EXPIRED.test(f.name) ||
      (PROVIDERS.test(f.name) && /expire|\blogin\b|re-?auth|session/i.test(f.message)) ||
      WRONG_CODE.test(f.message),
  ],
  ['no-credentials', (f) => NO_CREDENTIALS.test(f.name) || PROVIDERS.test(f.name)],
  ['unreachable', (f) => f.networkCodes.length > 0 || (f.name === 'TimeoutError' && f.status === undefined)],
  ['unsupported', (f) => UNSUPPORTED.test(f.name) || f.status === 501],
  ['throttled', (f) => THROTTLED.test(f.name) || f.status === 429 || f.status === 503],
  ['wrong-region', (f) => WRONG_REGION.test(f.name) || f.status === 301 || f.status === 307],
  ['no-such-bucket', (f) => f.name === 'NoSuchBucket'],
  [
    'conflict',
    (f) =>
      CONFLICT.test(f.name) ||
      // CloudFormation's words for "not now", such as a CancelUpdateStack without an update.
      (f.name === 'ValidationError' && /_IN_PROGRESS\b|\bcurrent stack status\b/.test(f.message)),
  ],
  [
    'not-found',
    (f) => NOT_FOUND.test(f.name) || (f.name === 'ValidationError' && isMissing(f)) || f.status === 404,
  ],
  ['missing-permission', (f) => DENIED.test(f.name) || f.status === 403],
];

const PROVIDERS = /^(Credentials|Token)ProviderError$/;
/** Without a network, a credential provider quotes Node's error. Then a new login would not help. */
const NO_ANSWER = /\b(ECONN(REFUSED|RESET)|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|TimeoutError)\b/;
/** OpenSSL's codes for an invalid certificate, and Node's words for them. */
const CERTIFICATE =
  /^(CERT_\w+|\w+_CERT(_\w+)?|UNABLE_TO_(GET|VERIFY|DECODE)\w+|ERR_TLS_CERT_\w+|HOSTNAME_MISMATCH|INVALID_CA)$/;
const CERTIFICATE_WORDS =
  /\bself-signed certificate\b|\b(issuer|first) certificate\b|\bcertificate has expired\b/;
const EXPIRED = /^(ExpiredToken(Exception)?|RequestExpired|TokenRefreshRequired|InvalidGrantException)$/;
const NO_CREDENTIALS =
  /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|AuthFailure|MissingAuthenticationToken(Exception)?|InvalidToken|OptInRequired|SubscriptionRequiredException)$/;
// SQS's own UnsupportedOperation does not belong here: it means "not now" (a move task is running) or "not with this
// queue".
const UNSUPPORTED = /^(InvalidAction|UnknownOperation(Exception)?|NotImplemented(Exception)?)$/;
const THROTTLED =
  /^(Throttl\w*|\w*Throttled(Exception)?|TooManyRequests(Exception)?|SlowDown|ServiceUnavailable(Exception)?|ProvisionedThroughputExceededException|RequestLimitExceeded|BandwidthLimitExceeded|PriorRequestNotComplete|OverLimit|TooManyUpdates)$/;
const WRONG_REGION =
  /^(PermanentRedirect|TemporaryRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/;
const CONFLICT =
  /^(ConditionalCheckFailed|ResourceInUse|ResourceConflict|InvalidChangeSetStatus|AlreadyExists|TokenAlreadyExists|TransactionConflict|ResourceExists|PreconditionFailed|OperationAborted|OperationInProgress)(Exception)?$/;
const NOT_FOUND =
  /^(\w*NotFound(Exception)?|NonExistentQueue|QueueDoesNotExist|NoSuchEntity|NoSuchKey|ParameterVersionNotFound)$/;
const DENIED =
  /^(\w*AccessDenied(Exception)?|\w*Unauthorized\w*|NotAuthorized|AuthorizationError(Exception)?|Forbidden|AllAccessDisabled)$/;

/** Operations whose IAM action has another name; all others share it (Service Authorization Reference). */
const ACTIONS: Readonly<Record<string, string>> = {
  HeadBucket: 'ListBucket',
  Invoke: 'InvokeFunction',
  ListBuckets: 'ListAllMyBuckets',
  ListObjectsV2: 'ListBucket',
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

/**
 * Runs one call of the SDK: the one place where its exceptions are caught.
 * @param work sends the command
 * @returns what `work` gives, or what `recover` makes of the failure
 * @throws AwsError with one sentence that says what to do; aborts and our own errors pass unchanged
 */
export async function call<T>(
  context: CallContext,
  work: () => Promise<T>,
  options: CallOptions<T> = {},
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isAbort(error) || error instanceof MediaBatchError) throw error;
    const answer = options.recover?.(readFailure(error));
    if (answer !== undefined) return answer;
    throw toAwsError(error, context, options);
  }
}

/**
 * @param error anything that the SDK raised
 * @returns the same in our terms: code, sentence, the denied IAM action; the original is its `cause`
 */
export function toAwsError(
  error: unknown,
  context: CallContext,
  { subject, secret }: Pick<CallOptions<never>, 'subject' | 'secret'> = {},
): AwsError {
  const failure = readFailure(error);
  const code = RULES.find(([, fits]) => fits(failure))?.[0] ?? 'aws';
  const kind = code === 'not-found' && context.service === 's3' ? 'no-such-bucket' : code;
  const action = kind === 'missing-permission' ? deniedAction(failure, context) : undefined;
  const leaks = secret !== undefined && secret !== '' && failure.message.includes(secret);
  const safe = leaks ? { ...failure, message: 'it repeats the secret, so it is not shown' } : failure;
  return new AwsError(kind, sentence(kind, safe, { ...context, subject, action }), {
    operation: `${context.service}:${context.operation}`,
    // STS answers AccessDenied to a wrong multi-factor code.
    awsCode: WRONG_CODE.test(failure.message) ? 'MultiFactorAuthentication' : failure.name,
    action,
    cause: leaks ? undefined : error,
  });
}

/** @returns true for CloudFormation's and others' ValidationError that means "there is no such thing" */
export function isMissing(failure: SdkFailure): boolean {
  return /does not exist/i.test(failure.message);
}

function deniedAction(failure: SdkFailure, context: CallContext): string {
  const named = /not authorized to perform:?\s+([\w-]+:\w+)/.exec(failure.message)?.[1];
  return named ?? `${context.service}:${ACTIONS[context.operation] ?? context.operation}`;
}
