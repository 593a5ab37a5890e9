import type * as vscode from 'vscode';
import type { EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import type { FileFilter } from '../../core/files/file-filter.ts';
import { formatCount } from '../base/format.ts';
import { connectionLine, type Session } from '../connection/session.ts';
import { earlierBatch } from './earlier-batch.ts';
import { BATCHES, type EnqueueFacts } from './enqueue-facts.ts';
import type { CompleteForm } from './enqueue-form.ts';

/**
 * @returns the row that offers to pay again for files that are done; none where no file can be, where such files are left
 * out anyway, and where the stack pays again without being told
 */
export function payAgainRows(
  vs: typeof vscode,
  { batches, paysOnce }: Pick<EnqueueFacts, 'batches' | 'paysOnce'>,
  { place, job }: Pick<CompleteForm, 'place' | 'job'>,
  { not_yet_done }: FileFilter,
): (vscode.QuickPickItem & { readonly action: 'again' })[] {
  const { t } = vs.l10n;
  const isWhole = batches !== undefined && batches.length < BATCHES;
  const isNew = isWhole && !earlierBatch(batches, place, job);
  if (!paysOnce || not_yet_done === true || isNew) return [];
  return [
    {
      label: t('$(credit-card) Pay again for files that are done…'),
      description: t('off'),
      detail: t('For new results of the same job. Without it, such files end as covered and cost nothing.'),
      action: 'again',
    },
  ];
}

/** Asks whether all files are to be paid. @returns false after Escape, which leads back to the review */
export async function confirmPayAgain(
  vs: typeof vscode,
  session: Session,
  { files, truncated }: EnqueuePlan,
): Promise<boolean> {
  const { t } = vs.l10n;
  const number = formatCount(vs, files);
  const question = truncated
    ? t('Pay for all files, also for those that are done? There are at least {0}.', number)
    : files === 1
      ? t('Pay for this 1 file, even if it is done?')
      : t('Pay for all {0} files, also for those that are done?', number);
  const detail = [
    connectionLine(vs, session),
    '',
    t(
      'Ittybit charges for each of them, whatever other batches have done or are doing. Without this choice, files that are done end as covered and cost nothing.',
    ),
  ].join('\n');
  const pay = t('Pay Again');
  return (await vs.window.showWarningMessage(question, { modal: true, detail }, pay)) === pay;
}
