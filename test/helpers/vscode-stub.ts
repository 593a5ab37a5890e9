import { registerHooks } from 'node:module';
import type * as vscode from 'vscode';

/** One call of the editor's interface that a person would see. */
export interface Shown {
  readonly kind: 'info' | 'warning' | 'error' | 'input' | 'pick';
  readonly text: string;
  readonly detail: string | undefined;
  readonly modal: boolean;
  readonly password: boolean;
  /** buttons, or the labels of a pick */
  readonly choices: readonly string[];
}

/** What the person does: a button or label, a text, or undefined for Escape. */
export type Answer = (shown: Shown) => string | undefined;

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
  /** presses "Cancel" of the running progress notification */
  cancel(): void;
  logShown: boolean;
}

/**
 * A stand-in for the part of the editor's API that the extension uses; whatever else is touched is undefined and fails.
 * @param answer called for every message, input and pick
 */
export function stubVscode(answer: Answer = () => undefined): VscodeStub {
  const stub: Omit<VscodeStub, 'vs' | 'cancel'> & { vs?: typeof vscode } = {
    commands: new Map(),
    executed: [],
    shown: [],
    logged: [],
    progress: [],
    settings: new Map(),
    updates: [],
    files: new Map(),
    logShown: false,
  };
  const cancels = new Set<() => void>();
  const api = {
    l10n: { t: format },
    env: { remoteName: undefined },
    ProgressLocation: { SourceControl: 1, Window: 10, Notification: 15 },
    ConfigurationTarget: { Global: 1, Workspace: 2, WorkspaceFolder: 3 },
    Uri: {
      joinPath: (base: { path: string }, ...parts: string[]) => ({ path: [base.path, ...parts].join('/') }),
    },
    commands: {
      registerCommand(id: string, run: (...args: unknown[]) => unknown) {
        if (stub.commands.has(id)) throw new Error(`command '${id}' already exists`);
        stub.commands.set(id, run);
        return { dispose: () => stub.commands.delete(id) };
      },
      async executeCommand(id: string, ...args: unknown[]) {
        stub.executed.push({ id, args });
        return stub.commands.get(id)?.(...args);
      },
    },
    window: {
      ...dialogs(stub.shown, answer),
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
    cancel: () => {
      for (const press of cancels) press();
    },
  });
}

/** As the editor does it without a translation: `{0}` is the first argument. */
function format(message: string, ...args: unknown[]): string {
  return message.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)]));
}

function dialogs(shown: Shown[], answer: Answer) {
  const show = (entry: Partial<Shown> & Pick<Shown, 'kind' | 'text'>): string | undefined => {
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
      return choice !== undefined && choices.includes(choice) ? choice : undefined;
    };
  return {
    showInformationMessage: message('info'),
    showWarningMessage: message('warning'),
    showErrorMessage: message('error'),
    /** Like the editor, it does not take a value that `validateInput` refuses: the test fails instead of waiting. */
    async showInputBox(options: vscode.InputBoxOptions) {
      const { title = '', prompt, value = '', password = false } = options;
      const text = show({ kind: 'input', text: title, detail: prompt, password, choices: [value] });
      const problem = text === undefined ? undefined : await options.validateInput?.(text);
      if (problem) throw new Error(`The input "${title}" refuses "${text ?? ''}"`);
      return text;
    },
    async showQuickPick(items: readonly vscode.QuickPickItem[], options: vscode.QuickPickOptions) {
      const label = show({
        kind: 'pick',
        text: options.title ?? '',
        choices: items.map((item) => item.label),
      });
      return items.find((item) => item.label === label);
    },
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
