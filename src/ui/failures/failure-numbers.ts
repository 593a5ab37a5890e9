import type * as vscode from 'vscode';
import type { ContextKeyWriter } from '../base/context-keys.ts';
import { formatCount } from '../base/format.ts';
import type { FailureLook } from './failure-look.ts';
import { filesWords } from './failure-words.ts';

/** @param total files that need somebody; undefined where that is not known */
export function tellNumbers(
  { vs, contextKeys }: { readonly vs: typeof vscode; readonly contextKeys: ContextKeyWriter },
  view: Pick<vscode.TreeView<unknown>, 'description' | 'badge'>,
  total: number | undefined,
  causes: number,
): void {
  const { t } = vs.l10n;
  const words = filesWords(vs, total ?? 0);
  const described =
    causes === 1 ? t('{0}, 1 cause', words) : t('{0}, {1} causes', words, formatCount(vs, causes));
  contextKeys.set('mediaBatch.hasFailures', (total ?? 0) > 0);
  view.description = total && causes > 0 ? described : '';
  view.badge = total ? { value: total, tooltip: t('{0} failed or dead', words) } : undefined;
}

/** @returns which part of all failures a look has read; empty for all */
export function partWords(
  vs: typeof vscode,
  { hasMore, isPart, failures, total }: Pick<FailureLook, 'hasMore' | 'isPart' | 'failures' | 'total'>,
): string {
  const { t } = vs.l10n;
  if (!isPart) return '';
  const newest = t(
    'Showing the newest {0} of {1}.',
    formatCount(vs, failures.length),
    formatCount(vs, total),
  );
  return hasMore ? newest : `${newest} ${t('No more are kept; "Export Failures…" reads all.')}`;
}
