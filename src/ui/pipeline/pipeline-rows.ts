import type * as vscode from 'vscode';
import type { PipelineSnapshot } from '../../app/stack/pipeline-snapshot.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';
import { alarmsRow } from './alarms-row.ts';
import { withConsole } from './console-link.ts';
import { dispatchRow } from './dispatch-row.ts';
import type { ViewNode } from '../base/node.ts';
import { unread, type PipelineFacts } from './pipeline-facts.ts';
import { paceRow } from './pace-row.ts';
import { progressRows } from './progress-rows.ts';
import { keyRow } from './key-row.ts';
import { reconcilerRow } from './reconciler-row.ts';
import { stackRow } from './stack-row.ts';
import { templateRow } from './template-row.ts';

/** @returns the first level of the Pipeline view; no row where there is no stack */
export function pipelineRows(vs: typeof vscode, facts: PipelineFacts): readonly ViewNode[] {
  const { pipeline, operation } = facts;
  const isThere = pipeline?.stack !== undefined || pipeline?.outputs !== undefined;
  if (!isThere && !operation?.running) return [];
  const stack = stackRow(vs, facts);
  const template = pipeline && templateRow(vs, pipeline);
  const warning = template ? [template] : [];
  // Without outputs there is no queue yet, or the stack is not ours.
  if (!pipeline?.outputs) return [...warning, withConsole(stack, pipeline)];
  const dispatch = dispatchRow(vs, pipeline, facts);
  const key = keyRow(vs, pipeline);
  const alarms = alarmsRow(vs, pipeline, facts.now);
  const pace = paceRow(vs, pipeline, facts.now);
  const reconciler = reconcilerRow(vs, pipeline, facts);
  // While it changes, and after a failure, its events are what the user looks for.
  const isFollowed = operation !== undefined && (operation.running || operation.failure !== undefined);
  const rows = [
    ...warning,
    ...(key ? [key] : []),
    ...(isFollowed ? [stack] : []),
    ...progressRows(vs, facts),
    ...(alarms ? [alarms] : []),
    // A stack with an unknown template is only shown, so its rows have no buttons.
    template ? { ...dispatch, tokens: [] } : dispatch,
    ...(pace && !template ? [pace] : []),
    queueRow(vs, pipeline, facts),
    deadLettersRow(vs, pipeline, facts),
    ...(reconciler ? [template ? { ...reconciler, tokens: [] } : reconciler] : []),
    ...(isFollowed ? [] : [stack]),
    outputsRow(vs, pipeline),
  ];
  return rows.map((row) => withConsole(row, pipeline));
}

function queueRow(vs: typeof vscode, pipeline: PipelineSnapshot, facts: PipelineFacts): ViewNode {
  const { t } = vs.l10n;
  const { queue } = pipeline;
  const counts = queue && [
    t('{0} waiting', formatCount(vs, queue.waiting)),
    t('{0} in flight', formatCount(vs, queue.inFlight)),
    ...(queue.delayed > 0 ? [t('{0} delayed', formatCount(vs, queue.delayed))] : []),
  ];
  const description = counts ? counts.join(', ') : unread(vs, pipeline, facts);
  return {
    id: 'queue',
    label: t('Queue'),
    description,
    tooltip: [
      t('Queue: {0}', description),
      t('In flight are the files that the consumer has taken, and those that wait for their next attempt.'),
      t('AWS only estimates these numbers; they may be a minute old.'),
    ].join('\n'),
    spoken: t('Queue: {0}', description),
    icon: { id: 'inbox' },
    tokens: ['queue'],
  };
}

function deadLettersRow(vs: typeof vscode, pipeline: PipelineSnapshot, facts: PipelineFacts): ViewNode {
  const { t } = vs.l10n;
  const { deadLetters } = pipeline;
  const some = deadLetters !== undefined && deadLetters > 0;
  const none = deadLetters === undefined ? unread(vs, pipeline, facts) : t('none');
  const description = some ? t('about {0}', formatCount(vs, deadLetters)) : none;
  return {
    id: 'dead-letters',
    label: t('Dead letters'),
    description,
    tooltip: t('Files that Ittybit rejected or that failed too often: {0}', description),
    spoken: t('Dead letters: {0}', description),
    icon: some ? { id: 'warning', color: 'list.warningForeground' } : { id: 'pass' },
    tokens: ['deadLetters'],
    open: 'mediaBatch.showDeadLetters',
  };
}

function outputsRow(vs: typeof vscode, pipeline: PipelineSnapshot): ViewNode {
  const { t } = vs.l10n;
  const { stack, outputs } = pipeline;
  const values = Object.entries(stack?.outputs ?? outputs ?? {}).sort(([a], [b]) => a.localeCompare(b));
  return {
    id: 'outputs',
    label: t('Outputs'),
    description: t('{0} values to copy', formatCount(vs, values.length)),
    icon: { id: 'output' },
    tokens: ['outputs'],
    emptyHint: t('This stack has no outputs.'),
    children: () =>
      Promise.resolve(
        values.map(([name, value]) => {
          const row: ViewNode = {
            id: `output ${name}`,
            label: visibleText(name),
            description: visibleText(value),
            tooltip: `${visibleText(name)}\n${visibleText(value, 2000)}`,
            icon: { id: 'symbol-constant' },
            tokens: ['value'],
            data: { value },
          };
          return withConsole(row, pipeline);
        }),
      ),
  };
}
