import type * as vscode from 'vscode';
import { isAbort, messageOf } from '../../core/errors.ts';
import { visibleText } from '../../core/visible-text.ts';
import type { EditorContext } from './editor-context.ts';
import { messageFor } from './message-for.ts';
import type { ViewNode } from './node.ts';

export interface NodeTreeOptions {
  /** reads the first level; where it is empty, the editor shows the view's welcome content */
  readonly roots: (signal: AbortSignal) => Promise<readonly ViewNode[]>;
}

/**
 * Shows ViewNodes in a tree. A level shows its rows, its hint where it has none, or an error row. When a level is asked for
 * again, the question before it is aborted.
 */
export class NodeTree implements vscode.TreeDataProvider<ViewNode> {
  readonly #ui: Pick<EditorContext, 'vs' | 'log'>;
  readonly #options: NodeTreeOptions;
  readonly #changed: vscode.EventEmitter<ViewNode | undefined>;
  /** the latest question for each level */
  readonly #questions = new Map<string, { controller: AbortController; answer: Promise<ViewNode[]> }>();
  readonly #parents = new Map<string, ViewNode | undefined>();
  /** the newest object for each id; the editor identifies a row by its object */
  readonly #nodes = new Map<string, ViewNode>();
  #hadRows = false;
  #again: NodeJS.Timeout | undefined;
  readonly onDidChangeTreeData: vscode.Event<ViewNode | undefined>;

  constructor(ui: Pick<EditorContext, 'vs' | 'log'>, options: NodeTreeOptions) {
    this.#ui = ui;
    this.#options = options;
    this.#changed = new ui.vs.EventEmitter<ViewNode | undefined>();
    this.onDidChangeTreeData = this.#changed.event;
  }

  /** Asks again for a row's children and redraws the row. Without a row it does so for the whole tree. */
  refresh(node?: ViewNode): void {
    this.#changed.fire(node && this.#nodes.get(node.id));
  }

  /** Asks again for the level that a row is on, such as the level that an error row stands for. */
  readLevelAgain(node: ViewNode): void {
    this.#changed.fire(this.#parents.get(node.id));
  }

  /** @returns the row that is shown with this id */
  find(id: string): ViewNode | undefined {
    return this.#nodes.get(id);
  }

  getParent(node: ViewNode): ViewNode | undefined {
    return this.#parents.get(node.id);
  }

  getTreeItem(node: ViewNode): vscode.TreeItem {
    const { vs } = this.#ui;
    const { None, Collapsed, Expanded } = vs.TreeItemCollapsibleState;
    const item = new vs.TreeItem(node.label, node.children ? (node.expanded ? Expanded : Collapsed) : None);
    item.id = node.id;
    item.contextValue = node.tokens.join(' ');
    item.description = node.description ?? '';
    // A string, never Markdown: names and reasons come from AWS and from files.
    item.tooltip = node.tooltip ?? [node.label, node.description].filter(Boolean).join('\n');
    item.accessibilityInformation = {
      label: node.spoken ?? [node.label, node.description].filter(Boolean).join(', '),
    };
    if (node.icon) {
      const { id, color } = node.icon;
      item.iconPath = new vs.ThemeIcon(id, color === undefined ? undefined : new vs.ThemeColor(color));
    }
    if (node.open) item.command = { command: node.open, title: '', arguments: [node] };
    return item;
  }

  async getChildren(node?: ViewNode): Promise<ViewNode[]> {
    const id = node?.id ?? '';
    this.#questions.get(id)?.controller.abort();
    const controller = new AbortController();
    const question = { controller, answer: this.#level(node, controller.signal) };
    this.#questions.set(id, question);
    const children = await question.answer;
    const newest = this.#questions.get(id);
    // The editor would show an empty answer as it is, so an aborted question returns the newer question's answer.
    if (newest && newest !== question && controller.signal.aborted) return newest.answer;
    for (const child of children) {
      this.#parents.set(child.id, node);
      this.#nodes.set(child.id, child);
    }
    if (!node) this.#noteEmptied(children.length > 0);
    return children;
  }

  /** Aborts the open questions. */
  dispose(): void {
    clearTimeout(this.#again);
    for (const { controller } of this.#questions.values()) controller.abort();
    this.#changed.dispose();
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
        this.#changed.fire(undefined);
      });
    }
    this.#hadRows = hasRows;
  }

  async #level(node: ViewNode | undefined, signal: AbortSignal): Promise<ViewNode[]> {
    try {
      const load = node ? node.children : this.#options.roots;
      const children = (await load?.(signal)) ?? [];
      if (children.length > 0 || !node?.emptyHint) return [...children];
      return [{ id: `${node.id}/empty`, label: node.emptyHint, tokens: ['hint'], icon: { id: 'info' } }];
    } catch (error) {
      if (isAbort(error)) return [];
      return [this.#errorRow(node, error)];
    }
  }

  #errorRow(parent: ViewNode | undefined, error: unknown): ViewNode {
    const { vs, log } = this.#ui;
    log.error(messageOf(error));
    const sentence = messageFor(vs, error);
    return {
      id: `${parent?.id ?? 'root'}/error`,
      label: visibleText(sentence),
      tooltip: sentence,
      tokens: ['error'],
      icon: { id: 'error', color: 'errorForeground' },
      // A narrow view cuts the sentence off. The log has all of it.
      open: 'mediaBatch.showLog',
      data: error,
    };
  }
}
