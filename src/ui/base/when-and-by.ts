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

/** @returns when something was stopped, and by whom, such as `26 Nov 2026, 14:02, by the consumer` */
export function whenAndBy(vs: typeof vscode, { at = '', by = '' }: Stopped): string {
  const { t } = vs.l10n;
  const date = new Date(at);
  const when = Number.isNaN(date.getTime()) ? t('at an unknown time') : formatDate(vs, date);
  return [when, byWords(vs, by) ?? t('by {0}', '?')].join(', ');
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
