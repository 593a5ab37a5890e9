import type * as vscode from 'vscode';
import { batchProgress, countedProgress, sum, type BatchProgress } from '../../app/batch/batch-progress.ts';
import { failedOf } from '../../app/batch/work-at-hand.ts';
import { ASKED_FOR } from '../../app/batch/stop-batch.ts';
import { MAX_BATCH_NAME, type BatchMeta, type BatchRecord } from '../../core/batch/batch.ts';
import type { BatchBrake } from '../../core/batch/brake.ts';
import { runOf } from '../../core/batch/cloud-run.ts';
import type { Status } from '../../core/batch/result-item.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount, formatDate, formatElapsed } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';
import { askedLines } from './batch-asked.ts';
import { batchState, brakeLines, isDeleting, tookSeconds, type KnownBatch } from './batch-state.ts';
import { statusIcon, statusTitle } from './status-words.ts';

/** The data of a batch's row, for commands. */
export interface BatchData {
  readonly batch: string;
  readonly meta: BatchMeta | undefined;
  /** the batch id, for Copy Value */
  readonly value: string;
}

type Children = ViewNode['children'];

/** A label leaves room for the facts; the tooltip has the whole address. */
const LABEL = 16;

/** @returns what a batch is called: its own name and its place; without a record, what that means */
export function batchTitle({ l10n: { t } }: typeof vscode, meta: BatchMeta | undefined): string {
  if (!meta) return t('Sent without Media Batch');
  const place = visibleText(`${meta.bucket}/${meta.prefix}`);
  return meta.name === undefined ? place : `${visibleText(meta.name, MAX_BATCH_NAME)}, ${place}`;
}

/** @returns the row of a batch */
export function batchRow(vs: typeof vscode, known: KnownBatch, children: Children): ViewNode {
  const { t } = vs.l10n;
  const { id, meta, record } = known;
  const progress = record && batchProgress(record);
  const name = batchTitle(vs, meta);
  const state = batchState(vs, known, progress);
  const date = meta && shortDate(vs, new Date(meta.created_at));
  const data: BatchData = { batch: id, meta, value: id };
  return {
    id: `batch ${id}`,
    label: meta ? batchLabel(meta) : t('Sent without Media Batch'),
    // The date comes last: a narrow side bar cuts the end.
    description: [state, date].filter(Boolean).join(' · '),
    tooltip: [
      name,
      id,
      state,
      ...countLines(vs, progress),
      ...brakeLines(vs, known),
      ...askedAndEnd(vs, known),
    ]
      .filter(Boolean)
      .join('\n'),
    spoken: [name, state, date].filter(Boolean).join(', '),
    icon: iconOf(known, progress),
    tokens: ['batch', 'value', ...(meta ? ['recorded'] : []), ...tokensOf(known, progress)],
    emptyHint: t('No file of this batch has been taken from the queue yet.'),
    children,
    data,
  };
}

/**
 * @returns a batch's own name, else its prefix, or its bucket where it has none; of a long name the beginning, of a long
 * prefix the end, which tells it from others
 */
export function batchLabel({
  bucket,
  prefix,
  name: own,
}: Pick<BatchMeta, 'bucket' | 'prefix' | 'name'>): string {
  if (own !== undefined) return visibleText(own, LABEL);
  const name = visibleText(prefix || `${bucket}/`);
  return name.length > LABEL ? `…${name.slice(1 - LABEL)}` : name;
}

function countLines(vs: typeof vscode, progress: BatchProgress | undefined): string[] {
  const { t } = vs.l10n;
  if (!progress) return [];
  const { ended, total, counts } = progress;
  return [
    t('{0} of {1} files finished', formatCount(vs, ended), formatCount(vs, total)),
    ...(counts.retrying > 0 ? [t('{0} wait for another attempt', formatCount(vs, counts.retrying))] : []),
    ...(counts.waiting > 0 ? [t('{0} wait for another batch', formatCount(vs, counts.waiting))] : []),
    ...(counts.failed > 0 ? [t('{0} failed at Ittybit', formatCount(vs, counts.failed))] : []),
    ...(counts.dead > 0 ? [t('{0} dead', formatCount(vs, counts.dead))] : []),
  ];
}

