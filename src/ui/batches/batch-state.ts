import type * as vscode from 'vscode';
import { ASKED_FOR } from '../../app/batch/stop-batch.ts';
import { countedProgress, type BatchProgress } from '../../app/batch/batch-progress.ts';
import type { EnqueueProgress } from '../../app/batch/enqueue-files.ts';
import { secondsLeft } from '../../app/batch/throughput.ts';
import { failedOf } from '../../app/batch/work-at-hand.ts';
import type { BatchMeta, BatchRecord } from '../../core/batch/batch.ts';
import type { BatchBrake, Hold } from '../../core/batch/brake.ts';
import { runOf } from '../../core/batch/cloud-run.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount, formatDuration, formatElapsed, formatPercent } from '../base/format.ts';
import { shortReason } from '../base/short-reason.ts';
import { whenAndBy } from '../base/when-and-by.ts';
import type { Standstill } from './standstill.ts';

/** What we know about a batch. */
export interface KnownBatch {
  readonly id: string;
  /** from the list of batches; undefined for messages that were sent without Media Batch */
  readonly meta: BatchMeta | undefined;
  /** its counts; undefined until they have been read */
  readonly record: BatchRecord | undefined;
  /** the enqueue that this window runs for the batch */
  readonly run: EnqueueProgress | undefined;
  /** what stops it; undefined: nothing, or it is not known */
  readonly brake: BatchBrake | undefined;
  /** true: files were sent and are neither in the queue nor claimed */
  readonly neverClaimed: boolean;
  /** true: the dead-letter queue is empty, so dead files have no letter; false also where it is not known */
  readonly noLetters: boolean;
  /** dispatch is paused or waits, so that nothing leaves the queue; undefined: it runs, or that is not known */
  readonly still: Standstill['state'] | undefined;
  /** files of this batch that end per second; undefined where that is not steady */
  readonly filesPerSecond: number | undefined;
  /** when its last file ended, epoch ms; undefined where that is not known */
  readonly endedAt: number | undefined;
}

/** Between the facts of a row. */
const GAP = '  ';

/** How a batch's files stand, for those who cancel it: the three add up to all of them. */
export interface Shares {
  /** without a job: they wait for the consumer, for another attempt or for another batch, or are cancelled */
  readonly withoutJob: number;
  readonly atIttybit: number;
  /** succeeded, failed, covered or dead */
  readonly done: number;
}

/** @returns how a batch's files stand */
export function sharesOf({ queued, counts, ended }: BatchProgress): Shares {
  const { cancelled, retrying, waiting, submitted, processing } = counts;
  return {
    withoutJob: queued + retrying + waiting + cancelled,
    atIttybit: submitted + processing,
    done: ended - cancelled,
  };
}

/** @returns what a batch's row says: first what stops it, then its numbers */
export function batchState(
  vs: typeof vscode,
  known: KnownBatch,
  progress: BatchProgress | undefined,
): string {
  const { t } = vs.l10n;
  const { brake, run } = known;
  if (isDeleting(known)) return t('deletion not finished');
  if (brake?.cancelled) return cancelledState(vs, known, progress);
  const held = brake?.hold && heldWords(vs, brake.hold);
  const state = run
    ? t('enqueuing, {0} sent', formatCount(vs, run.sent))
    : progress
      ? numbers(vs, known, progress)
      : t('reading counts…');
  return held === undefined ? state : `${held}${GAP}${state}`;
}

/** @returns true where the deletion of the batch's records has begun; the list may have been read before that */
export function isDeleting({ meta, record }: Pick<KnownBatch, 'meta' | 'record'>): boolean {
  return (record?.meta ?? meta)?.deleting !== undefined;
}

function cancelledState(
  vs: typeof vscode,
  { record, neverClaimed, still }: KnownBatch,
  progress: BatchProgress | undefined,
): string {
  const { t } = vs.l10n;
  if (!record || !progress) return t('cancelled, reading counts…');
  const { withoutJob, atIttybit, done } = sharesOf(progress);
  const { retrying, waiting } = progress.counts;
  const isDrained = neverClaimed || countedProgress(record).queued === 0;
  const bad = failedOf(progress);
  const drains =
    isDrained && retrying + waiting === 0
      ? []
      : [still ? t('not drained while dispatch stands still') : t('draining')];
  const total = withoutJob + atIttybit + done;
  return [
    // The number comes first: a narrow side bar cuts the end.
    t('cancelled: {0} of {1}', formatCount(vs, withoutJob), formatCount(vs, total)),
    ...drains,
    ...(atIttybit > 0 ? [t('{0} at Ittybit', formatCount(vs, atIttybit))] : []),
    ...(done > 0 ? [t('{0} done', formatCount(vs, done))] : []),
    ...(bad > 0 ? [t('{0} failed', formatCount(vs, bad))] : []),
  ].join(', ');
}

