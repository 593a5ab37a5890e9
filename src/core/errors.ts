/**
 * What an error of AWS can mean. A login helps only against `expired-login`; `no-credentials` is every other reason why
 * a profile cannot sign.
 */
export type AwsErrorCode =
  | 'expired-login'
  | 'no-credentials'
  | 'missing-permission'
  | 'no-such-bucket'
  | 'wrong-region'
  | 'not-found'
  | 'unsupported'
  | 'throttled'
  | 'conflict'
  | 'unreachable'
  | 'untrusted-certificate'
  | 'aws';

/**
 * Codes by which the editor, the terminal and tests tell errors apart. The message always says what the user can do.
 */
export type ErrorCode =
  | AwsErrorCode
  | 'invalid-input'
  | 'nothing-to-enqueue'
  | 'not-deployed'
  | 'unknown-template'
  | 'stack-busy'
  | 'stack-broken'
  | 'deploy-failed'
  | 'table-in-use'
  | 'enqueue-incomplete'
  | 'key-file-needed'
  | 'enqueued-elsewhere'
  | 'enqueued-in-cloud'
  | 'cloud-enqueue-refused'
  | 'cloud-enqueue-failed'
  | 'batch-cancelled'
  | 'queue-not-empty'
  | 'redrive-failed'
  | 'reconcile-failed'
  | 'no-reconciler'
  | 'unreadable-item'
  | 'unusable-stack'
  | 'unusable-signing-secret'
  | 'local-cloud';

/** The base class of every error that Media Batch raises on purpose. */
export class MediaBatchError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Input of a user, a file or a queue message that cannot be used; `field` names the part. */
export class InvalidInputError extends MediaBatchError {
  readonly field: string;

  constructor(field: string, message: string, options?: { cause?: unknown }) {
    super('invalid-input', message, options);
    this.field = field;
  }
}

/** An error of AWS: the operation, AWS's own code, and the denied action where there is one. */
export class AwsError extends MediaBatchError {
  readonly operation: string;
  readonly awsCode: string;
  readonly action: string | undefined;

  constructor(
    code: AwsErrorCode,
    message: string,
    details: { operation: string; awsCode: string; action?: string | undefined; cause?: unknown },
  ) {
    super(code, message, { cause: details.cause });
    this.operation = details.operation;
    this.awsCode = details.awsCode;
    this.action = details.action;
  }
}

/** A stack operation that failed; `resource` is the logical id of the first real cause. */
export class DeployError extends MediaBatchError {
  readonly stackName: string;
  readonly resource: string | undefined;

  constructor(
    code: ErrorCode,
    stackName: string,
    message: string,
    resource?: string,
    options?: { cause?: unknown },
  ) {
    super(code, message, options);
    this.stackName = stackName;
    this.resource = resource;
  }
}

/**
 * Tells a cancel from a failure, because a cancel is never shown as an error.
 * @param error anything caught
 * @returns true for the reason of an aborted AbortSignal (DOMException or the SDK's own AbortError)
 */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** How deep causes are looked into. */
const MAX_CAUSES = 5;

/** @returns an error and its causes, the outermost first */
export function causesOf(error: unknown, depth = MAX_CAUSES): readonly Error[] {
  if (!(error instanceof Error) || depth === 0) return [];
  return [error, ...causesOf(error.cause, depth - 1)];
}

/**
 * One line about anything caught, for logs and reasons; never a stack trace.
 * @param error anything caught
 * @returns its message, or its text where it is not an Error
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
