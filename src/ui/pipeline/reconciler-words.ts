import type * as vscode from 'vscode';
import type { ReconcilerCounts } from '../../core/stack/reconciler-run.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';

/** The counts that matter to a user, the most important first; others follow, as a newer function may have more. */
const ORDER = [
  'ended',
  'sentAgain',
  'waitsEnded',
  'mappingSwitchedOff',
  'lettersRemoved',
  'lettersExplained',
  'unreadable',
  'asked',
  'looked',
];

/** @returns what a run did, such as `12 ended`, without what it did not do at all */
export function didWords(vs: typeof vscode, did: ReconcilerCounts): readonly string[] {
  const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return Object.entries(did)
    .filter(([, count]) => count > 0)
    .toSorted(([a], [b]) => place(a) - place(b))
    .map(([name, count]) => words(vs, name, count));
}

function words(vs: typeof vscode, name: string, count: number): string {
  const { t } = vs.l10n;
  const number = formatCount(vs, count);
  switch (name) {
    case 'ended':
      return t('{0} ended', number);
    case 'sentAgain':
      return t('{0} sent again', number);
    case 'waitsEnded':
      return t('dispatch resumed');
    case 'mappingSwitchedOff':
      return t('switched dispatch off again, which something outside Media Batch had switched on');
    case 'lettersRemoved':
      return t('{0} outdated dead letters removed', number);
    case 'lettersExplained':
      return t('{0} dead letters explained', number);
    case 'unreadable':
      return t('{0} unreadable', number);
    case 'asked':
      return t('{0} asked about at Ittybit', number);
    case 'looked':
      return t('{0} looked at', number);
    default:
      // A function of a newer template may count more.
      return `${number} ${visibleText(name, 40)}`;
  }
}
