import type * as vscode from 'vscode';
import { visibleText } from '../../core/visible-text.ts';

/** The stack and the causes of an error fit; in UTF-16 units. */
const MAX_ENTRY = 10_000;
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/**
 * @returns the channel with each entry on one line, so that an event can be found and filtered by its line, and foreign text
 * cannot look like an event of its own
 */
export function oneLineLog(channel: vscode.LogOutputChannel): vscode.LogOutputChannel {
  const entries = LEVELS.map((level) => {
    const value = (message: string): void => {
      channel[level](visibleText(message.replace(/\s*[\r\n\u2028\u2029]\s*/g, ' '), MAX_ENTRY));
    };
    return [level, { value }] as const;
  });
  return Object.create(channel, Object.fromEntries(entries)) as vscode.LogOutputChannel;
}
