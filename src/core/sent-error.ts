import {
  AwsError,
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

export function sentError(error: unknown): SentError {
  const message = messageOf(error);
  if (!(error instanceof Error)) return { name: 'Error', message };
  const { name } = error;
  const sent = { name, message, ...(error.cause !== undefined && { cause: sentError(error.cause) }) };
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
