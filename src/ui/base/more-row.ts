import type * as vscode from 'vscode';
import { formatCount } from './format.ts';
import type { ViewNode } from './node.ts';

/**
 * @param levelId id of the level that has more pages; '' for the top of a view
 * @param count how many rows the next page brings at most; undefined when AWS decides
 * @returns the row at the end of the level, which loads the next page
 */
export function moreRow(vs: typeof vscode, levelId: string, count?: number): ViewNode {
  const { t } = vs.l10n;
  return {
    id: `${levelId}/more`,
    label: count === undefined ? t('Load more') : t('Load {0} more', formatCount(vs, count)),
    icon: { id: 'ellipsis' },
    tokens: ['more'],
    open: 'mediaBatch.loadMore',
  };
}
