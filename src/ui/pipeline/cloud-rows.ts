import type * as vscode from 'vscode';
import type { CloudEnqueue } from '../../app/batch/cloud-enqueue.ts';
import { listCloudEnqueues } from '../../app/batch/list-cloud-enqueues.ts';
import { listEnumerators, type EnumeratorStack } from '../../app/stack/cloud-enqueue-stack.ts';
import { MOST_OBJECTS } from '../../core/batch/cloud-run.ts';
import { isUnderWay } from '../../core/batch/cloud-runs.ts';
import { prefixUri } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import type { StackScope } from '../watch/stack-scope.ts';

/** The data of a row, for commands. */
export interface CloudStackData {
  readonly enumerator: EnumeratorStack;
}
export interface CloudRunData extends CloudStackData {
  readonly enqueue: CloudEnqueue;
}

/** @returns the row of the stack with the enqueues in the cloud as its last child; any other row as it is */
export function withCloudRow(
  vs: typeof vscode,
  scope: StackScope,
  row: ViewNode,
  stackName: string,
): ViewNode {
  if (!row.tokens.includes('stack')) return row;
  const { id, emptyHint = '' } = row;
  const children: ViewNode['children'] = async (signal) => {
    const own = (await row.children?.(signal)) ?? [];
    const hint = { id: `${id}/empty`, label: emptyHint, tokens: ['hint'], icon: { id: 'info' } };
    return [...(own.length > 0 ? own : [hint]), cloudRow(vs, scope, stackName)];
  };
  return { ...row, children };
}

/**
 * @param stackName the pipeline's
 * @returns the row of the enqueues in the cloud; its children are read when it is expanded
 */
function cloudRow(vs: typeof vscode, scope: StackScope, stackName: string): ViewNode {
  const { t } = vs.l10n;
  return {
    id: 'cloud enqueues',
    label: t('Cloud enqueues'),
    tooltip: t('Buckets that AWS Step Functions enqueues. They go on while the editor is closed.'),
    icon: { id: 'cloud' },
    tokens: ['cloudEnqueues'],
    emptyHint: t('None: "Enqueue in the Cloud…" makes one, for a bucket of millions of objects.'),
    children: async (signal) => {
      const stacks = await scope.read(
        ({ stacks }, _, both) => listEnumerators(stackName, stacks, both),
        signal,
      );
      return stacks.map((enumerator) => stackRow(vs, scope, enumerator));
    },
  };
}

function stackRow(vs: typeof vscode, scope: StackScope, enumerator: EnumeratorStack): ViewNode {
  const { t } = vs.l10n;
  const { name, bucket, machine, status } = enumerator;
  const data: CloudStackData = { enumerator };
  return {
    id: `cloud enqueue ${name}`,
    label: visibleText(bucket),
    description: status.endsWith('_COMPLETE') ? '' : visibleText(status),
    tooltip: t('Stack {0}: {1}', visibleText(name), visibleText(status)),
    icon: { id: 'database' },
    tokens: ['cloudStack'],
    data,
    emptyHint: t('It has not enqueued anything yet.'),
    expanded: true,
    children: async (signal) => {
      if (machine === undefined) return [];
      const runs = await scope.read(
        (services, pipeline, both) => listCloudEnqueues(machine, pipeline, services, both),
        signal,
      );
      return runs.map((enqueue) => runRow(vs, { enumerator, enqueue }));
    },
  };
}

/** What a run can be told, as a token of its row. */
export type RunKind = 'running' | 'stopped' | 'ended';

/** @returns whether a run goes on, can be resumed, or is over */
export function runKind({ state, progress, meta }: CloudEnqueue): RunKind {
  if (meta.brake?.cancelled || progress.enqueued) return 'ended';
  return isUnderWay(state) ? 'running' : 'stopped';
}

/** @returns how a run stands, the most important first: `1,200 of 5,000 listed so far, 900 sent` */
export function runWords(vs: typeof vscode, enqueue: CloudEnqueue): string {
  const { t } = vs.l10n;
  const { progress, state, failure, meta } = enqueue;
  const listed = formatCount(vs, progress.listed);
  const total = Math.max(state?.map?.items.total ?? 0, progress.listed);
  const sent = t('{0} sent', formatCount(vs, progress.sent));
  if (meta.brake?.cancelled) return t('cancelled, {0}', sent);
  if (progress.enqueued) return t('all {0} listed, {1}', listed, sent);
  const sofar = t('{0} of {1} listed so far, {2}', listed, formatCount(vs, total), sent);
  if (failure !== undefined) return t('failed: {0}', sofar);
  return runKind(enqueue) === 'running' ? sofar : t('paused: {0}', sofar);
}

function runRow(vs: typeof vscode, data: CloudRunData): ViewNode {
  const { enqueue } = data;
  const { meta, failure, state } = enqueue;
  const kind = runKind(enqueue);
  const words = runWords(vs, enqueue);
  const icons = {
    running: { id: 'sync~spin' },
    stopped: failure === undefined ? { id: 'debug-pause' } : { id: 'error', color: 'list.errorForeground' },
    ended: { id: 'pass' },
  };
  const place = visibleText(prefixUri(meta));
  const isLarge = kind === 'running' && (state?.map?.items.total ?? 0) > MOST_OBJECTS;
  return {
    id: `cloud run ${meta.batch}`,
    label: visibleText(meta.prefix === '' ? meta.bucket : meta.prefix),
    description: words,
    tooltip: [
      place,
      vs.l10n.t('Batch {0}', visibleText(meta.batch)),
      words,
      ...(failure ? [failure] : []),
      ...(isLarge
        ? [vs.l10n.t('More than 50 million objects: AWS may not end this. An enqueue in parts does.')]
        : []),
    ].join('\n'),
    icon: icons[kind],
    tokens: ['cloudRun', kind],
    data,
  };
}
