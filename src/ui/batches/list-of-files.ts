import type * as vscode from 'vscode';
import { mapInSlices } from '../../app/in-slices.ts';
import { formatCount } from '../base/format.ts';
import { allRow, cutWords, MOST_ROWS, newsRow, orderWord, partRow, withSize } from '../base/list-rows.ts';
import { moreRow } from '../base/more-row.ts';
import type { ViewNode } from '../base/node.ts';
import type { BatchRecords } from './batch-records.ts';
import { fileRow } from './file-row.ts';
import { FILES_A_PAGE, type FileList } from './file-lists.ts';

/**
 * @param prefix of the batch
 * @param count how many files have the status by now
 * @returns the rows of an open list: what is new, the files, and how to see more of them
 */
export async function listOfFiles(
  vs: typeof vscode,
  records: BatchRecords,
  list: FileList,
  { prefix, count, signal }: { prefix: string; count: number | undefined; signal: AbortSignal },
): Promise<ViewNode[]> {
  const { t } = vs.l10n;
  const { rowId } = list;
  const { items, read, next, news, looked, isFull } = await records.shown(list);
  signal.throwIfAborted();
  const { order, text } = records.files.arrangement(rowId);
  const rows = await mapInSlices(
    items.slice(0, MOST_ROWS),
    (item) => withSize(vs, fileRow(vs, item, prefix, rowId), order, item.size),
    { signal },
  );
  const hasMore = next !== undefined;
  const cut = cutWords(vs, rows.length, items.length);
  const searched =
    hasMore && text !== '' && t('{0} looked at: "Load more" looks on', formatCount(vs, looked));
  const sorted =
    hasMore && order !== 'newest' && t('The {0} loaded, {1}', formatCount(vs, read), orderWord(vs, order));
  const full =
    hasMore && isFull && t('No more rows are kept: close other lists, or filter by a part of the name');
  const notes = [cut, searched || sorted, full].filter((note) => typeof note === 'string');
  return [
    ...(news === undefined ? [] : [newsRow(vs, rowId, news)]),
    ...(notes.length > 0 ? [partRow(rowId, notes.join(' · '))] : []),
    ...rows,
    ...(hasMore && !isFull
      ? [moreRow(vs, rowId, FILES_A_PAGE), allRow(vs, rowId, text ? undefined : count)]
      : []),
  ];
}
