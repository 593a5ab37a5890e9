import { registerHooks } from 'node:module';
import type * as vscode from 'vscode';
import {
  EventEmitter,
  MarkdownString,
  Position,
  RelativePattern,
  StubUri,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  WorkspaceEdit,
} from './vscode-stub-basics.ts';
import { BACK, StubInputBox, StubQuickPick, type Show } from './vscode-stub-inputs.ts';
import {
  fileWatchers,
  statusBarItems,
  terminals,
  treeViews,
  type StubStatusBarItem,
  type StubTerminal,
  type StubTreeView,
  type StubWatcher,
} from './vscode-stub-views.ts';

/** One call of the editor's interface that a person would see. */
export interface Shown {
  readonly kind: 'info' | 'warning' | 'error' | 'input' | 'pick';
  readonly text: string;
  readonly detail: string | undefined;
  readonly modal: boolean;
  readonly password: boolean;
  /** buttons, the labels of a pick, or an input's value */
  readonly choices: readonly string[];
  /** a pick's items whole */
  readonly items?: readonly vscode.QuickPickItem[] | undefined;
  /** labels that are ticked or active at first */
  readonly picked?: readonly string[] | undefined;
  readonly step?: number | undefined;
  readonly totalSteps?: number | undefined;
  /** why the answer before this one was refused */
  readonly problem?: string | undefined;
}

/**
 * What the person does: a button or label, several labels, a text, BACK_BUTTON, or undefined for Escape. A text that is
 * refused is asked again, a few times.
 */
export type Answer = (shown: Shown) => string | readonly string[] | undefined;

export interface VscodeStub {
  readonly vs: typeof vscode;
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
  /** of `setContext` */
  readonly context: Map<string, unknown>;
  /** addresses given to openExternal */
  readonly opened: string[];
  readonly clipboard: string[];
  /** virtual documents by scheme */
  readonly contentProviders: Map<string, vscode.TextDocumentContentProvider>;
  /** documents that were opened: a URI's text, or the content of an untitled one */
  readonly documents: {
    readonly uri: string;
    readonly text: string;
    readonly language: string | undefined;
  }[];
  /** documents that are open in the editor, with what is typed in them */
  readonly textDocuments: { readonly uri: StubUri; readonly isClosed: boolean; getText(): string }[];
  /** whether the window has the focus; `focus` changes it */
  focus(focused: boolean): void;
  /** tells the listeners that these settings have changed */
  changeSettings(settings: Readonly<Record<string, unknown>>): void;
  /** presses "Cancel" of the running progress notification */
  cancel(): void;
  logShown: boolean;
}

/**
 * A stand-in for the part of the editor's API that the extension uses; whatever else is touched is undefined and fails.
 * @param answer called for every message, input and pick
 */
