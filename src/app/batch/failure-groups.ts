import { causeWords, mergedCauses } from '../../core/batch/causes.ts';
import { commonTraits, type CommonTraits } from '../../core/files/common-traits.ts';
import type { Steps } from '../../core/steps.ts';
import type { Failure, FailureKind } from './failures.ts';

/** Files that failed for the same cause. */
export interface FailureGroup {
  /** the cause in lower case, which is the same at every reading */
  readonly id: string;
  /** the reason where it is the same for all files, else the words that they share; empty where none is recorded */
  readonly words: string;
  /** newest first; those of unknown time come last */
  readonly failures: readonly Failure[];
  /** how they failed, the most frequent first */
  readonly kinds: readonly (readonly [FailureKind, number])[];
  /** when the newest one failed; undefined where none says it */
  readonly newest: Date | undefined;
  readonly common: CommonTraits;
}

/**
 * Groups failures by their cause, whatever their reasons repeat of a file.
 * @returns the largest group first
 */
export function* groupFailures(failures: readonly Failure[]): Steps<readonly FailureGroup[]> {
  const words = new Map<Failure, string>();
  const counts = new Map<string, number>();
  for (const failure of failures) {
    const cause = causeWords(failure.reason, failure.file);
    words.set(failure, cause);
    counts.set(cause.toLowerCase(), (counts.get(cause.toLowerCase()) ?? 0) + 1);
    yield;
  }
  const merged = yield* mergedCauses(counts);
  const byCause = Map.groupBy(failures, (failure) => {
    const cause = (words.get(failure) ?? '').toLowerCase();
    return merged.get(cause) ?? cause;
  });
  const groups: FailureGroup[] = [];
  for (const [id, those] of byCause) {
    groups.push(yield* toGroup(id, those, words));
    yield;
  }
  return groups.sort((a, b) => b.failures.length - a.failures.length || a.id.localeCompare(b.id));
}

function* toGroup(
  id: string,
  those: readonly Failure[],
  words: ReadonlyMap<Failure, string>,
): Steps<FailureGroup> {
  const failures = those.toSorted((a, b) => b.at - a.at);
  const [first] = failures;
  const isOne = failures.every(({ reason }) => reason === first?.reason);
  // The words of a cause that was merged are in none of its reasons.
  const shared = failures.map((failure) => words.get(failure) ?? '').find((one) => one.toLowerCase() === id);
  const kinds = [...Map.groupBy(failures, ({ kind }) => kind)].map(
    ([kind, of]) => [kind, of.length] as const,
  );
  return {
    id,
    words: isOne ? (first?.reason ?? '') : (shared ?? id),
    failures,
    kinds: kinds.sort(([, a], [, b]) => b - a),
    newest: first && first.at > 0 ? new Date(first.at) : undefined,
    common: yield* commonTraits(failures.flatMap(({ file }) => file ?? [])),
  };
}
