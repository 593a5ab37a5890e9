import type * as vscode from 'vscode';
import type { RetryPlan, RetryProgress } from '../../app/batch/retry-files.ts';
import type { AwsError } from '../../core/errors.ts';
import { formatCount } from '../base/format.ts';

/** How a retry ended; a cancel is not an error. */
export interface RetryEnd {
  readonly wanted: number;
  readonly progress: RetryProgress;
  readonly isStopped: boolean;
  readonly error: AwsError | undefined;
}

/** @returns the question, which says how many files are sent and how many new paid jobs that makes at once */
export function retryQuestion(vs: typeof vscode, { items, failed }: RetryPlan): string {
  const { t } = vs.l10n;
  const files =
    items.length === 1 ? t('Retry 1 file?') : t('Retry {0} files?', formatCount(vs, items.length));
  if (failed === 0) return files;
  const paid = failed === 1 ? t('1 new paid job.') : t('{0} new paid jobs.', formatCount(vs, failed));
  return `${files} ${paid}`;
}

/** @returns a line for each kind of file among them, and for what is left out */
export function planLines(vs: typeof vscode, plan: RetryPlan): string[] {
  const { t } = vs.l10n;
  const { failed, dead, unclear, cannotTell, letters, cancelled } = plan;
  const line = (count: number, words: (number: string) => string): string[] =>
    count > 0 ? [words(formatCount(vs, count))] : [];
  return [
    ...line(failed, (count) => t('{0} failed at Ittybit: each gets another job, which is paid.', count)),
    ...line(dead, (count) => t('{0} dead: sent again; Ittybit charges once for each that it takes.', count)),
    ...line(unclear - cannotTell, (count) =>
      t('{0} of these may have a job already: Ittybit is asked first.', count),
    ),
    ...line(cannotTell, (count) =>
      t(
        '{0} of these: Ittybit cannot tell whether there is a job. "Retry" asks again, "Retry and Pay Again" makes as many new paid jobs.',
        count,
      ),
    ),
    ...line(letters, (count) =>
      t('Left out: {0} that the results table does not know; "Redrive All…" sends them.', count),
    ),
    ...line(cancelled, (count) => t('Left out: {0} of cancelled batches.', count)),
  ];
}

/** @returns what was done, in one or more sentences */
export function doneWords(vs: typeof vscode, { wanted, progress, isStopped }: RetryEnd): string {
  const { t } = vs.l10n;
  const { sent, paid, changed, refused } = progress;
  const number = (count: number): string => formatCount(vs, count);
  return [
    isStopped
      ? t('Stopped: {0} of {1} were sent again, the others stay as they are.', number(sent), number(wanted))
      : t('{0} of {1} were sent again.', number(sent), number(wanted)),
    ...(paid > 0 ? [t('New paid jobs: {0}.', number(paid))] : []),
    ...(changed > 0 ? [t('{0} had changed meanwhile and were left as they are.', number(changed))] : []),
    ...(refused > 0 ? [t('{0} could not be read or changed; try again.', number(refused))] : []),
  ].join(' ');
}
