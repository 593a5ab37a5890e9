import type { ResultItem } from '../../core/batch/result-item.ts';
import type { Steps } from '../../core/steps.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { BatchCounts } from './failed-files.ts';
import { groupFailures, type FailureGroup } from './failure-groups.ts';
import { failureOfItem, failureOfLetter, type Failure } from './failures.ts';

/** Failures by what an operator has to do about them. */
export interface SortedFailures {
  /** what needs somebody */
  readonly failures: readonly Failure[];
  /** the same by cause, the largest group first */
  readonly groups: readonly FailureGroup[];
  /** what an operator has left out, in the order of the items */
  readonly leftOut: readonly Failure[];
}

/**
 * @param items failed and dead files
 * @param letters those that the table does not know
 */
export function* sortFailures(
  items: readonly ResultItem[],
  letters: readonly DeadLetter[],
): Steps<SortedFailures> {
  const failures: Failure[] = [];
  const leftOut: Failure[] = [];
  for (const item of items) {
    const failure = failureOfItem(item);
    (failure.leftOut ? leftOut : failures).push(failure);
    yield;
  }
  failures.push(...letters.map(failureOfLetter));
  return { failures, groups: yield* groupFailures(failures), leftOut };
}

/**
 * How many files are still left out, by the counts. A batch that has fewer failures than before may have sent them again,
 * so its files count as failures until somebody looks.
 * @param leftOut as a look has found them
 * @param then the counts of that look
 * @param now counts read since; a batch that is missing has not changed
 */
export function stillLeftOut(
  leftOut: readonly Failure[],
  then: BatchCounts,
  now: BatchCounts,
): { readonly failed: number; readonly dead: number } {
  const still = { failed: 0, dead: 0 };
  for (const { item } of leftOut) {
    if (item?.status !== 'failed' && item?.status !== 'dead') continue;
    const before = then.get(item.batch)?.counts[item.status] ?? 0;
    const after = now.get(item.batch)?.counts[item.status] ?? before;
    if (after >= before) still[item.status] += 1;
  }
  return still;
}
