import type * as vscode from 'vscode';
import type { JobsAtIttybit } from '../../app/batch/jobs-at-ittybit.ts';
import { formatCount } from '../base/format.ts';

/**
 * @param jobs undefined: they could not be counted
 * @returns what becomes of the jobs at Ittybit when their stack is deleted; no line where there is none
 */
export function jobLines(vs: typeof vscode, jobs: JobsAtIttybit | undefined): string[] {
  const { t } = vs.l10n;
  if (!jobs) {
    return [
      t(
        'Jobs at Ittybit: the number could not be read. They go on and are paid, and their results are not recorded unless another pipeline takes the table over.',
      ),
    ];
  }
  const { atIttybit, maybe, unread } = jobs;
  return [
    ...(atIttybit > 0 ? [atIttybitLine(vs, atIttybit)] : []),
    ...(maybe > 0
      ? [t('Files that wait for another attempt and may have a job, too: about {0}.', formatCount(vs, maybe))]
      : []),
    ...(unread > 0
      ? [
          t(
            'Batches whose jobs at Ittybit could not be counted, as the number could not be read: {0}.',
            formatCount(vs, unread),
          ),
        ]
      : []),
  ];
}

function atIttybitLine(vs: typeof vscode, count: number): string {
  const { t } = vs.l10n;
  return count === 1
    ? t(
        'About 1 job is at Ittybit: it goes on and is paid, and its result is not recorded unless another pipeline takes the table over.',
      )
    : t(
        'About {0} jobs are at Ittybit: they go on and are paid, and their results are not recorded unless another pipeline takes the table over.',
        formatCount(vs, count),
      );
}
