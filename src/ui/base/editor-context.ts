import type * as vscode from 'vscode';
import type { OpenIttybit } from '../../app/stack/api-key.ts';
import type { Cloud } from './cloud.ts';
import type { ContextKeyWriter } from './context-keys.ts';

/** The parts of the editor and of the extension that every feature may use. The composition root makes it once. */
export interface EditorContext {
  readonly vs: typeof vscode;
  readonly log: vscode.LogOutputChannel;
  readonly cloud: Cloud;
  readonly openIttybit: OpenIttybit;
  readonly contextKeys: ContextKeyWriter;
  /** the folder of the installed extension */
  readonly extensionUri: vscode.Uri;
  /** memory that survives a reload of the window: `workspace` is per workspace, `global` is per user */
  readonly memory: { readonly workspace: vscode.Memento; readonly global: vscode.Memento };
}
