import type * as vscode from 'vscode';

/** The parts of the editor's small classes that the extension uses. */

export class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => unknown>();
  readonly event = (listener: (value: T) => unknown, _thisArg?: unknown, owned?: { dispose(): void }[]) => {
    this.#listeners.add(listener);
    const disposable = { dispose: () => void this.#listeners.delete(listener) };
    owned?.push(disposable);
    return disposable;
  };
  get listening(): number {
    return this.#listeners.size;
  }
  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class ThemeColor {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export class ThemeIcon {
  readonly id: string;
  readonly color: ThemeColor | undefined;
  constructor(id: string, color?: ThemeColor) {
    this.id = id;
    this.color = color;
  }
}

export class TreeItem {
  readonly label: string;
  readonly collapsibleState: number;
  constructor(label: string, collapsibleState = 0) {
    this.label = label;
    this.collapsibleState = collapsibleState;
  }
}

export class MarkdownString {
  value: string;
  constructor(value = '') {
    this.value = value;
  }
}

export class RelativePattern {
  readonly base: unknown;
  readonly pattern: string;
  constructor(base: unknown, pattern: string) {
    this.base = base;
    this.pattern = pattern;
  }
}

export class Position {
  readonly line: number;
  readonly character: number;
  constructor(line: number, character: number) {
    this.line = line;
    this.character = character;
  }
}

export class Range {
  readonly start: Position;
  constructor(line: number, character: number) {
    this.start = new Position(line, character);
  }
}

export class CodeLens {
  readonly range: Range;
  readonly command: unknown;
  constructor(range: Range, command: unknown) {
    this.range = range;
    this.command = command;
  }
}

/** The extension only inserts text into empty documents. */
export class WorkspaceEdit {
  readonly inserts: { readonly uri: StubUri; readonly text: string }[] = [];
  insert(uri: StubUri, _position: Position, text: string): void {
    this.inserts.push({ uri, text });
  }
}

/** A URI with the parts that the extension reads. */
export class StubUri {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
  constructor(parts: {
    scheme: string;
    authority?: string;
    path?: string;
    query?: string;
    fragment?: string;
  }) {
    this.scheme = parts.scheme;
    this.authority = parts.authority ?? '';
    this.path = parts.path ?? '';
    this.query = parts.query ?? '';
    this.fragment = parts.fragment ?? '';
  }
  get fsPath(): string {
    return this.path;
  }
  with(change: Partial<Pick<StubUri, 'scheme' | 'authority' | 'path' | 'query' | 'fragment'>>): StubUri {
    return StubUri.from({ ...this.toJSON(), ...change });
  }
  toJSON() {
    const { scheme, authority, path, query, fragment } = this;
    return { scheme, authority, path, query, fragment };
  }
  toString(): string {
    const { scheme, authority, path, query, fragment } = this;
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    return (
      `${scheme}:${authority || path.startsWith('//') ? `//${authority}` : ''}${encoded}` +
      `${query && `?${encodeURIComponent(query)}`}${fragment && `#${encodeURIComponent(fragment)}`}`
    );
  }
  static from(parts: ConstructorParameters<typeof StubUri>[0]): StubUri {
    return new StubUri(parts);
  }
  static file(path: string): StubUri {
    return new StubUri({ scheme: 'file', path });
  }
  static parse(text: string): StubUri {
    const [, scheme = '', authority = '', path = '', query = '', fragment = ''] =
      /^([\w+.-]+):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(text) ?? [];
    return new StubUri({
      scheme,
      authority,
      path: decodeURIComponent(path),
      query: decodeURIComponent(query),
      fragment: decodeURIComponent(fragment),
    });
  }
  static joinPath(base: { scheme?: string; path: string }, ...parts: string[]): StubUri {
    return new StubUri({ scheme: base.scheme ?? 'file', path: [base.path, ...parts].join('/') });
  }
}

/** Workspace or global state; `stored` is what remains after a reload. */
export function stubMemento(stored: Record<string, unknown> = {}): vscode.Memento & {
  readonly stored: Record<string, unknown>;
  setKeysForSync(): void;
} {
  return {
    stored,
    keys: () => Object.keys(stored),
    get: (key: string, fallback?: unknown) => (key in stored ? structuredClone(stored[key]) : fallback),
    async update(key: string, value: unknown) {
      if (value === undefined) Reflect.deleteProperty(stored, key);
      else stored[key] = structuredClone(value);
    },
    setKeysForSync: () => undefined,
  } as ReturnType<typeof stubMemento>;
}