/** What the batch was asked for, and when it ended. */
function askedAndEnd(vs: typeof vscode, { meta, endedAt }: KnownBatch): string[] {
  const { t } = vs.l10n;
  if (!meta) return [];
  const took = tookSeconds({ meta, endedAt });
  return [
    ...askedLines(vs, meta),
    ...(endedAt !== undefined && took !== undefined
      ? [t('Ended {0}, after {1}', formatDate(vs, new Date(endedAt)), formatElapsed(vs, took))]
      : []),
  ];
}

const WARNING = { id: 'warning', color: 'list.warningForeground' };

/** What can be done with a batch now. */
function tokensOf(known: KnownBatch, progress: BatchProgress | undefined): string[] {
  if (isDeleting(known)) return ['deleting'];
  const isOver = known.meta !== undefined && progress?.settled === true;
  return [...sendTokens(known, progress), ...stopTokens(known, progress), ...(isOver ? ['over'] : [])];
}

/** What can be sent of a batch, or is. */
function sendTokens(
  { meta, record, brake, run, neverClaimed, noLetters }: KnownBatch,
  progress: BatchProgress | undefined,
): string[] {
  if (run) return ['enqueuing'];
  if (brake?.cancelled) return [];
  const again = noLetters && progress && progress.counts.dead > 0 ? ['resendable'] : [];
  if (meta && progress && !progress.enqueued)
    return [runOf(record?.checkpoints ?? []) ? 'inCloud' : 'resumable', ...again];
  return [...(neverClaimed ? ['missing'] : []), ...again];
}

/** How a batch can be stopped, or is. What was sent without Media Batch has no record to mark. */
function stopTokens({ meta, brake }: KnownBatch, progress: BatchProgress | undefined): string[] {
  if (!meta) return [];
  if (brake?.cancelled) return ['cancelled'];
  const isOpen = progress?.settled !== true;
  const held = brake?.hold && (brake.hold.cause === ASKED_FOR ? 'held' : 'braked');
  return [...(isOpen ? ['cancellable'] : []), ...(held ? [held] : isOpen ? ['holdable'] : [])];
}

function iconOf(known: KnownBatch, progress: BatchProgress | undefined): ViewNode['icon'] {
  const { brake, run, neverClaimed } = known;
  if (isDeleting(known)) return { id: 'trash' };
  if (brake?.cancelled) return { id: 'circle-slash' };
  if (brake?.hold) return WARNING;
  if (run) return { id: 'sync' };
  if (neverClaimed) return WARNING;
  if (!progress) return { id: 'list-ordered' };
  const bad = failedOf(progress) > 0;
  const waits = runOf(known.record?.checkpoints ?? []) ? 'cloud-upload' : 'debug-pause';
  if (!progress.settled) return { id: progress.enqueued ? 'run-all' : waits };
  return bad ? WARNING : { id: 'pass', color: 'testing.iconPassed' };
}

interface Group {
  readonly id: string;
  readonly title: string;
  readonly icon: NonNullable<ViewNode['icon']>;
  readonly statuses: readonly Status[];
}

function groupsOf(vs: typeof vscode): readonly Group[] {
  const single = (status: Status): Group => ({
    id: status,
    title: statusTitle(vs, status),
    icon: statusIcon(status),
    statuses: [status],
  });
  return [
    single('succeeded'),
    single('covered'),
    {
      id: 'progress',
      title: vs.l10n.t('In progress'),
      icon: statusIcon('processing'),
      statuses: ['processing', 'submitted', 'retrying', 'waiting'],
    },
    single('failed'),
    single('dead'),
    single('cancelled'),
  ];
}

