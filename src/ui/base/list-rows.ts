import type * as vscode from 'vscode';
import type { Arrangement, FileOrder } from '../../core/files/file-order.ts';
import { formatBytes } from '../../core/files/byte-size.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from './format.ts';
import type { ViewNode } from './node.ts';

/** A list shows at most so many rows: the editor makes all rows of a level at once, at about 10 µs each. */
export const MOST_ROWS = 2_000;

/** What an open list does not show yet: how many files more or fewer there are by the counts, or only that some have moved. */
export type ListNews = number | 'moved';

/** @returns the row on top of a list that stands, which shows what is new; '' is the top level of a view */
export function newsRow(vs: typeof vscode, levelId: string, news: ListNews): ViewNode {
  const { t } = vs.l10n;
  const label =
    news === 'moved'
      ? t('Others by now, show')
      : news > 0
        ? t('{0} new, show', formatCount(vs, news))
        : t('{0} fewer, show', formatCount(vs, -news));
  return {
    id: `${levelId}/news`,
    label,
    tooltip: t(
      'The list stands as it was read. This is by the counts, which do not tell those that came from those that went.',
    ),
    icon: { id: 'refresh' },
    tokens: ['news'],
    open: 'mediaBatch.showNew',
  };
}

/** @returns the row that loads a whole list */
export function allRow(vs: typeof vscode, levelId: string, count?: number): ViewNode {
  const { t } = vs.l10n;
  return {
    id: `${levelId}/all`,
    label: count === undefined ? t('Load all') : t('Load all {0}', formatCount(vs, count)),
    icon: { id: 'fold-down' },
    tokens: ['all'],
    open: 'mediaBatch.loadAll',
  };
}

/** @returns the row that says that a list has more than is shown, and what to do */
export function partRow(levelId: string, label: string): ViewNode {
  return { id: `${levelId}/part`, label, icon: { id: 'info' }, tokens: ['hint'] };
}

/** @returns says that of so many rows only the first are shown; undefined where all are */
export function cutWords(vs: typeof vscode, shown: number, all: number): string | undefined {
  if (shown >= all) return undefined;
  const [some, whole] = [formatCount(vs, shown), formatCount(vs, all)];
  return vs.l10n.t('The first {0} of {1} loaded: filter by a part of the name', some, whole);
}

/** @returns such as `by size` */
export function orderWord({ l10n: { t } }: typeof vscode, order: FileOrder): string {
  switch (order) {
    case 'newest':
      return t('newest first');
    case 'name':
      return t('by name');
    case 'size':
      return t('by size');
  }
}

/** @returns such as `"reel" · by size`; empty for a list that is shown as it was read */
export function arrangementWords(vs: typeof vscode, { order, text }: Arrangement): string {
  const parts = [
    ...(text ? [`"${visibleText(text, 40)}"`] : []),
    ...(order === 'newest' ? [] : [orderWord(vs, order)]),
  ];
  return parts.join(' · ');
}

/** @returns the row with its size first, where the list is ordered by it */
export function withSize(
  { l10n: { t } }: typeof vscode,
  row: ViewNode,
  order: FileOrder,
  bytes: number | undefined,
): ViewNode {
  if (order !== 'size') return row;
  const size = bytes === undefined ? t('size not known') : formatBytes(bytes);
  return { ...row, description: [size, row.description].filter(Boolean).join('  ') };
}
