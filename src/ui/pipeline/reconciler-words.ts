import type * as vscode from 'vscode';
import type { ReconcilerCounts } from '../../core/stack/reconciler-run.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';

/** @returns what a run did, such as `12 settled`, without what it did not do at all */
export function didWords(vs: typeof vscode, did: ReconcilerCounts): readonly string[] {
  return Object.entries(did)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => words(vs, name, count));
}

function words(vs: typeof vscode, name: string, count: number): string {
  const { t } = vs.l10n;
  const number = formatCount(vs, count);
  switch (name) {
    case 'settled':
      return t('{0} settled', number);
    case 'waitsEnded':
      return t('dispatch resumed');
    default:
      // A function of a newer template may count more.
      return `${number} ${visibleText(name, 40)}`;
  }
}
