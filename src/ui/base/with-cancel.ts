import type * as vscode from 'vscode';

/** Shows a line of text in a notification, and moves its bar on by `increment` percent. */
export type Progress = vscode.Progress<{ readonly message?: string; readonly increment?: number }>;

/**
 * Shows a progress notification with a Cancel button while `work` runs. Cancel aborts `controller`; `work` may abort it, too.
 * @returns what `work` returns
 * @throws what `work` throws
 */
export async function withCancel<Result>(
  vs: typeof vscode,
  title: string,
  work: (progress: Progress, controller: AbortController) => Promise<Result>,
): Promise<Result> {
  const options = { location: vs.ProgressLocation.Notification, title, cancellable: true };
  return vs.window.withProgress(options, async (progress, token) => {
    const controller = new AbortController();
    const listener = token.onCancellationRequested(() => {
      controller.abort();
    });
    try {
      return await work(progress, controller);
    } finally {
      listener.dispose();
    }
  });
}
