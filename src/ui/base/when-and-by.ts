import type * as vscode from 'vscode';
import { visibleText } from '../../core/visible-text.ts';
import { formatDate } from './format.ts';

/** A row and a question have room for a short name. */
const SHORT = 60;

/** When something was stopped, ISO 8601, and by whom: `consumer`, `reconciler`, `operator`, or what a newer version writes. */
export interface Stopped {
  readonly at?: string | undefined;
  readonly by?: string | undefined;
}

/** @returns when something was stopped, and by whom where that is recorded, such as `26 Nov 2026, 14:02, by the consumer` */
export function whenAndBy(vs: typeof vscode, { at = '', by }: Stopped): string {
  const { t } = vs.l10n;
  const date = new Date(at);
  const when = Number.isNaN(date.getTime()) ? t('at an unknown time') : formatDate(vs, date);
  return [when, byWords(vs, by)].filter(Boolean).join(', ');
}

/** @returns a sentence that says since when something is stopped, and by whom; none where no time is recorded */
export function sinceLines(vs: typeof vscode, stopped: Stopped): string[] {
  if (Number.isNaN(Date.parse(stopped.at ?? ''))) return [];
  return [vs.l10n.t('Since {0}.', whenAndBy(vs, stopped))];
}

/** @returns such as `by the consumer`; undefined where it is not recorded */
export function byWords({ l10n: { t } }: typeof vscode, by: string | undefined): string | undefined {
  const names = new Map([
    ['consumer', t('by the consumer')],
    ['reconciler', t('by the reconciler')],
    ['operator', t('by hand')],
  ]);
  if (!by) return undefined;
  return names.get(by) ?? t('by {0}', visibleText(by, SHORT));
}
