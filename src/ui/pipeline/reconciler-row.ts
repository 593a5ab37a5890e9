import type * as vscode from 'vscode';
import type { PipelineSnapshot, ReconcilerState } from '../../app/stack/pipeline-snapshot.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatDate, formatDuration, formatTime } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { unread, type PipelineFacts } from './pipeline-facts.ts';
import { didWords } from './reconciler-words.ts';

/** The rule fires each minute and a run takes a minute at most; this is one run that did not come. */
const LATE_SECONDS = 180;

/** What was read longer ago than this, in seconds, says the time and not the age: it has run since. */
const OLD_SECONDS = 90;

/** What the row says, and whether that is a warning. */
interface Finding {
  readonly text: string;
  readonly isBad: boolean;
}

/** @returns the row that says when the reconciler last ran and what it did; undefined for a stack without one */
export function reconcilerRow(
  vs: typeof vscode,
  pipeline: PipelineSnapshot,
  facts: PipelineFacts,
): ViewNode | undefined {
  const { t } = vs.l10n;
  const { outputs, reconciler } = pipeline;
  if (outputs?.reconcilerFunction === undefined) return undefined;
  const { text, isBad } = reconciler
    ? findingOf(vs, reconciler, pipeline, facts.now)
    : { text: unread(vs, pipeline, facts), isBad: false };
  const { run } = reconciler ?? {};
  const ended = dateOf(run?.endedAt);
  return {
    id: 'reconciler',
    label: t('Reconciler'),
    description: text,
    tooltip: [
      t('Reconciler: {0}', text),
      ...(ended ? [t('Last run: {0}.', formatDate(vs, ended))] : []),
      ...(run?.error === undefined ? [] : [visibleText(run.error, 1000)]),
      ...(reconciler && !reconciler.isScheduled
        ? [t('Enable the rule {0} in EventBridge, or deploy the pipeline again.', ruleOf(pipeline))]
        : []),
      t('It runs each minute, asks Ittybit about files without a callback, and ends waits.'),
    ].join('\n'),
    spoken: t('Reconciler: {0}', text),
    icon: isBad ? { id: 'warning', color: 'list.warningForeground' } : { id: 'checklist' },
    tokens: ['reconciler'],
  };
}

function findingOf(
  vs: typeof vscode,
  { run, isScheduled, at }: ReconcilerState,
  { stack }: PipelineSnapshot,
  now: number,
): Finding {
  const { t } = vs.l10n;
  if (!isScheduled) return { text: t('rule disabled'), isBad: true };
  const last = dateOf(run?.endedAt);
  // While nothing moves it is read seldom, and only what it said then can be judged.
  const isOld = now - at > OLD_SECONDS * 1000;
  const seconds = secondsSince(last ?? stack?.changedAt, isOld ? at : now);
  const isLate = seconds > LATE_SECONDS;
  if (!run || !last) {
    return { text: isLate ? t('has never run') : t('has not run yet'), isBad: isLate };
  }
  if (isLate) return { text: t('has not run for {0}', formatDuration(vs, seconds)), isBad: true };
  const ago = isOld
    ? formatTime(vs, last)
    : seconds < 60
      ? t('{0} s ago', Math.floor(seconds))
      : t('{0} ago', formatDuration(vs, seconds));
  if (run.error !== undefined) {
    return { text: t('failed {0}: {1}', ago, visibleText(run.error, 200)), isBad: true };
  }
  return { text: [t('ran {0}', ago), ...didWords(vs, run.did)].join(', '), isBad: false };
}

/** A clock that is behind AWS's counts as now. */
function secondsSince(at: Date | undefined, now: number): number {
  return at ? Math.max(0, (now - at.getTime()) / 1000) : 0;
}

function dateOf(text: string | undefined): Date | undefined {
  const at = new Date(text ?? '');
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function ruleOf({ outputs }: PipelineSnapshot): string {
  return visibleText(outputs?.reconcilerRule ?? '');
}