/** What the rows under a batch are made from. */
interface StatusOf {
  readonly record: BatchRecord;
  readonly brake: BatchBrake | undefined;
  /** true: the files in the queue, by the counts, are not there any more */
  readonly neverClaimed: boolean;
  /** statuses whose lists are open: their rows stay, also with no file */
  readonly open: ReadonlySet<Status>;
  /** how the list of a row is arranged, in words; empty for one as it was read */
  readonly arranged: (rowId: string) => string;
  /** when the first file that waits for another attempt is sent again, in words */
  readonly nextTry: string | undefined;
}

/**
 * @returns the rows under a batch: one for each group of statuses that has files, and one for the files still in the queue
 * @param files returns the children of the row of one status
 */
export function statusRows(
  vs: typeof vscode,
  batch: string,
  known: StatusOf,
  files: (status: Status, id: string) => Children,
): ViewNode[] {
  const { t } = vs.l10n;
  // Files without an item have a row of their own, also where they are cancelled.
  const { counts, queued } = countedProgress(known.record);
  const row = (id: string, title: string, count: number, change: Partial<ViewNode>): ViewNode => ({
    id: `batch ${batch} ${id}`,
    label: title,
    description: formatCount(vs, count),
    spoken: t('{0}: {1} files', title, formatCount(vs, count)),
    tokens: ['status'],
    ...change,
  });
  const one = (status: Status, title: string, change: Partial<ViewNode>): ViewNode => {
    const id = `batch ${batch} ${status}`;
    const next = status === 'retrying' && known.nextTry;
    const description = [formatCount(vs, counts[status]), next, known.arranged(id)]
      .filter(Boolean)
      .join(' · ');
    return row(status, title, counts[status], {
      ...change,
      description,
      tokens: ['status', 'list'],
      emptyHint: t('No files have this status any more.'),
      children: files(status, id),
    });
  };
  const groups = groupsOf(vs).flatMap(({ id, title, icon, statuses }) => {
    const present = statuses.filter((status) => counts[status] > 0 || known.open.has(status));
    const [first] = present;
    if (first === undefined) return [];
    if (statuses.length === 1) return [one(first, title, { icon })];
    const count = sum(present.map((status) => counts[status]));
    // Each status has a list of its own: the table has no common order over several statuses. One alone opens with its
    // parent, and stays where it is when others come.
    const expanded = present.length === 1;
    const children = () =>
      Promise.resolve(present.map((status) => one(status, statusTitle(vs, status), { expanded })));
    const description = [formatCount(vs, count), present.includes('retrying') && known.nextTry]
      .filter(Boolean)
      .join(' · ');
    return [row(id, title, count, { icon, children, description })];
  });
  const { label, ...look } = queuedLook(vs, known);
  const waiting = row('queued', label, queued, { ...look, tokens: ['queued'] });
  return queued > 0 ? [...groups, waiting] : groups;
}

type Queued = Pick<ViewNode, 'label' | 'icon' | 'tooltip'>;

/** The files that no consumer has claimed: they wait, they are lost, or their batch is cancelled. */
function queuedLook(vs: typeof vscode, { brake, neverClaimed }: StatusOf): Queued {
  const { t } = vs.l10n;
  if (brake?.cancelled) {
    return neverClaimed
      ? {
          label: t('Cancelled in the queue'),
          icon: { id: 'circle-slash' },
          tooltip: t('They have left the work queue without a job: nothing is paid for them.'),
        }
      : {
          label: t('Draining'),
          icon: { id: 'inbox' },
          tooltip: t('They leave the work queue without a job, and count as cancelled.'),
        };
  }
  return neverClaimed
    ? {
        label: t('Never claimed'),
        icon: WARNING,
        tooltip: t('Sent to the work queue, which is empty now: "Enqueue the Missing…" sends them again.'),
      }
    : {
        label: t('Queued'),
        icon: { id: 'inbox' },
        tooltip: t('In the work queue, or just being submitted.'),
      };
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
