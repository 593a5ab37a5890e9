import type * as vscode from 'vscode';
import type { Cloud } from './cloud.ts';

/** What commands work with; the composition root makes it once. */
export interface UiContext {
  readonly vs: typeof vscode;
  readonly log: vscode.LogOutputChannel;
  readonly cloud: Cloud;
  /** the folder of the installed extension */
  readonly extensionUri: vscode.Uri;
}
