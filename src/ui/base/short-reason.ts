import type * as vscode from 'vscode';
import { visibleText } from '../../core/visible-text.ts';

/** A row and the status bar have room for so many characters of a reason; tooltips have all of it. */
const SHORT = 30;
/** A refused key, or one that is missing or cannot be read, in the consumer's words. */
const ABOUT_KEY = /\(HTTP 401\)|\bAPI key\b/i;
const NO_KEY = /\bno usable\b.*\bAPI key\b/i;
const NO_CREDIT = /\(HTTP 402\)/;

/** @returns why dispatch or a batch stands still, in a few words: `key refused`, `no key`, or how the reason begins */
export function shortReason({ l10n: { t } }: typeof vscode, reason: string | undefined): string {
  if (!reason) return t('no reason recorded');
  if (NO_KEY.test(reason)) return t('no key');
  if (isAboutKey(reason)) return t('key refused');
  return NO_CREDIT.test(reason) ? t('no credit') : visibleText(reason, SHORT);
}

/** @returns true where the reason is that Ittybit refuses the API key, or that there is none */
export function isAboutKey(reason: string): boolean {
  return ABOUT_KEY.test(reason);
}