export function stubVscode(answer: Answer = () => undefined): VscodeStub {
  const stub: Omit<VscodeStub, 'vs' | 'cancel' | 'focus' | 'changeSettings'> & { vs?: typeof vscode } = {
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
    contentProviders: new Map(),
    documents: [],
    textDocuments: [],
    logShown: false,
  };
  const cancels = new Set<() => void>();
  const windowState = new EventEmitter<vscode.WindowState>();
  const settingsChanged = new EventEmitter<vscode.ConfigurationChangeEvent>();
  const closedTerminals = new EventEmitter<unknown>();
  const state = { focused: true, active: true };
  const api = {
    l10n: { t: format },
    env: {
      remoteName: undefined,
      language: 'en',
      uiKind: 1,
      openExternal: async (uri: StubUri) => void stub.opened.push(uri.toString()),
      asExternalUri: async (uri: StubUri) => uri,
      clipboard: { writeText: async (text: string) => void stub.clipboard.push(text) },
    },
    EventEmitter,
    MarkdownString,
    RelativePattern,
    ThemeColor,
    ThemeIcon,
    Position,
    TreeItem,
    Uri: StubUri,
    WorkspaceEdit,
    QuickInputButtons: { Back: BACK },
    QuickPickItemKind: { Separator: -1, Default: 0 },
    StatusBarAlignment: { Left: 1, Right: 2 },
    TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
    ViewColumn: { Active: -1, Beside: -2 },
    UIKind: { Desktop: 1, Web: 2 },
    ProgressLocation: { SourceControl: 1, Window: 10, Notification: 15 },
    ConfigurationTarget: { Global: 1, Workspace: 2, WorkspaceFolder: 3 },
    commands: {
      registerCommand(id: string, run: (...args: unknown[]) => unknown) {
        if (stub.commands.has(id)) throw new Error(`command '${id}' already exists`);
        stub.commands.set(id, run);
        return { dispose: () => stub.commands.delete(id) };
      },
      async executeCommand(id: string, ...args: unknown[]) {
        stub.executed.push({ id, args });
        if (id === 'setContext') stub.context.set(String(args[0]), args[1]);
        return stub.commands.get(id)?.(...args);
      },
    },
    window: {
      ...dialogs(stub.shown, answer),
      state,
      onDidChangeWindowState: windowState.event,
      createTreeView: treeViews(stub.treeViews),
      createStatusBarItem: statusBarItems(stub.statusBarItems),
      createTerminal: terminals(stub.terminals, closedTerminals),
      onDidCloseTerminal: closedTerminals.event,
      showTextDocument: async (document: unknown) => ({ document }),
      createOutputChannel: () => logChannel(stub),
      async withProgress(
        options: vscode.ProgressOptions,
        task: (progress: unknown, token: unknown) => unknown,
      ) {
        const listeners = new Set<() => void>();
        const press = (): void => {
          for (const listener of listeners) listener();
        };
        if (options.cancellable) cancels.add(press);
        const token = {
          isCancellationRequested: false,
          onCancellationRequested(listener: () => void) {
            listeners.add(listener);
            return { dispose: () => listeners.delete(listener) };
          },
        };
        try {
          return await task(
            { report: ({ message }: { message: string }) => stub.progress.push(message) },
            token,
          );
        } finally {
          cancels.delete(press);
        }
      },
    },
    workspace: {
      getConfiguration: (section: string) => configuration(stub, section),
      onDidChangeConfiguration: settingsChanged.event,
      createFileSystemWatcher: fileWatchers(stub.watchers),
      isTrusted: true,
      textDocuments: stub.textDocuments,
      async applyEdit({ inserts }: WorkspaceEdit) {
        for (const { uri, text } of inserts) {
          const index = stub.textDocuments.findIndex(
            (document) => document.uri.toString() === uri.toString(),
          );
          stub.textDocuments[index] = openText(uri, text);
        }
        return true;
      },
      registerTextDocumentContentProvider(scheme: string, provider: vscode.TextDocumentContentProvider) {
        stub.contentProviders.set(scheme, provider);
        return { dispose: () => stub.contentProviders.delete(scheme) };
      },
      openTextDocument: (what: OpenTarget) => openDocument(stub, what),
      fs: {
        async readFile(uri: { path: string }) {
          const text = stub.files.get(uri.path);
          if (text === undefined) throw new Error(`FileNotFound: ${uri.path}`);
          return new TextEncoder().encode(text);
        },
      },
    },
  };
  return Object.assign(stub, {
    vs: api as unknown as typeof vscode,
    focus: (focused: boolean) => {
      Object.assign(state, { focused, active: focused });
      windowState.fire(state);
    },
    changeSettings: (settings: Readonly<Record<string, unknown>>) => {
      for (const [name, value] of Object.entries(settings)) stub.settings.set(name, value);
      settingsChanged.fire({
        affectsConfiguration: (section) =>
          Object.keys(settings).some((name) => name === section || name.startsWith(`${section}.`)),
      });
    },
    cancel: () => {
      for (const press of cancels) press();
    },
  });
}

type OpenTarget = StubUri | { readonly language?: string; readonly content?: string };

/** Reads a virtual document through its provider, or makes an untitled one. */
async function openDocument(
  stub: Pick<VscodeStub, 'contentProviders' | 'documents' | 'textDocuments'>,
  what: OpenTarget,
) {
  if (!(what instanceof StubUri)) {
    const { language, content = '' } = what;
    stub.documents.push({ uri: 'untitled:', text: content, language });
    return { uri: StubUri.parse('untitled:Untitled-1'), languageId: language, getText: () => content };
  }
  if (what.scheme === 'untitled') {
    const open = stub.textDocuments.find(({ uri }) => uri.toString() === what.toString());
    if (open) return open;
    const document = openText(what, '');
    stub.textDocuments.push(document);
    return document;
  }
  const provider = stub.contentProviders.get(what.scheme);
  const text = (await provider?.provideTextDocumentContent(editorUri(what), never)) ?? '';
  stub.documents.push({ uri: what.toString(), text, language: undefined });
  return { uri: what, languageId: 'json', getText: () => text };
}

