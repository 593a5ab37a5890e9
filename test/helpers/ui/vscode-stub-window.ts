import type * as vscode from 'vscode';
import { EventEmitter } from './vscode-stub-basics.ts';
import { dialogs } from './vscode-stub-dialogs.ts';
import { statusBarItems, terminals, treeViews } from './vscode-stub-views.ts';
import type { Answer, Recorded } from './vscode-stub.ts';

/** `vscode.window`: dialogs, views, terminals, the log and progress notifications. */
export function windowOf(stub: Recorded, answer: Answer) {
  const state = { focused: true, active: true };
  const stateChanged = new EventEmitter<vscode.WindowState>();
  const closedTerminals = new EventEmitter<unknown>();
  const cancelled = new EventEmitter<undefined>();
  const api = {
    ...dialogs(stub.shown, answer),
    state,
    onDidChangeWindowState: stateChanged.event,
    createTreeView: treeViews(stub.treeViews),
    createStatusBarItem: statusBarItems(stub.statusBarItems),
    createTerminal: terminals(stub.terminals, closedTerminals),
    onDidCloseTerminal: closedTerminals.event,
    showSaveDialog: async () => stub.saveTo,
    showOpenDialog: async () => stub.openFrom && [stub.openFrom],
    activeTextEditor: undefined,
    tabGroups: { activeTabGroup: { activeTab: undefined as { input: unknown } | undefined } },
    setStatusBarMessage: (text: string) => void stub.statusMessages.push(text),
    showTextDocument: async (document: unknown) => ({ document }),
    createOutputChannel: () => logChannel(stub),
    withProgress: progress(stub, cancelled),
  };
  return {
    api,
    focus: (focused: boolean) => {
      Object.assign(state, { focused, active: focused });
      stateChanged.fire(state);
    },
    cancel: () => {
      cancelled.fire(undefined);
    },
  };
}

/** Makes withProgress; while a progress with Cancel is shown, it hears of `cancelled`. */
function progress(stub: Pick<Recorded, 'progress'>, cancelled: EventEmitter<undefined>) {
  return async (
    { cancellable = false }: vscode.ProgressOptions,
    task: (progress: unknown, token: unknown) => unknown,
  ): Promise<unknown> => {
    const pressed = new EventEmitter<undefined>();
    const listener = cancelled.event(() => {
      if (cancellable) pressed.fire(undefined);
    });
    const token = { isCancellationRequested: false, onCancellationRequested: pressed.event };
    const report = ({ message }: { message: string }): void => void stub.progress.push(message);
    try {
      return await task({ report }, token);
    } finally {
      listener.dispose();
    }
  };
}

function logChannel(stub: Pick<Recorded, 'logged' | 'logShown'>) {
  const write = (level: string) => (text: string) => {
    stub.logged.push(`${level}: ${text}`);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    show: () => {
      stub.logShown = true;
    },
    dispose: () => undefined,
  };
}