/** @returns why a batch stands still, in the few words that a row has room for */
export function heldWords(vs: typeof vscode, { cause, reason }: Hold): string {
  const { t } = vs.l10n;
  if (cause === ASKED_FOR) return t('held by hand');
  return t('held: {0}', shortReason(vs, reason));
}

/** The fact that matters stands first: a narrow side bar cuts the end. */
function numbers(vs: typeof vscode, known: KnownBatch, progress: BatchProgress): string {
  const { t } = vs.l10n;
  const { ended, total } = progress;
  const failed = t('{0} failed', formatCount(vs, failedOf(progress)));
  if (progress.settled) {
    const took = tookSeconds(known);
    return took === undefined
      ? t('done, {0}', failed)
      : t('done in {0}, {1}', formatElapsed(vs, took), failed);
  }
  // Messages sent without Media Batch have no enqueue that could end.
  if (!known.meta && ended === total) return t('{0} done, {1}', formatCount(vs, ended), failed);
  return [
    formatPercent(vs, ended, total),
    ...standing(vs, known, progress),
    ...(failedOf(progress) > 0 ? [failed] : []),
  ].join(GAP);
}

/** What holds the batch up, or how long it still takes; nothing where that is not known. */
function standing(
  vs: typeof vscode,
  { meta, record, brake, neverClaimed, still, filesPerSecond }: KnownBatch,
  progress: BatchProgress,
): string[] {
  const { t } = vs.l10n;
  if (neverClaimed) return [t('{0} never claimed', formatCount(vs, progress.queued))];
  if (meta && !progress.enqueued) {
    const isCloud = runOf(record?.checkpoints ?? []) !== undefined;
    // Whether the run goes on or is paused, Step Functions knows: the Pipeline view asks it.
    return [
      isCloud ? t('in the cloud, {0} sent', formatCount(vs, progress.sent)) : unfinished(vs, meta, progress),
    ];
  }
  // The row begins with the hold.
  if (brake?.hold) return [];
  if (still) return [still === 'paused' ? t('paused') : t('waits')];
  const left = secondsLeft(progress.total - progress.ended, filesPerSecond);
  return left === undefined ? [] : [formatDuration(vs, left)];
}

/** How far an enqueue came that nobody continues now. */
function unfinished(vs: typeof vscode, { planned }: BatchMeta, { sent }: BatchProgress): string {
  const { t } = vs.l10n;
  const count = formatCount(vs, sent);
  return planned === undefined
    ? t('enqueue not finished, {0} sent', count)
    : t('enqueue not finished, {0} of about {1} sent', count, formatCount(vs, Math.max(planned, sent)));
}

/** @returns how long a batch took, in seconds; undefined where its end is not known */
export function tookSeconds({
  meta,
  endedAt = NaN,
}: Pick<KnownBatch, 'meta' | 'endedAt'>): number | undefined {
  const seconds = (endedAt - Date.parse(meta?.created_at ?? '')) / 1000;
  return seconds >= 0 ? seconds : undefined;
}

/** @returns lines for the tooltip of a batch that is stopped: why, when, by whom, and what follows; none for another */
export function brakeLines(
  vs: typeof vscode,
  { brake, meta, record }: Pick<KnownBatch, 'brake' | 'meta' | 'record'>,
): string[] {
  const { t } = vs.l10n;
  const { deleting } = record?.meta ?? meta ?? {};
  if (deleting) {
    return [
      t('The deletion of its records began {0}', whenAndBy(vs, deleting)),
      t('"Delete Batch Records…" goes on with it.'),
    ];
  }
  if (brake?.cancelled) {
    return [
      t('Cancelled {0}', whenAndBy(vs, brake.cancelled)),
      t('Its files leave the queue without a job. Jobs at Ittybit run on, and are paid.'),
    ];
  }
  if (!brake?.hold) return [];
  return [...holdLines(vs, brake.hold), t('Its files wait in the queue. Other batches go on.')];
}

/** @returns when a batch was held and by whom, and why where it was not by hand */
export function holdLines(vs: typeof vscode, hold: Hold): string[] {
  const held = vs.l10n.t('Held {0}', whenAndBy(vs, hold));
  return hold.cause === ASKED_FOR ? [held] : [held, reasonOf(vs, hold)];
}

/** @returns the whole reason of a hold, as one line */
export function reasonOf(vs: typeof vscode, { reason }: Hold): string {
  return visibleText(reason, 1_000) || vs.l10n.t('no reason recorded');
}
