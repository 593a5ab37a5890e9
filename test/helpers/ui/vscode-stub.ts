import type * as vscode from 'vscode';
import {
  CodeLens,
  EventEmitter,
  MarkdownString,
  Position,
  Range,
  RelativePattern,
  StubUri,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  WorkspaceEdit,
} from './vscode-stub-basics.ts';
import { BACK } from './vscode-stub-inputs.ts';
import type { StubStatusBarItem, StubTerminal, StubTreeView, StubWatcher } from './vscode-stub-views.ts';
import { windowOf } from './vscode-stub-window.ts';
import { workspaceOf } from './vscode-stub-workspace.ts';

/** A message, input or pick that a person would see. */
export interface Shown {
  readonly kind: 'info' | 'warning' | 'error' | 'input' | 'pick';
  readonly text: string;
  readonly detail: string | undefined;
  readonly modal: boolean;
  readonly password: boolean;
  /** buttons, the labels of a pick, or an input's value */
  readonly choices: readonly string[];
  /** the items of a pick */
  readonly items?: readonly vscode.QuickPickItem[] | undefined;
  /** labels of the items that are ticked or active at first */
  readonly picked?: readonly string[] | undefined;
  readonly step?: number | undefined;
  readonly totalSteps?: number | undefined;
  /** why the answer before this one was refused */
  readonly problem?: string | undefined;
}

/**
 * What the person does: presses a button, takes a label or several, types a text, presses BACK_BUTTON, or Escape (undefined).
 * After a text that is refused, the question comes again, a few times.
 */
export type Answer = (shown: Shown) => string | readonly string[] | undefined;

/** What a test sets up, and what the extension did. */
export interface Recorded {
  readonly commands: Map<string, (...args: unknown[]) => unknown>;
  readonly executed: { readonly id: string; readonly args: readonly unknown[] }[];
  readonly shown: Shown[];
  /** `level: text` of every line in a log channel */
  readonly logged: string[];
  readonly progress: string[];
  readonly settings: Map<string, unknown>;
  readonly updates: { readonly name: string; readonly value: unknown; readonly target: unknown }[];
  readonly files: Map<string, string>;
  readonly treeViews: Map<string, StubTreeView>;
  readonly statusBarItems: StubStatusBarItem[];
  readonly watchers: StubWatcher[];
  readonly terminals: StubTerminal[];
  /** context keys that were set */
  readonly context: Map<string, unknown>;
  /** addresses that were opened outside the editor */
  readonly opened: string[];
  readonly clipboard: string[];
  /** the file that the person saves to; undefined: Escape */
  saveTo: StubUri | undefined;
  /** the file that the person opens; undefined: Escape */
  openFrom: StubUri | undefined;
  /** what shows a lens above documents */
  readonly lenses: vscode.CodeLensProvider[];
  /** short messages of the status bar */
  readonly statusMessages: string[];
  /** virtual documents by scheme */
  readonly contentProviders: Map<string, vscode.TextDocumentContentProvider>;
  /** documents that were opened: a URI's text, or the content of an untitled one */
  readonly documents: {
    readonly uri: string;
    readonly text: string;
    readonly language: string | undefined;
  }[];
  /** documents that are open in the editor, with the text in them */
  readonly textDocuments: { readonly uri: StubUri; readonly isClosed: boolean; getText(): string }[];
  logShown: boolean;
}

export interface VscodeStub extends Recorded {
  readonly vs: typeof vscode;
  /** gives the window the focus, or takes it away */
  focus(focused: boolean): void;
  /** changes these settings, and tells the listeners */
  changeSettings(settings: Readonly<Record<string, unknown>>): void;
  /** presses "Cancel" of each progress notification that has it */
  cancel(): void;
}

const CLASSES = {
  CodeLens,
  Range,
  EventEmitter,
  MarkdownString,
  RelativePattern,
  ThemeColor,
  ThemeIcon,
  Position,
  TreeItem,
  Uri: StubUri,
  WorkspaceEdit,
};

const CONSTANTS = {
  QuickInputButtons: { Back: BACK },
  InputBoxValidationSeverity: { Info: 1, Warning: 2, Error: 3 },
  QuickPickItemKind: { Separator: -1, Default: 0 },
  StatusBarAlignment: { Left: 1, Right: 2 },
  TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
  ViewColumn: { Active: -1, Beside: -2 },
  UIKind: { Desktop: 1, Web: 2 },
  ProgressLocation: { SourceControl: 1, Window: 10, Notification: 15 },
  ConfigurationTarget: { Global: 1, Workspace: 2, WorkspaceFolder: 3 },
};

/**
 * A stand-in for the part of the editor's API that the extension uses. Any other part is undefined, so its use fails.
 * @param answer called for every message, input and pick
 */
export function stubVscode(answer: Answer = () => undefined): VscodeStub {
  const stub = nothingYet();
  const { api: window, focus, cancel } = windowOf(stub, answer);
  const { api: workspace, changeSettings } = workspaceOf(stub);
  const api = {
    ...CLASSES,
    ...CONSTANTS,
    l10n: { t: format },
    env: envOf(stub),
    commands: commandsOf(stub),
    window,
    workspace,
    languages: languagesOf(stub),
  };
  return Object.assign(stub, { vs: api as unknown as typeof vscode, focus, cancel, changeSettings });
}

function nothingYet(): Recorded {
  return {
    commands: new Map(),
    executed: [],
    shown: [],
    logged: [],
    progress: [],
    settings: new Map(),
    updates: [],
    files: new Map(),
    treeViews: new Map(),
    statusBarItems: [],
    watchers: [],
    terminals: [],
    context: new Map(),
    opened: [],
    clipboard: [],
    saveTo: undefined,
    openFrom: undefined,
    lenses: [],
    statusMessages: [],
    contentProviders: new Map(),
    documents: [],
    textDocuments: [],
    logShown: false,
  };
}

function envOf({ opened, clipboard }: Recorded) {
  return {
    remoteName: undefined,
    language: 'en',
    uiKind: CONSTANTS.UIKind.Desktop,
    openExternal: async (uri: StubUri) => void opened.push(uri.toString()),
    asExternalUri: async (uri: StubUri) => uri,
    clipboard: { writeText: async (text: string) => void clipboard.push(text) },
  };
}

function languagesOf({ lenses }: Recorded) {
  return {
    registerCodeLensProvider(_: unknown, provider: vscode.CodeLensProvider) {
      lenses.push(provider);
      return { dispose: () => void lenses.splice(lenses.indexOf(provider), 1) };
    },
  };
}

function commandsOf({ commands, executed, context }: Recorded) {
  return {
    registerCommand(id: string, run: (...args: unknown[]) => unknown) {
      if (commands.has(id)) throw new Error(`command '${id}' already exists`);
      commands.set(id, run);
      return { dispose: () => commands.delete(id) };
    },
    async executeCommand(id: string, ...args: unknown[]) {
      executed.push({ id, args });
      if (id === 'setContext') context.set(String(args[0]), args[1]);
      return commands.get(id)?.(...args);
    },
  };
}

/** Works like the editor without a translation: `{0}` is the first argument. */
function format(message: string, ...args: unknown[]): string {
  return message.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)]));
}
