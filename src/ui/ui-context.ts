import type * as vscode from 'vscode';
import type { Cloud } from './cloud.ts';
import type { SharedConnection } from './connection/connection.ts';
import type { ContextKeyWriter } from './context-keys.ts';
import type { EnqueueRuns } from './enqueue/enqueue-runs.ts';
import type { StackActivity } from './stack/stack-activity.ts';
import type { ScopeHolder } from './views/scope-holder.ts';

/** What commands and views work with; the composition root makes it once. */
export interface UiContext {
  readonly vs: typeof vscode;
  readonly log: vscode.LogOutputChannel;
  readonly cloud: Cloud;
  readonly connection: SharedConnection;
  /** has the scope of the present connection and stack, with the one poll that views, status bar and badges share */
  readonly scopes: ScopeHolder;
  readonly contextKeys: ContextKeyWriter;
  readonly enqueues: EnqueueRuns;
  readonly activity: StackActivity;
  /** the folder of the installed extension */
  readonly extensionUri: vscode.Uri;
  /** survive a reload of the window; `workspace` is this window's, `global` this user's */
  readonly memory: { readonly workspace: vscode.Memento; readonly global: vscode.Memento };
}
