import {
  AwsError,
  causesOf,
  InvalidInputError,
  MediaBatchError,
  messageOf,
  type AwsErrorCode,
  type ErrorCode,
} from './errors.ts';

/** An error as a message between threads carries it: a clone would lose its class. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly cause?: SentError;
  readonly code?: ErrorCode;
  readonly field?: string;
  readonly aws?: {
    readonly code: AwsErrorCode;
    readonly operation: string;
    readonly awsCode: string;
    readonly action: string | undefined;
  };
}

/** @param error anything caught @returns it with its causes, as deep as `causesOf` looks */
export function sentError(error: unknown): SentError {
  const sent = causesOf(error).reduceRight<SentError | undefined>(
    (cause, each) => ({ ...oneSent(each), ...(cause && { cause }) }),
    undefined,
  );
  return sent ?? { name: 'Error', message: messageOf(error) };
}

function oneSent(error: Error): SentError {
  const { name, message } = error;
  const sent = { name, message };
  if (error instanceof AwsError) {
    const { operation, awsCode, action } = error;
    return { ...sent, aws: { code: error.code as AwsErrorCode, operation, awsCode, action } };
  }
  if (error instanceof InvalidInputError) return { ...sent, field: error.field };
  return error instanceof MediaBatchError ? { ...sent, code: error.code } : sent;
}

/** @returns an error of the same class, name, message and cause */
export function receivedError({ name, message, aws, field, code, cause }: SentError): Error {
  const options = cause && { cause: receivedError(cause) };
  if (aws) return new AwsError(aws.code, message, { ...aws, ...options });
  if (field !== undefined) return new InvalidInputError(field, message, options);
  if (code !== undefined) return new MediaBatchError(code, message, options);
  if (name === 'AbortError') return new DOMException(message, name);
  return Object.assign(new Error(message, options), { name });
}
