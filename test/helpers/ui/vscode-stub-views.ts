import type * as vscode from 'vscode';
import { EventEmitter } from './vscode-stub-basics.ts';

/** A tree view as a test sees it. */
export interface StubTreeView {
  readonly id: string;
  readonly provider: vscode.TreeDataProvider<unknown>;
  visible: boolean;
  description: string | undefined;
  message: string | undefined;
  badge: vscode.ViewBadge | undefined;
  readonly revealed: unknown[];
  disposed: boolean;
  /** shows or hides it, as the user does */
  setVisible(visible: boolean): void;
  /** opens or closes a row, as the user does */
  setExpanded(node: unknown, expanded: boolean): void;
  /** selects rows, as the user does */
  select(nodes: readonly unknown[]): void;
  /** the rows under a row; absent: at the top */
  rows(node?: unknown): Promise<StubRow[]>;
}

export interface StubRow {
  readonly node: unknown;
  readonly label: string;
  readonly description: string;
  readonly contextValue: string;
  readonly spoken: string;
  readonly icon: string | undefined;
  readonly expandable: boolean;
  readonly item: vscode.TreeItem;
}

/** Makes createTreeView. A view is hidden until `setVisible`. */
export function treeViews(views: Map<string, StubTreeView>) {
  return (id: string, { treeDataProvider: provider }: vscode.TreeViewOptions<unknown>) => {
    const visibility = new EventEmitter<{ visible: boolean }>();
    const none = new EventEmitter<unknown>().event;
    const expanded = new EventEmitter<{ element: unknown }>();
    const collapsed = new EventEmitter<{ element: unknown }>();
    const view = {
      id,
      provider,
      visible: false,
      title: '',
      description: undefined as string | undefined,
      message: undefined as string | undefined,
      badge: undefined as vscode.ViewBadge | undefined,
      selection: [] as readonly unknown[],
      revealed: [] as unknown[],
      disposed: false,
      onDidChangeVisibility: visibility.event,
      onDidChangeSelection: none,
      onDidExpandElement: expanded.event,
      onDidCollapseElement: collapsed.event,
      onDidChangeCheckboxState: none,
      reveal: async (node: unknown) => void view.revealed.push(node),
      dispose: () => {
        view.disposed = true;
      },
      setVisible: (visible: boolean) => {
        view.visible = visible;
        visibility.fire({ visible });
      },
      setExpanded: (element: unknown, isExpanded: boolean) => {
        (isExpanded ? expanded : collapsed).fire({ element });
      },
      select: (nodes: readonly unknown[]) => {
        view.selection = nodes;
      },
      rows: async (node?: unknown) => {
        const children = (await provider.getChildren(node)) ?? [];
        return Promise.all(children.map((child) => row(provider, child)));
      },
    };
    views.set(id, view);
    return view;
  };
}

async function row(provider: vscode.TreeDataProvider<unknown>, node: unknown): Promise<StubRow> {
  const item = await provider.getTreeItem(node);
  return {
    node,
    label: typeof item.label === 'string' ? item.label : (item.label?.label ?? ''),
    description: typeof item.description === 'string' ? item.description : '',
    contextValue: item.contextValue ?? '',
    spoken: item.accessibilityInformation?.label ?? '',
    icon: (item.iconPath as vscode.ThemeIcon | undefined)?.id,
    expandable: (item.collapsibleState ?? 0) !== 0,
    item,
  };
}

export interface StubStatusBarItem {
  readonly id: string;
  name: string | undefined;
  text: string;
  tooltip: unknown;
  command: unknown;
  backgroundColor: { id: string } | undefined;
  accessibilityInformation: vscode.AccessibilityInformation | undefined;
  shown: boolean;
  disposed: boolean;
}

export function statusBarItems(items: StubStatusBarItem[]) {
  return (id: string) => {
    const item = {
      id,
      name: undefined,
      text: '',
      tooltip: undefined,
      command: undefined,
      backgroundColor: undefined,
      accessibilityInformation: undefined,
      shown: false,
      disposed: false,
      show: () => {
        item.shown = true;
      },
      hide: () => {
        item.shown = false;
      },
      dispose: () => {
        item.disposed = true;
        item.shown = false;
      },
    };
    items.push(item);
    return item;
  };
}

/** A file watcher that a test fires. */
export interface StubWatcher {
  readonly pattern: unknown;
  change(): void;
  disposed: boolean;
}

export function fileWatchers(watchers: StubWatcher[]) {
  return (pattern: unknown) => {
    const changed = new EventEmitter<undefined>();
    const watcher = {
      pattern,
      disposed: false,
      change: () => {
        changed.fire(undefined);
      },
      onDidChange: changed.event,
      onDidCreate: changed.event,
      onDidDelete: changed.event,
      dispose: () => {
        watcher.disposed = true;
      },
    };
    watchers.push(watcher);
    return watcher;
  };
}

export interface StubTerminal {
  readonly name: string;
  readonly sent: string[];
  readonly options: unknown;
  /** closes it, as the user does */
  close(): void;
}

export function terminals(opened: StubTerminal[], closed: EventEmitter<unknown>) {
  return (options: string | vscode.TerminalOptions) => {
    const terminal = {
      name: typeof options === 'string' ? options : (options.name ?? ''),
      options,
      sent: [] as string[],
      exitStatus: undefined,
      sendText: (text: string) => void terminal.sent.push(text),
      show: () => undefined,
      hide: () => undefined,
      dispose: () => undefined,
      close: () => {
        closed.fire(terminal);
      },
    };
    opened.push(terminal);
    return terminal;
  };
}
