import type * as vscode from 'vscode';
import type { EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';

/** Longest name in UTF-16 units; an address has at most 1,024 bytes and a bucket. */
const MAX_NAME = 80;
const MAX_ADDRESS = 1_400;

/** @returns a row that names two files with one output address, and says how many are left out; none where none share */
export function sameOutputRows(
  vs: typeof vscode,
  { skipped, sameOutput, truncated }: EnqueuePlan,
): vscode.QuickPickItem[] {
  const { t } = vs.l10n;
  const count = skipped['same-output'] ?? 0;
  if (!sameOutput || count === 0) return [];
  const { first, second, output } = sameOutput;
  return [
    {
      label: truncated
        ? t('$(warning) at least {0} left out: same output as another', formatCount(vs, count))
        : count === 1
          ? t('$(warning) 1 file left out: same output as another')
          : t('$(warning) {0} files left out: same output as another', formatCount(vs, count)),
      detail: t(
        '{0} and {1} would both become {2}: with {3} or {4} in the output, both are taken.',
        ending(first),
        ending(second),
        ending(output),
        '{key}',
        '{ext}',
      ),
    },
  ];
}

/** Two keys with one stem differ at their end, so a long one loses its beginning. */
function ending(text: string): string {
  const shown = visibleText(text, MAX_ADDRESS);
  return pickText(shown.length > MAX_NAME ? `…${shown.slice(1 - MAX_NAME).toWellFormed()}` : shown);
}
