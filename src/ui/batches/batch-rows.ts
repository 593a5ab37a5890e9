import type * as vscode from 'vscode';
import { batchProgress, sum, type BatchProgress } from '../../app/batch/batch-progress.ts';
import type { EnqueueProgress } from '../../app/batch/enqueue-files.ts';
import { secondsLeft } from '../../app/batch/throughput.ts';
import type { BatchMeta, BatchRecord } from '../../core/batch/batch.ts';
import type { Status } from '../../core/batch/result-item.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatAbout, formatCount } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';

/** What we know about a batch. */
export interface KnownBatch {
  readonly id: string;
  /** from the list of batches; undefined for messages that were sent without Media Batch */
  readonly meta: BatchMeta | undefined;
  /** its counts; undefined until they have been read */
  readonly record: BatchRecord | undefined;
  /** the enqueue that this window runs for the batch */
  readonly run: EnqueueProgress | undefined;
  /** true: files were sent and are neither in the queue nor claimed */
  readonly neverClaimed: boolean;
  /** measured rate of the whole pipeline; undefined when it is not known */
  readonly filesPerSecond: number | undefined;
}

/** The data of a batch's row, for commands. */
export interface BatchData {
  readonly batch: string;
  readonly meta: BatchMeta | undefined;
  /** the batch id, for Copy Value */
  readonly value: string;
}

type Children = ViewNode['children'];

/** @returns the row of a batch */
export function batchRow(vs: typeof vscode, known: KnownBatch, children: Children): ViewNode {
  const { t } = vs.l10n;
  const { id, meta, record, run, neverClaimed } = known;
  const progress = record && batchProgress(record);
  const resumable = meta !== undefined && progress !== undefined && !progress.enqueued && !run;
  const label = meta ? visibleText(`${meta.bucket}/${meta.prefix}`) : t('Sent without Media Batch');
  const state = run ? t('enqueuing, {0} sent', formatCount(vs, run.sent)) : stateOf(vs, known, progress);
  // The date comes last: a narrow side bar cuts the end.
  const description = [state, meta && shortDate(vs, new Date(meta.created_at))].filter(Boolean).join(' · ');
  const data: BatchData = { batch: id, meta, value: id };
  return {
    id: `batch ${id}`,
    label,
    description,
    tooltip: [
      ...[label, id, meta && t('{0} job', meta.job.kind)],
      ...[meta?.again === true && t('pays again for files that are done'), state],
    ]
      .filter(Boolean)
      .join('\n'),
    icon: run || !neverClaimed ? iconOf(progress, run !== undefined) : WARNING,
    tokens: [
      ...['batch', 'value'],
      ...(run ? ['enqueuing'] : resumable ? ['resumable'] : neverClaimed ? ['missing'] : []),
    ],
    emptyHint: t('No file of this batch has been taken from the queue yet.'),
    children,
    data,
  };
}

function stateOf(
  vs: typeof vscode,
  { meta, filesPerSecond, neverClaimed }: KnownBatch,
  progress: BatchProgress | undefined,
): string {
  const { t } = vs.l10n;
  if (!progress) return t('reading counts…');
  const { counts, ended } = progress;
  const bad = counts.failed + counts.dead;
  // Messages sent without Media Batch have no enqueue: we only know the files that the consumer has claimed.
  const total = meta ? Math.max(progress.sent, ended) : sum(Object.values(counts));
  const left = progress.settled ? undefined : secondsLeft(progress.queued + counts.retrying, filesPerSecond);
  return [
    t('{0} of {1}', formatCount(vs, ended), formatCount(vs, total)),
    ...(neverClaimed ? [neverClaimedWords(vs, progress)] : []),
    ...(bad > 0 ? [t('{0} failed or dead', formatCount(vs, bad))] : []),
    ...(meta && !progress.enqueued ? [t('enqueue not finished')] : []),
    ...(left && !neverClaimed ? [t('{0} left', formatAbout(vs, left))] : []),
  ].join(', ');
}

/** The files are gone from the queue, and no consumer has claimed them. */
function neverClaimedWords(vs: typeof vscode, { queued }: BatchProgress): string {
  const { t } = vs.l10n;
  return queued === 1
    ? t('1 was sent and never claimed')
    : t('{0} were sent and never claimed', formatCount(vs, queued));
}

const WARNING = { id: 'warning', color: 'list.warningForeground' };

