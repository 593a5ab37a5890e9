import type { CommandId } from './command-ids.ts';

/**
 * One row of a view: plain data, with a function that reads its children. NodeTree shows the rows, and a command gets the row
 * that it was called on.
 */
export interface ViewNode {
  /** unique in its view and the same after a refresh: the editor keeps selection and expansion by the id */
  readonly id: string;
  /** plain text; foreign text has gone through `visibleText` */
  readonly label: string;
  readonly description?: string | undefined;
  /** plain text, may have several lines */
  readonly tooltip?: string | undefined;
  /** codicon id, and the id of a theme colour where the colour has a meaning */
  readonly icon?: { readonly id: string; readonly color?: string | undefined } | undefined;
  /** words of the contextValue; `when` clauses test them, such as `viewItem =~ /\bbucket\b/` */
  readonly tokens: readonly string[];
  /** the text for screen readers, where label and description do not read well */
  readonly spoken?: string | undefined;
  /** the command of a click, which only opens something and never changes anything */
  readonly open?: CommandId | undefined;
  /** reads the children; absent for a leaf */
  readonly children?: ((signal: AbortSignal) => Promise<readonly ViewNode[]>) | undefined;
  /** true: the row is expanded when it first appears */
  readonly expanded?: boolean | undefined;
  /** the text of the row that is shown where there are no children */
  readonly emptyHint?: string | undefined;
  /** data for the commands; its shape depends on the kind of row */
  readonly data?: unknown;
}
