import type * as vscode from 'vscode';
import { EventEmitter, StubUri, type WorkspaceEdit } from './vscode-stub-basics.ts';
import { fileWatchers } from './vscode-stub-views.ts';
import type { Recorded } from './vscode-stub.ts';

/** `vscode.workspace`: settings, documents and files. */
export function workspaceOf(stub: Recorded) {
  const settingsChanged = new EventEmitter<vscode.ConfigurationChangeEvent>();
  const api = {
    getConfiguration: (section: string) => configuration(stub, section),
    onDidChangeConfiguration: settingsChanged.event,
    createFileSystemWatcher: fileWatchers(stub.watchers),
    isTrusted: true,
    textDocuments: stub.textDocuments,
    async applyEdit({ inserts }: WorkspaceEdit) {
      for (const { uri, text } of inserts) {
        const index = stub.textDocuments.findIndex((document) => document.uri.toString() === uri.toString());
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
      async writeFile(uri: { path: string }, content: Uint8Array) {
        stub.files.set(uri.path, new TextDecoder().decode(content));
      },
    },
  };
  const changeSettings = (settings: Readonly<Record<string, unknown>>): void => {
    for (const [name, value] of Object.entries(settings)) stub.settings.set(name, value);
    settingsChanged.fire({
      affectsConfiguration: (section) =>
        Object.keys(settings).some((name) => name === section || name.startsWith(`${section}.`)),
    });
  };
  return { api, changeSettings };
}

type OpenTarget = StubUri | { readonly language?: string; readonly content?: string };

/** Reads a virtual document through its provider, or makes an untitled one. */
async function openDocument(
  stub: Pick<Recorded, 'contentProviders' | 'documents' | 'textDocuments'>,
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

function openText(uri: StubUri, text: string): Recorded['textDocuments'][number] {
  return { uri, isClosed: false, getText: () => text };
}

/** The editor's class has no public constructor: the stub's own stands in for it. */
function editorUri(uri: unknown): vscode.Uri {
  return uri as vscode.Uri;
}

/** A cancellation token that is never triggered. */
const never = {
  isCancellationRequested: false,
  onCancellationRequested: () => ({ dispose: () => undefined }),
};

function configuration(stub: Pick<Recorded, 'settings' | 'updates'>, section: string) {
  return {
    get: (name: string) => stub.settings.get(`${section}.${name}`),
    inspect: (name: string) => ({ workspaceValue: stub.settings.get(`workspace ${section}.${name}`) }),
    async update(name: string, value: unknown, target: unknown) {
      stub.updates.push({ name: `${section}.${name}`, value, target });
      stub.settings.set(`${section}.${name}`, value);
    },
  };
}
