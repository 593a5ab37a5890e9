/**
 * Message attributes that carry the reason of a dead letter, written by the consumer and read by the list.
 * SQS allows ten attributes a message; names are plain so that the AWS console shows them as they are.
 */
export const REASON_ATTRIBUTES = {
  /** a stable word to group by: `rejected`, `attempts-exhausted`, `unreadable` */
  class: 'failure_class',
  reason: 'failure_reason',
  attempts: 'attempts',
  failedAt: 'failed_at',
} as const;

export type FailureClass = 'rejected' | 'attempts-exhausted' | 'unreadable';

/** Why a message went to the dead-letter queue. */
export interface DeadLetterReason {
  readonly class: FailureClass;
  readonly reason: string;
  readonly attempts: number;
  /** ISO 8601 */
  readonly failedAt: string;
}

/**
 * @returns the reason as SQS string attributes; empty text is not allowed there, and neither are control characters
 */
export function reasonAttributes(reason: DeadLetterReason): Record<string, string> {
  return {
    [REASON_ATTRIBUTES.class]: reason.class,
    [REASON_ATTRIBUTES.reason]:
      reason.reason
        .slice(0, 1000)
        .replace(/[\u0000-\u001F\uFFFE\uFFFF]/g, ' ')
        .toWellFormed() || 'unknown',
    [REASON_ATTRIBUTES.attempts]: String(reason.attempts),
    [REASON_ATTRIBUTES.failedAt]: reason.failedAt,
  };
}
