import type * as vscode from 'vscode';
import type { Cloud } from './cloud.ts';
import type { ContextKeyWriter } from './context-keys.ts';

/** What every part may need of the editor and of the extension's own place in it; the composition root makes it once. */
export interface EditorContext {
  readonly vs: typeof vscode;
  readonly log: vscode.LogOutputChannel;
  readonly cloud: Cloud;
  readonly contextKeys: ContextKeyWriter;
  /** the folder of the installed extension */
  readonly extensionUri: vscode.Uri;
  /** survive a reload of the window; `workspace` is this window's, `global` this user's */
  readonly memory: { readonly workspace: vscode.Memento; readonly global: vscode.Memento };
}
