import { isDeepStrictEqual } from 'node:util';
import type * as vscode from 'vscode';
import { Lifetime } from '../../core/lifetime.ts';
import type { EditorContext } from './editor-context.ts';
import type { ViewNode } from './node.ts';
import { RowReader } from './row-reader.ts';
import { treeItem } from './tree-item.ts';
import type { ViewId } from './view-ids.ts';

export interface NodeTreeOptions {
  /** reads the first level; where it is empty, the editor shows the view's welcome content */
  readonly roots: (signal: AbortSignal) => Promise<readonly ViewNode[]>;
}

/** The editor draws rows one by one (VS Code, treeView.ts: doRefresh), so more are drawn as a level. */
const MOST_DRAWN = 100;

/**
 * Shows ViewNodes in a tree. The editor identifies a row by its object, and forgets the rows of a level that it is told to
 * ask for again: a click in that moment gives a command no row. So news are drawn by `redraw`, in place.
 */
export class NodeTree implements vscode.TreeDataProvider<ViewNode> {
  readonly #ui: Pick<EditorContext, 'vs' | 'log'>;
  readonly #rows: RowReader;
  readonly #changed: vscode.EventEmitter<ViewNode | ViewNode[] | undefined>;
  readonly #lifetime = new Lifetime();
  /** the ids of the rows of each level, as the editor has them */
  readonly #shown = new Map<string, readonly string[]>();
  /** each row as the editor has drawn it */
  readonly #drawn = new Map<string, vscode.TreeItem>();
  /** the levels that the editor is waiting for */
  readonly #awaited = new Set<string>();
  /** rows that were read for a level for which the editor has been told to ask */
  readonly #ready = new Map<string, ViewNode[]>();
  readonly #expanded = new Set<string>();
  /** the levels that are redrawn at the moment; true: once more after that */
  readonly #redrawing = new Map<string, boolean>();
  #view: vscode.TreeView<ViewNode> | undefined;
  #hadRows = false;
  #again: NodeJS.Timeout | undefined;
  readonly onDidChangeTreeData: vscode.Event<ViewNode | ViewNode[] | undefined>;

  constructor(ui: Pick<EditorContext, 'vs' | 'log'>, { roots }: NodeTreeOptions) {
    this.#ui = ui;
    this.#rows = new RowReader(ui, roots);
    this.#changed = this.#lifetime.use(new ui.vs.EventEmitter<ViewNode | ViewNode[] | undefined>());
    this.onDidChangeTreeData = this.#changed.event;
  }

