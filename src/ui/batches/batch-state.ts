import type * as vscode from 'vscode';
import { ASKED_FOR } from '../../app/batch/stop-batch.ts';
import { countedProgress, sum, type BatchProgress } from '../../app/batch/batch-progress.ts';
import type { EnqueueProgress } from '../../app/batch/enqueue-files.ts';
import { secondsLeft } from '../../app/batch/throughput.ts';
import type { BatchMeta, BatchRecord } from '../../core/batch/batch.ts';
import type { BatchBrake, Hold } from '../../core/batch/brake.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatAbout, formatCount } from '../base/format.ts';
import { whenAndBy } from '../base/when-and-by.ts';

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
  /** true: dispatch is paused or waits, so that nothing leaves the queue */
  readonly isStill: boolean;
  /** measured rate of the whole pipeline; undefined when it is not known */
  readonly filesPerSecond: number | undefined;
}

/** A reason in a row: the row has room for a few words, and the tooltip has the others. */
const SHORT = 60;

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
  if (brake?.cancelled) return cancelledState(vs, known, progress);
  const held = brake?.hold && heldWords(vs, brake.hold);
  const state = run
    ? t('enqueuing, {0} sent', formatCount(vs, run.sent))
    : progress
      ? numbers(vs, known, progress)
      : t('reading counts…');
  return held === undefined ? state : `${held}, ${state}`;
}

function cancelledState(
  vs: typeof vscode,
  { record, neverClaimed, isStill }: KnownBatch,
  progress: BatchProgress | undefined,
): string {
  const { t } = vs.l10n;
  if (!record || !progress) return t('cancelled, reading counts…');
  const { withoutJob, atIttybit, done } = sharesOf(progress);
  const { failed, dead, retrying, waiting } = progress.counts;
  const isDrained = neverClaimed || countedProgress(record).queued === 0;
  const bad = failed + dead;
  const share = [formatCount(vs, withoutJob), formatCount(vs, withoutJob + atIttybit + done)] as const;
  const first =
    isDrained && retrying + waiting === 0
      ? t('cancelled: {0} of {1}', ...share)
      : isStill
        ? t('cancelled, not drained while dispatch stands still: {0} of {1}', ...share)
        : t('cancelled, draining: {0} of {1}', ...share);
  return [
    first,
    ...(atIttybit > 0 ? [t('{0} at Ittybit', formatCount(vs, atIttybit))] : []),
    ...(done > 0 ? [t('{0} done', formatCount(vs, done))] : []),
    ...(bad > 0 ? [t('{0} failed or dead', formatCount(vs, bad))] : []),
  ].join(', ');
}

/** @returns why a batch stands still, in the few words that a row has room for */
export function heldWords(vs: typeof vscode, { cause, reason }: Hold): string {
  const { t } = vs.l10n;
  if (cause === ASKED_FOR) return t('held by hand');
  return t('held: {0}', visibleText(reason, SHORT) || t('no reason recorded'));
}

function numbers(
  vs: typeof vscode,
  { meta, brake, filesPerSecond, isStill, neverClaimed }: KnownBatch,
  progress: BatchProgress,
): string {
  const { t } = vs.l10n;
  const { counts, ended } = progress;
  const bad = counts.failed + counts.dead;
  // Messages sent without Media Batch have no enqueue: we only know the files that the consumer has claimed.
  const total = meta ? Math.max(progress.sent, ended) : sum(Object.values(counts));
  // Where nothing moves there is no time left to show.
  const moves = !progress.settled && !isStill && !brake?.hold;
  const left = moves ? secondsLeft(progress.queued + counts.retrying, filesPerSecond) : undefined;
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

/** @returns lines for the tooltip of a batch that is stopped: why, when, by whom, and what follows; none for another */
export function brakeLines(vs: typeof vscode, { brake }: Pick<KnownBatch, 'brake'>): string[] {
  const { t } = vs.l10n;
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
