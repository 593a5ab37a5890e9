import type * as vscode from 'vscode';

/** Escape in a dialog: the same as any other cancel, so nobody has to tell them apart. */
export function cancelled(): DOMException {
  return new DOMException('The user cancelled.', 'AbortError');
}

/**
 * Asks for one line of text; the box stays when the user looks something up elsewhere.
 * @returns the text without the blanks around it
 * @throws AbortError on Escape
 */
export async function askText(vs: typeof vscode, options: vscode.InputBoxOptions): Promise<string> {
  const text = await vs.window.showInputBox({ ignoreFocusOut: true, ...options });
  if (text === undefined) throw cancelled();
  return text.trim();
}

/**
 * Asks for one of several items.
 * @throws AbortError on Escape
 */
export async function askItem<Item extends vscode.QuickPickItem>(
  vs: typeof vscode,
  items: readonly Item[],
  options: vscode.QuickPickOptions,
): Promise<Item> {
  const item = await vs.window.showQuickPick(items, { ignoreFocusOut: true, ...options });
  if (!item) throw cancelled();
  return item;
}
