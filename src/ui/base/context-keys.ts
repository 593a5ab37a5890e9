import type * as vscode from 'vscode';
import type { ContextKeys } from './view-ids.ts';

/** Sets the context keys that `when` clauses test. A value that has not changed is not sent again. */
export class ContextKeyWriter {
  readonly #vs: typeof vscode;
  readonly #values = new Map<string, unknown>();

  constructor(vs: typeof vscode) {
    this.#vs = vs;
  }

  set<Key extends keyof ContextKeys>(key: Key, value: ContextKeys[Key]): void {
    if (this.#values.get(key) === value) return;
    this.#values.set(key, value);
    void this.#vs.commands.executeCommand('setContext', key, value);
  }

  /** @returns the value that was set last; undefined before any */
  get(key: keyof ContextKeys): unknown {
    return this.#values.get(key);
  }
}
