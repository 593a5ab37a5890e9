import type * as vscode from 'vscode';
import type { EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import { cloudAdvice, enqueueSeconds, type CloudAdvice } from '../../core/batch/cloud-advice.ts';

/** The offer to have Step Functions enqueue. */
export interface CloudOffer {
  readonly advice: CloudAdvice;
  readonly row: vscode.QuickPickItem & { readonly action: 'cloud' };
}

/** A dry run, as far as it came. */
interface DryRun {
  readonly plan: Pick<EnqueuePlan, 'listed' | 'files'>;
  /** how long it took, in seconds */
  readonly countedIn: number;
}

/**
 * @param backlogSeconds how long the stack works on the files, with those in the queue; undefined where it is not known
 * @returns the offer; undefined where the editor's enqueue is good enough
 */
export function cloudOffer(
  vs: typeof vscode,
  { plan: { listed, files }, countedIn }: DryRun,
  backlogSeconds: number | undefined,
): CloudOffer | undefined {
  const { t } = vs.l10n;
  const advice = cloudAdvice({
    objects: listed,
    enqueueSeconds: enqueueSeconds(files, countedIn),
    backlogDays: backlogSeconds === undefined ? undefined : backlogSeconds / 86_400,
  });
  if (advice === 'not-needed') return undefined;
  const detail =
    advice === 'required'
      ? t('It holds files back while the queue is deep, so none waits longer than AWS keeps it.')
      : t('AWS Step Functions sends them, also while the editor is closed.');
  return { advice, row: { label: t('$(cloud-upload) Enqueue in the Cloud…'), detail, action: 'cloud' } };
}
