import type * as vscode from 'vscode';
import { LEFT_OUT, type EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import type { SkipReason } from '../../core/files/media-files.ts';
import { formatCount } from '../base/format.ts';
import { pickText } from '../base/pick-text.ts';
import { pickOne, type StepFrame } from '../base/wizard.ts';
import { skipWords } from './skip-words.ts';

/**
 * Shows why objects are left out, and which: the first ones of each reason.
 * @returns once the user goes back
 * @throws AbortError on Escape
 */
export async function showLeftOut(vs: typeof vscode, frame: StepFrame, plan: EnqueuePlan): Promise<void> {
  const { t } = vs.l10n;
  const reasons = Object.entries(plan.skipped).filter(([, count]) => count > 0) as [SkipReason, number][];
  const items = reasons.flatMap(([reason, count]): vscode.QuickPickItem[] => {
    const keys = plan.left[reason] ?? [];
    const more = count - keys.length;
    return [
      { label: skipWords(vs, { [reason]: count }), kind: vs.QuickPickItemKind.Separator },
      ...keys.map((key) => ({ label: key === '' ? t('a name that is no UTF-8') : pickText(key) })),
      ...(more > 0 ? [{ label: t('and {0} more', formatCount(vs, more)) }] : []),
    ];
  });
  await pickOne(vs, frame, {
    placeHolder: t(
      'What is left out, at most {0} for each reason. Enter leads back',
      formatCount(vs, LEFT_OUT),
    ),
    items,
    active: items.find(({ kind }) => kind !== vs.QuickPickItemKind.Separator),
  });
}
