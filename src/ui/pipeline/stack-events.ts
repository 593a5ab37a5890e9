import type * as vscode from 'vscode';
import type { StackEvent } from '../../core/stack/stack-service.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatTime } from '../base/format.ts';
import type { ShownOperation } from '../watch/shown-operation.ts';
import type { ViewNode } from '../base/node.ts';

/** Longest reason in a tooltip, in UTF-16 units. AWS's own sentences are shorter. */
const MAX_REASON = 2000;

/** @returns an event of a stack for a progress notification */
export function eventWords({ logicalId, status }: StackEvent): string {
  return visibleText(`${logicalId} ${status}`);
}

/**
 * The rows under the stack during an operation and after it.
 * @returns the first real failure, once it is known; then one row per resource, the last changed one on top. The children of
 * a resource are its events, the newest last.
 */
export function stackEventRows(vs: typeof vscode, { events, failure }: ShownOperation): ViewNode[] {
  const resources = new Map<string, StackEvent[]>();
  for (const event of events) {
    const known = resources.get(event.logicalId) ?? [];
    // Deleted and set again, so that the map keeps the order of the last change.
    resources.delete(event.logicalId);
    resources.set(event.logicalId, [...known, event]);
  }
  return [
    ...(failure ? [failureRow(vs, failure)] : []),
    ...[...resources.values()].reverse().map((own) => resourceRow(vs, own)),
  ];
}

function failureRow(vs: typeof vscode, failure: StackEvent): ViewNode {
  const { t } = vs.l10n;
  const { logicalId, reason, status } = failure;
  const label = t('First failure: {0}: {1}', visibleText(logicalId), visibleText(reason ?? status));
  return {
    id: 'first failure',
    label,
    tooltip: tooltipOf(failure),
    spoken: label,
    icon: { id: 'error', color: 'list.errorForeground' },
    tokens: ['event', 'failure', 'value'],
    data: { value: reason ?? status },
  };
}

function resourceRow(vs: typeof vscode, events: readonly StackEvent[]): ViewNode {
  const latest = events.at(-1);
  if (!latest) throw new RangeError('A resource row needs at least one event.');
  const label = visibleText(latest.logicalId);
  const description = visibleText(latest.status);
  const id = `resource ${latest.logicalId}`;
  return {
    id,
    label,
    description,
    tooltip: tooltipOf(latest),
    spoken: vs.l10n.t('{0}: {1}', label, description),
    icon: iconOf(latest.status),
    tokens: ['resource'],
    children: () => Promise.resolve(events.map((event, index) => eventRow(vs, `${id} ${index}`, event))),
  };
}

function eventRow(vs: typeof vscode, id: string, event: StackEvent): ViewNode {
  const { status, reason, at } = event;
  const label = visibleText(status);
  const description = [formatTime(vs, at), ...(reason ? [visibleText(reason)] : [])].join(' · ');
  return {
    id,
    label,
    description,
    tooltip: tooltipOf(event),
    spoken: vs.l10n.t('{0}: {1}', label, description),
    icon: iconOf(status),
    tokens: reason ? ['event', 'value'] : ['event'],
    ...(reason && { data: { value: reason } }),
  };
}

function tooltipOf({ logicalId, type, status, reason }: StackEvent): string {
  return [
    `${visibleText(logicalId)} (${visibleText(type)})`,
    visibleText(status),
    ...(reason ? [visibleText(reason, MAX_REASON)] : []),
  ].join('\n');
}

/** CloudFormation's statuses of a resource end in one of a few words (User Guide, "Stack status codes"). */
function iconOf(status: string): NonNullable<ViewNode['icon']> {
  if (status.endsWith('_IN_PROGRESS')) return { id: 'sync' };
  if (status.endsWith('_FAILED')) return { id: 'error', color: 'list.errorForeground' };
  if (status.includes('ROLLBACK')) return { id: 'warning', color: 'list.warningForeground' };
  // The resource stays in the account because of its DeletionPolicy.
  if (status.endsWith('_SKIPPED')) return { id: 'archive' };
  if (status.endsWith('_COMPLETE')) return { id: 'check' };
  return { id: 'circle-outline' };
}
