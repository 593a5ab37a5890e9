import type * as vscode from 'vscode';
import { AS_READ } from '../../core/files/file-order.ts';
import { Lifetime, type Disposable } from '../../core/lifetime.ts';
import type { ViewNode } from '../base/node.ts';
import { ROWS_A_PAGE, type ShownList } from './failure-rows.ts';

/** How the lists of the Failures view are shown: their orders, filters and lengths, and which are open. */
export class FailureLists implements Disposable {
  readonly #view: Pick<vscode.TreeView<ViewNode>, 'selection'>;
  readonly #lifetime = new Lifetime();
  readonly #shown = new Map<string, ShownList>();
  readonly #expanded = new Set<string>();

  constructor(
    view: Pick<vscode.TreeView<ViewNode>, 'selection' | 'onDidExpandElement' | 'onDidCollapseElement'>,
  ) {
    this.#view = view;
    this.#lifetime.use(view.onDidExpandElement(({ element }) => this.#expanded.add(element.id)));
    this.#lifetime.use(view.onDidCollapseElement(({ element }) => this.#expanded.delete(element.id)));
  }

  /** @returns how the files under a row are shown */
  of(rowId: string): ShownList {
    return this.#shown.get(rowId) ?? { count: ROWS_A_PAGE, how: AS_READ };
  }

  show(rowId: string, change: Partial<ShownList>): void {
    this.#shown.set(rowId, { ...this.of(rowId), ...change });
  }

  /** @param ids of the rows that are there @returns true where somebody reads in one of them, or has chosen it */
  isInUse(ids: readonly string[]): boolean {
    const selected = new Set(this.#view.selection.map(({ id }) => id));
    return ids.some((id) => this.#expanded.has(id) || selected.has(id));
  }

  clear(): void {
    this.#shown.clear();
    this.#expanded.clear();
  }

  dispose(): void {
    this.#lifetime.dispose();
  }
}
