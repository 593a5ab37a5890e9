import type { ResultItem } from './result-item.ts';

/** Why a message is a dead letter: a stable word to group by. For `receive-count`, SQS itself moved the message. */
export const FAILURE_CLASSES = ['rejected', 'attempts-exhausted', 'unreadable', 'receive-count'] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/**
 * Message attributes with the reason of a dead letter, one for each part. SQS allows ten attributes per message. The
 * names are plain words because the AWS console shows them.
 */
const ATTRIBUTES = {
  failureClass: 'failure_class',
  reason: 'failure_reason',
  attempts: 'attempts',
  failedAt: 'failed_at',
} as const;

/** Why the consumer sends a message to the dead-letter queue. */
export interface DeadLetterReason {
  readonly failureClass: FailureClass;
  readonly reason: string;
  readonly attempts: number;
  /** ISO 8601 */
  readonly failedAt: string;
}

/** A reason as read from the queue. Other senders and versions also write attributes. */
export interface FoundReason {
  /** one of FAILURE_CLASSES, or any other word */
  readonly failureClass: string;
  readonly reason: string;
  /** undefined where the attribute is missing */
  readonly attempts: number | undefined;
  /** when the file failed, ISO 8601 where the consumer wrote it; undefined where SQS moved the message */
  readonly failedAt: string | undefined;
}

/** @returns the reason as SQS string attributes; SQS allows neither empty text nor control characters */
export function reasonAttributes(reason: DeadLetterReason): Record<string, string> {
  return {
    [ATTRIBUTES.failureClass]: reason.failureClass,
    [ATTRIBUTES.reason]:
      reason.reason
        .slice(0, 1000)
        .replace(/[\u0000-\u001F\uFFFE\uFFFF]/g, ' ')
        .toWellFormed() || 'unknown',
    [ATTRIBUTES.attempts]: String(reason.attempts),
    [ATTRIBUTES.failedAt]: reason.failedAt,
  };
}

/** What the item of a dead file says of it, where its letter has no reason or is gone. */
export function reasonOf({
  error = 'received too often, never claimed',
  attempts,
  updated_at,
}: Pick<ResultItem, 'attempts' | 'updated_at'> & { readonly error?: string | undefined }): DeadLetterReason {
  return { failureClass: 'receive-count', reason: error, attempts, failedAt: updated_at };
}

/** @returns true for a message that was a dead letter: a redrive keeps the reason, and any other copy has none */
export function isRedriven(attributes: Readonly<Record<string, string>>): boolean {
  return attributes[ATTRIBUTES.failureClass] !== undefined;
}

/**
 * @param attributes a dead letter's string attributes, of any origin
 * @returns the reason; `receive-count` where no attribute names one, because SQS adds none when it moves a message
 */
export function readReason(attributes: Readonly<Record<string, string>>): FoundReason {
  const attempts = attributes[ATTRIBUTES.attempts] ?? '';
  return {
    failureClass: attributes[ATTRIBUTES.failureClass] ?? ('receive-count' satisfies FailureClass),
    reason: attributes[ATTRIBUTES.reason] ?? 'SQS moved the message after it was received too often',
    attempts: /^\d{1,9}$/.test(attempts) ? Number(attempts) : undefined,
    failedAt: attributes[ATTRIBUTES.failedAt],
  };
}
