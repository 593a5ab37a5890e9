import type * as vscode from 'vscode';
import { formatTime } from '../base/format.ts';

/** @returns such as `AWS silent since 08:31`: what is shown is from before that time */
export function silentWords(vs: typeof vscode, since: number): string {
  return vs.l10n.t('AWS silent since {0}', formatTime(vs, new Date(since)));
}
