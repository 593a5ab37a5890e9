import type { BucketStore, S3Object } from '../core/files/bucket-store.ts';
import { AwsError, messageOf, type AwsErrorCode } from '../core/errors.ts';
import type { SdkCredentials } from './credentials/sdk-credentials.ts';
import type { QueueService } from '../core/batch/queue-service.ts';
import type { BatchStore } from '../core/batch/batch-store.ts';
import type { Connection } from './connection.ts';

/** What a thread starts with. Credentials are only those of tests and the local cloud; others are asked for. */
export type ThreadData = Omit<Connection, 'mfaCode'>;

/** A method's parameters without the signal at their end, which no message can carry. */
type WithoutSignal<Method> = Method extends (...request: [...infer Rest, signal?: AbortSignal]) => unknown
  ? Rest
  : never;

/** The calls that a thread makes, with what they are given. */
export interface ThreadCalls {
  readonly send: WithoutSignal<QueueService['send']>;
  readonly works: WithoutSignal<BatchStore['works']>;
  readonly pages: WithoutSignal<BucketStore['pages']>;
}

export type ThreadCall = {
  readonly [Name in keyof ThreadCalls]: { readonly name: Name; readonly request: ThreadCalls[Name] };
}[keyof ThreadCalls];

export type ToThread =
  | { readonly kind: 'call'; readonly id: number; readonly call: ThreadCall }
  | { readonly kind: 'cancel'; readonly id: number }
  /** one more page may be sent */
  | { readonly kind: 'more'; readonly id: number }
  | { readonly kind: 'credentials'; readonly id: number; readonly credentials: SdkCredentials }
  | { readonly kind: 'no-credentials'; readonly id: number; readonly error: SentError };

export type FromThread =
  | { readonly kind: 'page'; readonly id: number; readonly objects: readonly S3Object[] }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: SentError }
  /** asks for credentials */
  | { readonly kind: 'credentials'; readonly id: number };

/** An error as a message carries it: a clone would lose its class. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly aws?: {
    readonly code: AwsErrorCode;
    readonly operation: string;
    readonly awsCode: string;
    readonly action: string | undefined;
  };
}

export function sentError(error: unknown): SentError {
  const message = messageOf(error);
  if (!(error instanceof AwsError)) return { name: error instanceof Error ? error.name : 'Error', message };
  const { operation, awsCode, action } = error;
  return { name: error.name, message, aws: { code: error.code as AwsErrorCode, operation, awsCode, action } };
}

/** @returns an error of the same class, name and message */
export function receivedError({ name, message, aws }: SentError): Error {
  if (aws) return new AwsError(aws.code, message, aws);
  if (name === 'AbortError') return new DOMException(message, name);
  return Object.assign(new Error(message), { name });
}
