import type * as vscode from 'vscode';
import type { Stack } from '../../core/stack/stack-service.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatAge, formatDate } from '../base/format.ts';
import type { ShownOperation } from '../watch/shown-operation.ts';
import type { ViewNode } from '../base/node.ts';
import type { PipelineFacts } from './pipeline-facts.ts';
import { stackEventRows } from './stack-events.ts';
import { hasUpdate } from './template-row.ts';

/** Statuses of a stack whose last operation failed. */
const BAD_STATUS = /(FAILED|ROLLBACK_COMPLETE)$/;

/** @returns the row of the stack; its children are the events of the operation that this window watches */
export function stackRow(vs: typeof vscode, facts: PipelineFacts): ViewNode {
  const { t } = vs.l10n;
  const { pipeline, operation, now } = facts;
  const { stack } = pipeline ?? {};
  const starting = operation?.running ? t('starting…') : t('could not be read');
  const age = stack?.changedAt && formatAge(vs, stack.changedAt, now);
  const update = pipeline && hasUpdate(pipeline) ? t('update available') : '';
  const description = stack ? [update, visibleText(stack.status), age].filter(Boolean).join(', ') : starting;
  const name = visibleText(pipeline?.stackName ?? operation?.stackName ?? '');
  return {
    // The editor expands a row only when it first sees its id, so a stack with events has another id.
    id: operation ? 'stack with events' : 'stack',
    label: t('Stack'),
    description,
    tooltip: [
      t('Stack {0}: {1}', name, description),
      ...(update ? [t('Media Batch has a newer template for it: run Deploy Pipeline.')] : []),
      ...(stack?.reason ? [visibleText(stack.reason, 1000)] : []),
      ...(stack?.changedAt ? [t('Last changed {0}.', formatDate(vs, stack.changedAt))] : []),
    ].join('\n'),
    spoken: t('Stack {0}: {1}', name, description.replaceAll('_', ' ').toLowerCase()),
    icon: stackIcon(stack, operation),
    tokens: ['stack', stackToken(stack, operation)],
    emptyHint: t('The events of the next deploy appear here.'),
    children: () => Promise.resolve(operation ? stackEventRows(vs, operation) : []),
    expanded: operation !== undefined,
  };
}

function stackIcon(stack: Stack | undefined, operation: ShownOperation | undefined): ViewNode['icon'] {
  if (operation?.running || stack?.status.endsWith('_IN_PROGRESS')) return { id: 'sync~spin' };
  if (stack && BAD_STATUS.test(stack.status)) return { id: 'error', color: 'list.errorForeground' };
  return { id: 'layers' };
}

/** @returns the token that package.json's menus test: which commands apply to the stack now */
function stackToken(stack: Stack | undefined, operation: ShownOperation | undefined): string {
  const status = stack?.status ?? '';
  // CancelUpdateStack takes this status only (CloudFormation API).
  if (status === 'UPDATE_IN_PROGRESS') return 'updating';
  if (status.endsWith('_IN_PROGRESS') || operation?.running) return 'busy';
  return status === 'UPDATE_ROLLBACK_FAILED' ? 'rollback-failed' : 'settled';
}
