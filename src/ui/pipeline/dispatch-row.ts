import type * as vscode from 'vscode';
import { dispatchOf, type PipelineSnapshot } from '../../app/stack/pipeline-snapshot.ts';
import { inQueue } from '../../core/batch/queue-service.ts';
import { visibleText } from '../../core/visible-text.ts';
import { byWords, sinceLines } from '../base/when-and-by.ts';
import { formatAge, formatDate, formatTime } from '../base/format.ts';
import { shortReason } from '../base/short-reason.ts';
import { silentWords } from '../watch/silent-words.ts';
import type { ViewNode } from '../base/node.ts';
import { unread, type PipelineFacts } from './pipeline-facts.ts';
import { atOnce, tuningWords } from './tuning-words.ts';

/** @returns the row that says whether files are submitted, and why not */
export function dispatchRow(vs: typeof vscode, pipeline: PipelineSnapshot, facts: PipelineFacts): ViewNode {
  const { t } = vs.l10n;
  const base = { id: 'dispatch', label: t('Dispatch') };
  const { state, ...why } = dispatchOf(pipeline);
  switch (state) {
    case 'running':
      return { ...base, ...running(vs, pipeline, facts), tokens: ['dispatch', 'running'] };
    case 'paused':
      return { ...base, ...paused(vs, pipeline, facts), tokens: ['dispatch', 'paused'] };
    case 'waiting':
      return { ...base, ...waiting(vs, pipeline, facts), tokens: ['dispatch', 'waiting'] };
    case 'pausing':
    case 'resuming':
      return {
        ...base,
        description: state === 'pausing' ? t('pausing…') : t('resuming…'),
        tooltip: [
          ...(why.reason ? [t('Dispatch is being paused: {0}', visibleText(why.reason, 1000))] : []),
          ...sinceLines(vs, why),
          t('AWS needs up to a minute for this.'),
        ].join('\n'),
        icon: { id: 'sync~spin' },
        tokens: ['dispatch', 'changing'],
      };
    case 'unknown':
      return {
        ...base,
        description: unread(vs, pipeline, facts),
        icon: { id: 'play' },
        tokens: ['dispatch'],
      };
  }
}

function running(
  vs: typeof vscode,
  { mapping, queue }: PipelineSnapshot,
  { silentSince }: PipelineFacts,
): Pick<ViewNode, 'description' | 'tooltip' | 'spoken' | 'icon'> {
  const { t } = vs.l10n;
  const isIdle = queue !== undefined && inQueue(queue) === 0;
  const tuning = mapping ?? { batchSize: 0, maximumConcurrency: 0 };
  const most = atOnce(vs, tuning);
  if (silentSince !== undefined) {
    const silent = silentWords(vs, silentSince);
    return {
      description: silent,
      tooltip: [t('Dispatch was running when AWS last answered.'), silent].join('\n'),
      spoken: t('Dispatch: {0}', silent),
      icon: { id: 'question' },
    };
  }
  const idle = isIdle ? [t('idle')] : [];
  return {
    description: [t('running'), most, ...idle].join(', '),
    tooltip: [
      t('Dispatch is running.'),
      t('Ittybit gets at most {0}: {1}.', most, tuningWords(vs, tuning)),
    ].join('\n'),
    spoken: [t('Dispatch: running'), t('at most {0}', most), ...idle].join(', '),
    icon: { id: 'play', color: isIdle ? undefined : 'charts.green' },
  };
}

function paused(
  vs: typeof vscode,
  pipeline: PipelineSnapshot,
  { now }: PipelineFacts,
): Pick<ViewNode, 'description' | 'tooltip' | 'spoken' | 'icon'> {
  const { t } = vs.l10n;
  const { reason, ...stopped } = dispatchOf(pipeline);
  // The control item says why and since when. It does not record a mapping that was switched off outside Media Batch.
  const recorded = pipeline.dispatch?.state === 'paused' ? pipeline.dispatch : undefined;
  const at = recorded?.at === undefined ? undefined : new Date(recorded.at);
  const why = reason
    ? shortReason(vs, reason)
    : recorded
      ? t('no reason recorded')
      : t('switched off outside Media Batch');
  // The reason of a pause by hand says so itself.
  const by = stopped.by === 'operator' ? undefined : byWords(vs, stopped.by);
  const description = [t('paused: {0}', why), at && formatAge(vs, at, now), by].filter(Boolean).join(', ');
  return {
    description,
    tooltip: [
      t('Dispatch is paused: {0}', reason ? visibleText(reason, 1000) : why),
      ...sinceLines(vs, stopped),
      t('The queue keeps its files. Fix the cause, then resume dispatch.'),
    ].join('\n'),
    spoken: t('Dispatch: {0}', description),
    icon: { id: 'debug-pause', color: 'list.warningForeground' },
  };
}

/** A wait within the next day needs no date. */
const DAY_MS = 86_400_000;

function waiting(
  vs: typeof vscode,
  pipeline: PipelineSnapshot,
  { now }: PipelineFacts,
): Pick<ViewNode, 'description' | 'tooltip' | 'spoken' | 'icon'> {
  const { t } = vs.l10n;
  const { reason, until, ...stopped } = dispatchOf(pipeline);
  const left = until ? until.getTime() - now : 0;
  const when = until && (left < DAY_MS ? formatTime(vs, until) : formatDate(vs, until));
  const wait = when && left > 0 ? t('waiting until {0}', when) : t('about to resume');
  const description = reason ? `${wait} (${shortReason(vs, reason)})` : wait;
  return {
    description,
    tooltip: [
      t('Dispatch waits: {0}', reason ? visibleText(reason, 1000) : t('no reason recorded')),
      ...sinceLines(vs, stopped),
      ...(until && left > 0 ? [t('Until {0}.', formatDate(vs, until))] : []),
      t('The queue keeps its files. The reconciler resumes dispatch by itself.'),
    ].join('\n'),
    spoken: t('Dispatch: {0}', description),
    icon: { id: 'watch', color: 'list.warningForeground' },
  };
}