  /** Shows the tree in the view with this id. The view lives as long as the tree. */
  show(
    viewId: ViewId,
    options?: Omit<vscode.TreeViewOptions<ViewNode>, 'treeDataProvider'>,
  ): vscode.TreeView<ViewNode> {
    const view = this.#ui.vs.window.createTreeView(viewId, { ...options, treeDataProvider: this });
    this.#view = this.#lifetime.use(view);
    this.#lifetime.use(view.onDidExpandElement(({ element }) => this.#expanded.add(element.id)));
    this.#lifetime.use(
      view.onDidCollapseElement(({ element }) => {
        this.#expanded.delete(element.id);
        this.#ready.delete(element.id);
      }),
    );
    return view;
  }

  /** Asks again for a row's children and redraws the row. Without a row it does so for the whole tree. */
  refresh(node?: ViewNode): void {
    this.#askAgain(node && this.find(node.id));
  }

  /**
   * Draws what has changed below a row, without a row in the whole tree. The rows that stay are not forgotten meanwhile, and
   * the editor shows no progress: `refresh` is for what a user waits for.
   */
  redraw(node?: ViewNode): void {
    const level = node && this.find(node.id);
    // A hidden tree is read when it is shown.
    if (!this.#view?.visible || !this.#shown.has(level?.id ?? '')) this.#askAgain(level);
    else void this.#redrawLevel(level);
  }

  /** Asks again for the level that a row is on, such as the level that an error row stands for. */
  readLevelAgain(node: ViewNode): void {
    this.#askAgain(this.getParent(node));
  }

  /** @returns the row that is shown with this id */
  find(id: string): ViewNode | undefined {
    return this.#rows.find(id);
  }

  getParent(node: ViewNode): ViewNode | undefined {
    return this.#rows.parentOf(node.id);
  }

  getTreeItem(node: ViewNode): vscode.TreeItem {
    const item = treeItem(this.#ui.vs, node);
    this.#drawn.set(node.id, item);
    return item;
  }

  /** For the editor, which shows what it gets. */
  async getChildren(node?: ViewNode): Promise<ViewNode[]> {
    const id = node?.id ?? '';
    if (node) this.#expanded.add(id);
    const ready = this.#ready.get(id);
    this.#ready.delete(id);
    this.#awaited.add(id);
    const rows = ready ?? (await this.read(node));
    this.#awaited.delete(id);
    this.#shown.set(id, idsOf(rows));
    if (!node) this.#noteEmptied(rows.length > 0);
    return rows;
  }

  /** Reads the rows of a level, without a row of the first one. The editor need not have asked for it. */
  async read(node?: ViewNode): Promise<ViewNode[]> {
    return (await this.#rows.read(node)) ?? [];
  }

  /** Aborts the open questions. */
  dispose(): void {
    clearTimeout(this.#again);
    this.#rows.dispose();
    this.#lifetime.dispose();
  }

  /** Has the editor ask for a level; where its rows have been read, it gets these. */
  #askAgain(level: ViewNode | undefined, ready?: ViewNode[]): void {
    const id = level?.id ?? '';
    if (level) {
      this.#shown.delete(id);
      this.#ready.delete(id);
    } else {
      this.#shown.clear();
      this.#ready.clear();
    }
    if (ready) this.#ready.set(id, ready);
    this.#changed.fire(level);
  }

  /** Redraws a level, once more where that is asked for meanwhile: a slow reading is not begun anew by each poll. */
  async #redrawLevel(level: ViewNode | undefined): Promise<void> {
    const id = level?.id ?? '';
    if (this.#redrawing.has(id)) {
      this.#redrawing.set(id, true);
      return;
    }
    do {
      this.#redrawing.set(id, false);
      await this.#readAndDraw(level);
    } while (this.#redrawing.get(id));
    this.#redrawing.delete(id);
  }

  /** Reads a level. The editor draws the rows that differ, or asks for a level that has other rows than before. */
  async #readAndDraw(level: ViewNode | undefined): Promise<void> {
    const id = level?.id ?? '';
    if (this.#awaited.has(id)) {
      this.#askAgain(level);
      return;
    }
    // What was read for a level that the editor has been told to ask for may be old by now.
    this.#ready.delete(id);
    if (!this.#shown.has(id)) return;
    const rows = await this.#rows.read(level);
    const before = this.#shown.get(id);
    if (!rows || !before) return;
    const changed = rows.filter((row) => this.#isOutdated(row));
    if (changed.length > MOST_DRAWN || !isDeepStrictEqual(before, idsOf(rows))) {
      this.#askAgain(level, rows);
      return;
    }
    for (const row of changed) this.#shown.delete(row.id);
    if (changed.length > 0) this.#changed.fire(changed);
    for (const row of rows) if (this.#expanded.has(row.id)) void this.#redrawLevel(row);
  }

  /** @returns whether a row looks different now, or has children that the editor would show as they were once it is expanded */
  #isOutdated(row: ViewNode): boolean {
    const isKept = this.#shown.has(row.id) && !this.#expanded.has(row.id);
    return isKept || !isDeepStrictEqual(this.#drawn.get(row.id), treeItem(this.#ui.vs, row));
  }

  /**
   * The editor misses that a tree has become empty when it asks for another level at the same moment. Then it shows neither
   * rows nor welcome content. So we make it ask once more, which the views answer without a request (VS Code, treeView.ts:
   * only a batch with the root alone updates the empty state).
   */
  #noteEmptied(hasRows: boolean): void {
    if (this.#hadRows && !hasRows) {
      clearTimeout(this.#again);
      this.#again = setTimeout(() => {
        this.#askAgain(undefined);
      });
    }
    this.#hadRows = hasRows;
  }
}

function idsOf(rows: readonly ViewNode[]): readonly string[] {
  return rows.map(({ id }) => id);
}