function openText(uri: StubUri, text: string): VscodeStub['textDocuments'][number] {
  return { uri, isClosed: false, getText: () => text };
}

/** The editor's class has no public constructor: the stub's own stands in for it. */
function editorUri(uri: unknown): vscode.Uri {
  return uri as vscode.Uri;
}

/** A cancellation token that nobody triggers. */
const never = {
  isCancellationRequested: false,
  onCancellationRequested: () => ({ dispose: () => undefined }),
};

/** As the editor does it without a translation: `{0}` is the first argument. */
function format(message: string, ...args: unknown[]): string {
  return message.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)]));
}

function dialogs(shown: Shown[], answer: Answer) {
  const show: Show = (entry) => {
    const full = { detail: undefined, modal: false, password: false, choices: [], ...entry };
    shown.push(full);
    return answer(full);
  };
  const message =
    (kind: Shown['kind']) =>
    async (text: string, ...rest: (vscode.MessageOptions | string)[]): Promise<string | undefined> => {
      const options = rest.find((item) => typeof item === 'object');
      const choices = rest.filter((item) => typeof item === 'string');
      const choice = show({ kind, text, detail: options?.detail, modal: options?.modal ?? false, choices });
      return choices.find((button) => button === choice);
    };
  return {
    showInformationMessage: message('info'),
    showWarningMessage: message('warning'),
    showErrorMessage: message('error'),
    /** Like the editor, it does not take a value that `validateInput` refuses: the test fails instead of waiting. */
    async showInputBox(options: vscode.InputBoxOptions) {
      const { title = '', prompt, value = '', password = false } = options;
      const answer = show({ kind: 'input', text: title, detail: prompt, password, choices: [value] });
      if (answer === undefined) return undefined;
      const text = String(answer);
      if (await options.validateInput?.(text)) throw new Error(`The input "${title}" refuses "${text}"`);
      return text;
    },
    async showQuickPick(items: readonly vscode.QuickPickItem[], options: vscode.QuickPickOptions) {
      const label = show({
        kind: 'pick',
        text: options.title ?? '',
        detail: options.placeHolder,
        choices: items.map((item) => item.label),
        items,
      });
      return items.find((item) => item.label === label);
    },
    createInputBox: () => new StubInputBox(show),
    createQuickPick: () => new StubQuickPick(show),
  };
}

function logChannel(stub: Pick<VscodeStub, 'logged' | 'logShown'>) {
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

function configuration(stub: Pick<VscodeStub, 'settings' | 'updates'>, section: string) {
  return {
    get: (name: string) => stub.settings.get(`${section}.${name}`),
    inspect: (name: string) => ({ workspaceValue: stub.settings.get(`workspace ${section}.${name}`) }),
    async update(name: string, value: unknown, target: unknown) {
      stub.updates.push({ name: `${section}.${name}`, value, target });
      stub.settings.set(`${section}.${name}`, value);
    },
  };
}

/**
 * Imports a module that imports `vscode` at run time, with the stub in its place; each call gets a fresh copy of it.
 * @param url of the module, as `new URL('…', import.meta.url)` gives it
 * @returns its exports, and the specifiers that it and everything else asks for until `release` is called
 */
export async function importWith(
  vs: typeof vscode,
  url: URL,
): Promise<{ exports: unknown; imported: readonly string[]; release: () => void }> {
  const key = `vscode-stub-${process.hrtime.bigint().toString(36)}`;
  const imported: string[] = [];
  Reflect.set(globalThis, key, vs);
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      imported.push(specifier);
      if (specifier === 'vscode') return { url: `${key}:vscode`, format: 'module', shortCircuit: true };
      return next(specifier, context);
    },
    load(loaded, context, next) {
      if (loaded !== `${key}:vscode`) return next(loaded, context);
      const names = Object.keys(vs).map((name) => `export const ${name} = globalThis['${key}'].${name};`);
      return { format: 'module', source: names.join('\n'), shortCircuit: true };
    },
  });
  const release = (): void => {
    hooks.deregister();
    Reflect.deleteProperty(globalThis, key);
  };
  return { exports: await import(`${url.href}?${key}`), imported, release };
}
