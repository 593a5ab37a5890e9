import type * as vscode from 'vscode';
import { failedOf, workOf, type WorkAtHand } from '../../app/batch/work-at-hand.ts';
import { batchProgress } from '../../app/batch/batch-progress.ts';
import { formatCount, formatDoneRate, formatDuration, formatPercent } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import type { PipelineFacts } from './pipeline-facts.ts';

/**
 * @returns the rows of the batches that are at work: how far they are, how fast that goes, how many files failed. Where
 * nothing is at work, only the failures of the newest batch
 */
export function progressRows(vs: typeof vscode, facts: PipelineFacts): ViewNode[] {
  const { batches, neverClaimed } = facts;
  if (!batches) return [];
  const work = workOf(batches.values(), neverClaimed);
  if (work.batches.length > 0) {
    return [progressRow(vs, work, facts), rateRow(vs, work, facts), ...failedRow(vs, work.failed)];
  }
  const [newest] = batches.values();
  const isEnded = newest?.meta !== undefined && !newest.meta.brake?.cancelled;
  return isEnded ? failedRow(vs, failedOf(batchProgress(newest))) : [];
}

function progressRow(
  vs: typeof vscode,
  { batches, finished, total }: WorkAtHand,
  { throughput, silentSince }: PipelineFacts,
): ViewNode {
  const { t } = vs.l10n;
  const { secondsLeft } = throughput ?? {};
  // What was measured before a silence says nothing of now.
  // While nothing that was sent is left, an enqueue goes on, or stands, and nobody knows how much will come.
  const isKnown = secondsLeft !== undefined && silentSince === undefined && finished < total;
  const left = isKnown ? [t('{0} left', formatDuration(vs, secondsLeft))] : [];
  const percent = formatPercent(vs, finished, total);
  const share = t('{0} of {1}', formatCount(vs, finished), formatCount(vs, total));
  return {
    id: 'progress',
    label: percent,
    description: [share, ...left].join('  '),
    tooltip: [
      batches.length === 1
        ? t('1 batch is at work: {0} files finished.', share)
        : t('{0} batches are at work: {1} files finished.', formatCount(vs, batches.length), share),
      ...(left.length > 0
        ? [t('The time left is until the last file is finished, at the rate of the last minutes.')]
        : [t('The time left is shown once files finish steadily for a minute.')]),
    ].join('\n'),
    spoken: [t('Progress: {0}', percent), share, ...left].join(', '),
    icon: { id: 'pie-chart' },
    tokens: ['progress'],
  };
}

function rateRow(
  vs: typeof vscode,
  { atIttybit }: WorkAtHand,
  { throughput, silentSince }: PipelineFacts,
): ViewNode {
  const { t } = vs.l10n;
  const { filesPerSecond } = throughput ?? {};
  const there = t('{0} at Ittybit', formatCount(vs, atIttybit));
  const isKnown = filesPerSecond !== undefined && silentSince === undefined;
  const [label, description] = isKnown ? [formatDoneRate(vs, filesPerSecond), there] : [there, ''];
  return {
    id: 'rate',
    label,
    description,
    tooltip: [label, description, t('Files that ended per second over the last minutes, however they ended.')]
      .filter(Boolean)
      .join('\n'),
    icon: { id: 'dashboard' },
    tokens: ['rate'],
  };
}

function failedRow(vs: typeof vscode, failed: number): ViewNode[] {
  const { t } = vs.l10n;
  if (failed === 0) return [];
  const label = t('{0} failed', formatCount(vs, failed));
  return [
    {
      id: 'failed',
      label,
      tooltip: t('{0}: at Ittybit, or as dead letters. Click to see why.', label),
      icon: { id: 'error', color: 'list.errorForeground' },
      tokens: ['failed'],
      open: 'mediaBatch.showDeadLetters',
    },
  ];
}
