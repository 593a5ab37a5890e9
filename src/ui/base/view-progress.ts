import type * as vscode from 'vscode';
import type { ViewId } from './view-ids.ts';

/**
 * Shows the progress of `work`: a bar in its view, and a title in the status bar for when the view is hidden.
 * @returns what `work` returns
 */
export async function withViewProgress<Result>(
  vs: typeof vscode,
  viewId: ViewId,
  title: string,
  work: () => Promise<Result>,
): Promise<Result> {
  return vs.window.withProgress({ location: { viewId } }, () =>
    vs.window.withProgress({ location: vs.ProgressLocation.Window, title }, work),
  );
}