function iconOf(progress: BatchProgress | undefined, enqueuing: boolean): ViewNode['icon'] {
  if (enqueuing) return { id: 'sync' };
  if (!progress) return { id: 'list-ordered' };
  const bad = progress.counts.failed + progress.counts.dead > 0;
  if (!progress.settled) return { id: progress.enqueued ? 'run-all' : 'debug-pause' };
  return bad ? WARNING : { id: 'pass', color: 'testing.iconPassed' };
}

interface Group {
  readonly id: string;
  readonly title: string;
  readonly icon: NonNullable<ViewNode['icon']>;
  readonly statuses: readonly Status[];
}

function groupsOf(vs: typeof vscode): readonly Group[] {
  const { t } = vs.l10n;
  return [
    { id: 'succeeded', title: t('Succeeded'), icon: { id: 'pass' }, statuses: ['succeeded'] },
    {
      id: 'covered',
      title: t('Covered by another batch'),
      icon: { id: 'references' },
      statuses: ['covered'],
    },
    {
      id: 'progress',
      title: t('In progress'),
      icon: { id: 'sync' },
      statuses: ['processing', 'submitted', 'retrying', 'waiting'],
    },
    {
      id: 'failed',
      title: t('Failed'),
      icon: { id: 'error', color: 'list.errorForeground' },
      statuses: ['failed'],
    },
    {
      id: 'dead',
      title: t('Dead'),
      icon: { id: 'warning', color: 'list.warningForeground' },
      statuses: ['dead'],
    },
    { id: 'cancelled', title: t('Cancelled'), icon: { id: 'circle-slash' }, statuses: ['cancelled'] },
  ];
}

/**
 * @returns the rows under a batch: one for each group of statuses that has files, and one for the files still in the queue
 * @param neverClaimed true: those files are not in the queue any more
 * @param files returns the children of the row of one status
 */
export function statusRows(
  vs: typeof vscode,
  batch: string,
  { record, neverClaimed }: { record: BatchRecord; neverClaimed: boolean },
  files: (status: Status, id: string) => Children,
): ViewNode[] {
  const { t } = vs.l10n;
  const { counts, queued } = batchProgress(record);
  const row = (id: string, title: string, count: number, change: Partial<ViewNode>): ViewNode => ({
    id: `batch ${batch} ${id}`,
    label: title,
    description: formatCount(vs, count),
    spoken: t('{0}: {1} files', title, formatCount(vs, count)),
    tokens: ['status'],
    ...change,
  });
  const one = (status: Status, title: string, icon?: ViewNode['icon']): ViewNode => {
    const id = `batch ${batch} ${status}`;
    return row(status, title, counts[status], {
      icon,
      emptyHint: t('No files have this status any more.'),
      children: files(status, id),
    });
  };
  const groups = groupsOf(vs).flatMap(({ id, title, icon, statuses }) => {
    const [first, ...others] = statuses.filter((status) => counts[status] > 0);
    if (first === undefined) return [];
    if (statuses.length === 1) return [one(first, title, icon)];
    const present = [first, ...others];
    const count = sum(present.map((status) => counts[status]));
    // Each status has a list of its own: the table has no common order over several statuses.
    const children = () => Promise.resolve(present.map((status) => one(status, statusTitle(vs, status))));
    return [row(id, title, count, { icon, children })];
  });
  const waiting = row('queued', neverClaimed ? t('Never claimed') : t('Queued'), queued, {
    icon: neverClaimed ? WARNING : { id: 'inbox' },
    tokens: ['queued'],
    tooltip: neverClaimed
      ? t('Sent to the work queue, which is empty now: "Enqueue the Missing…" sends them again.')
      : t('In the work queue, or just being submitted.'),
  });
  return queued > 0 ? [...groups, waiting] : groups;
}

function statusTitle(vs: typeof vscode, status: Status): string {
  const { t } = vs.l10n;
  const titles: Partial<Record<Status, string>> = {
    processing: t('Processing at Ittybit'),
    submitted: t('Submitted to Ittybit'),
    retrying: t('Waiting for another attempt'),
    waiting: t('Waits for another batch'),
  };
  return titles[status] ?? status;
}

function shortDate(vs: typeof vscode, at: Date): string {
  if (Number.isNaN(at.getTime())) return '';
  const sameYear = at.getFullYear() === new Date().getFullYear();
  return at.toLocaleString(vs.env.language, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    ...(!sameYear && { year: 'numeric' }),
  });
}
