import type * as vscode from 'vscode';
import type { ViewId } from './view-ids.ts';

/**
 * Shows that something is under way: as a bar in its view, and with its title in the status bar where the view is hidden.
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
