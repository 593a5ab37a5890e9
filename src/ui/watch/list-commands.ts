import type * as vscode from 'vscode';
import { FILE_ORDERS, type Arrangement } from '../../core/files/file-order.ts';
import { InvalidInputError, isAbort } from '../../core/errors.ts';
import { askItem, askText } from '../base/ask.ts';
import { formatCount } from '../base/format.ts';
import { orderWord } from '../base/list-rows.ts';
import type { ViewNode } from '../base/node.ts';
import { pickText } from '../base/pick-text.ts';
import { withCancel } from '../base/with-cancel.ts';
import { viewOf, type NodeView } from './node-commands.ts';

interface Vs {
  readonly vs: typeof vscode;
}

/** How a whole list is loaded. */
export interface Loading {
  readonly signal: AbortSignal;
  /** called with how many files have been read of how many */
  readonly onRead: (read: number, total: number) => void;
}

/** A view with lists of files that stand: they change on "Show New" only. */
export interface ListView extends NodeView {
  /** the rows of the lists that a command without a row may mean */
  lists(): readonly ViewNode[];
  arrangementOf(list: ViewNode): Arrangement;
  arrange(list: ViewNode, how: Arrangement): void;
  /** shows what is new in a list; undefined: in all that are open */
  showNew(list?: ViewNode): void;
  /** reads a list to its end, or to the most that are kept; undefined: the top level of the view */
  loadAll(list: ViewNode | undefined, how: Loading): Promise<void>;
}

/** "Show New": what has come to a list since it was read. @param node the row on top of it; absent: all open lists */
export function showNewCommand(views: readonly ListView[], node?: ViewNode): void {
  const view = viewOf(views, node);
  if (node && view) view.showNew(view.tree.getParent(node));
  else for (const each of views) each.showNew();
}

/**
 * "Load All": reads a list to its end, with progress. After a cancel, what has been read stays.
 * @param node the row at its end; absent: asks for the list
 * @throws AbortError on Escape, InvalidInputError where no list is open, AwsError
 */
export async function loadAllCommand({ vs }: Vs, views: readonly ListView[], node?: ViewNode): Promise<void> {
  const { t } = vs.l10n;
  const view = viewOf(views, node);
  const [of, list] =
    view && node ? [view, view.tree.getParent(node)] : await askList(vs, views, t('Load All'));
  await withCancel(vs, t('Loading the list'), async (progress, { signal }) => {
    const onRead = (read: number, total: number): void => {
      progress.report({ message: t('{0} of {1} read', formatCount(vs, read), formatCount(vs, total)) });
    };
    try {
      await of.loadAll(list, { signal, onRead });
    } catch (error) {
      if (!isAbort(error) || !signal.aborted) throw error;
    }
  });
}

/**
 * "Sort Files…": newest first, by name or by size.
 * @param node the row of the list; absent: asks for it
 * @throws AbortError on Escape, InvalidInputError where no list is open
 */
export async function sortFilesCommand(
  { vs }: Vs,
  views: readonly ListView[],
  node?: ViewNode,
): Promise<void> {
  const { t } = vs.l10n;
  const title = t('Sort Files');
  const [view, list] = await listOf(vs, views, title, node);
  const before = view.arrangementOf(list);
  const notes = new Map([['size', t('largest first; those of unknown size last')]]);
  const items = FILE_ORDERS.map((order) => ({
    order,
    label: orderWord(vs, order),
    description: notes.get(order) ?? '',
  }));
  const active = items.find(({ order }) => order === before.order);
  const { order } = await askItem(vs, items, { title, placeHolder: t('The files that are loaded'), active });
  view.arrange(list, { ...before, order });
}

/**
 * "Filter Files…": those with a text in their names; no text shows all again.
 * @param node the row of the list; absent: asks for it
 * @throws AbortError on Escape, InvalidInputError where no list is open
 */
export async function filterFilesCommand(
  { vs }: Vs,
  views: readonly ListView[],
  node?: ViewNode,
): Promise<void> {
  const { t } = vs.l10n;
  const title = t('Filter Files');
  const [view, list] = await listOf(vs, views, title, node);
  const before = view.arrangementOf(list);
  const prompt = t('Part of the name; case does not matter. Empty: all files');
  const text = await askText(vs, { title, prompt, value: before.text });
  view.arrange(list, { ...before, text });
}

type ViewAndList = readonly [ListView, ViewNode];

async function listOf(
  vs: typeof vscode,
  views: readonly ListView[],
  title: string,
  node: ViewNode | undefined,
): Promise<ViewAndList> {
  const view = viewOf(views, node);
  return view && node ? [view, node] : askList(vs, views, title);
}

async function askList(vs: typeof vscode, views: readonly ListView[], title: string): Promise<ViewAndList> {
  const { t } = vs.l10n;
  const items = views.flatMap((view) =>
    view.lists().map((list) => {
      const parent = view.tree.getParent(list);
      const description = pickText([parent?.label, list.description].filter(Boolean).join(' · '));
      return { label: pickText(list.label), description, chosen: [view, list] as const };
    }),
  );
  if (items.length === 0) {
    throw new InvalidInputError(
      'list',
      t('Open a list first: a status of a batch in the Batches view, or a cause in the Failures view.'),
    );
  }
  const { chosen } = await askItem(vs, items, { title, placeHolder: t('Which list?') });
  return chosen;
}
