import type { CommandId } from './command-ids.ts';

/**
 * One row of a view. Rows are plain data with a way to their children; NodeTree shows them, and commands get the row
 * that they were called on.
 */
export interface ViewNode {
  /** stable over refreshes and unique in its view: the editor keeps selection and expansion by it */
  readonly id: string;
  /** plain text; foreign text has gone through `visibleText` */
  readonly label: string;
  readonly description?: string | undefined;
  /** plain text, may have several lines */
  readonly tooltip?: string | undefined;
  /** codicon id, with the id of a theme colour where it means something */
  readonly icon?: { readonly id: string; readonly color?: string | undefined } | undefined;
  /** words of the contextValue: `when` clauses test them as `viewItem =~ /\bbucket\b/` */
  readonly tokens: readonly string[];
  /** what a screen reader says where label and description do not read well */
  readonly spoken?: string | undefined;
  /** what a click opens; it opens, it never acts */
  readonly open?: CommandId | undefined;
  /** absent: a leaf */
  readonly children?: ((signal: AbortSignal) => Promise<readonly ViewNode[]>) | undefined;
  /** children are shown from the start */
  readonly expanded?: boolean | undefined;
  /** what is said where there are no children */
  readonly emptyHint?: string | undefined;
  /** what commands need; each kind of row has its own shape */
  readonly data?: unknown;
}
