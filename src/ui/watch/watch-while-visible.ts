import type * as vscode from 'vscode';
import type { WatchPart } from '../../app/watch/reading.ts';
import type { Disposable } from '../../core/lifetime.ts';
import type { Poll } from './stack-scope.ts';

/** Has the poll read a part only while the view is visible: a hidden view makes no request. */
export function watchWhileVisible(
  view: vscode.TreeView<unknown>,
  watch: Pick<Poll, 'demand'>,
  part: WatchPart,
): Disposable {
  let demand: Disposable | undefined;
  const follow = (): void => {
    if (view.visible) demand ??= watch.demand(part, true);
    else {
      demand?.dispose();
      demand = undefined;
    }
  };
  const listener = view.onDidChangeVisibility(follow);
  follow();
  return {
    dispose: () => {
      listener.dispose();
      demand?.dispose();
    },
  };
}
