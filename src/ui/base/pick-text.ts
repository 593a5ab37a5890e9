import { visibleText } from '../../core/visible-text.ts';

/** Picks turn `$(name)` into an icon, unless a backslash stands before it (vscode.d.ts, QuickPickItem.label). */
const ICON = /\$\([A-Za-z0-9-]+(~[A-Za-z]+)?\)/g;

/** @returns text from AWS or a file for an item of a pick: all characters visible, and no icons */
export function pickText(text: string, max?: number): string {
  return visibleText(text, max).replace(ICON, '\\$&');
}
