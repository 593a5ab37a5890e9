import type * as vscode from 'vscode';
import type { Failure } from '../../app/batch/failures.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { whenAndBy } from '../base/when-and-by.ts';
import {
  actionTokens,
  failureRow,
  failureRows,
  type FailureData,
  type GroupData,
  type ShownList,
} from './failure-rows.ts';

/** id of the row of the files that are left out */
export const LEFT_OUT_ROW = 'left-out';

/**
 * @param now epoch ms
 * @param shown how the files are shown; asked when the row is opened
 * @returns the row that counts what is left out; its children are the files, each with its note
 */
export function leftOutRow(
  vs: typeof vscode,
  failures: readonly Failure[],
  now: number,
  shown: () => ShownList,
): ViewNode {
  const { t } = vs.l10n;
  const data: GroupData = { failures };
  return {
    id: LEFT_OUT_ROW,
    label: t('{0} left out', formatCount(vs, failures.length)),
    description: t('by hand, not counted'),
    tooltip: t(
      'Left out by hand, each with a note. They are not counted, and "Retry All…" does not send them.',
    ),
    icon: { id: 'eye-closed' },
    tokens: ['list', ...actionTokens(failures)],
    children: (signal) =>
      failureRows(vs, failures, { ...shown(), id: LEFT_OUT_ROW, signal }, (failure) =>
        noteRow(vs, failure, now),
      ),
    data,
  };
}

/** The note comes before what the row of a failed file says. */
function noteRow(vs: typeof vscode, failure: Failure, now: number): ViewNode {
  const row = failureRow(vs, failure, undefined, now);
  const { leftOut, reason } = failure;
  if (!leftOut) return row;
  const note = visibleText(leftOut.note, 200);
  const when = whenAndBy(vs, leftOut);
  const { value } = row.data as FailureData;
  return {
    ...row,
    id: `${LEFT_OUT_ROW} ${failure.id}`,
    description: [note, when].join(' · '),
    tooltip: [
      visibleText(value, 2000),
      vs.l10n.t('Left out: {0}', when),
      visibleText(leftOut.note),
      visibleText(reason, 1200),
    ].join('\n'),
    icon: { id: 'eye-closed' },
  };
}
