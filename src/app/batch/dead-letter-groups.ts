import type { DeadLetter } from './dead-letters.ts';

const DAY_MS = 86_400_000;

/** Dead letters that failed in the same way. */
export interface DeadLetterGroup extends Pick<DeadLetter, 'failureClass' | 'reason'> {
  /** newest first; those of unknown time come last */
  readonly letters: readonly DeadLetter[];
  /** when the newest one failed; undefined where no letter says it */
  readonly newest: Date | undefined;
}

/**
 * Groups dead letters that have the same class and the same reason text.
 * @returns the largest group first
 */
export function groupDeadLetters(letters: readonly DeadLetter[]): DeadLetterGroup[] {
  const groups = Map.groupBy(letters, ({ failureClass, reason }) =>
    JSON.stringify([failureClass, reason.trim()]),
  );
  return [...groups.values()].map(toGroup).sort((a, b) => b.letters.length - a.letters.length);
}

function toGroup(letters: readonly DeadLetter[]): DeadLetterGroup {
  const sorted = letters.toSorted((a, b) => failedMs(b) - failedMs(a));
  const [first] = sorted;
  const newest = first ? failedMs(first) : 0;
  return {
    failureClass: first?.failureClass ?? '',
    reason: first?.reason.trim() ?? '',
    letters: sorted,
    newest: newest > 0 ? new Date(newest) : undefined,
  };
}

/** Reads the time from the message attribute. Other senders may write it too: 0 where it is not a time. */
function failedMs({ failedAt }: DeadLetter): number {
  return Math.max(0, Date.parse(failedAt ?? '') || 0);
}

/**
 * @param now epoch ms
 * @returns whole days until SQS deletes the message, 0 on its last day
 */
export function expiryDays({ expiresAt }: Pick<DeadLetter, 'expiresAt'>, now: number): number {
  return Math.max(0, Math.floor((expiresAt.getTime() - now) / DAY_MS));
}
