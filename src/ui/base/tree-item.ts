import type * as vscode from 'vscode';
import type { ViewNode } from './node.ts';

/** @returns a row as the editor draws it */
export function treeItem(vs: typeof vscode, node: ViewNode): vscode.TreeItem {
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
