import type * as vscode from 'vscode';
import { ASKED_FOR } from '../../app/batch/stop-batch.ts';
import { failedOf, workOf, type WorkAtHand } from '../../app/batch/work-at-hand.ts';
import type { Reading } from '../../app/watch/reading.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount, formatDoneRate, formatDuration, formatPercent, formatTime } from '../base/format.ts';
import { shortReason } from '../base/short-reason.ts';
import { silentWords } from '../watch/silent-words.ts';
import { batchLabel } from './batch-rows.ts';
import { heldWords, reasonOf } from './batch-state.ts';
import { endedBatches, endId } from './ended-batches.ts';
import { standstillOf, type Standstill } from './standstill.ts';

export interface StatusFacts {
  readonly reading: Reading | undefined;
  /** since when AWS has not answered, epoch ms */
  readonly silentSince: number | undefined;
  /** the end that the user has seen */
  readonly seenEnd: string | undefined;
}

/** What the status bar says of the batches. */
export interface BatchWords {
  /** codicon id */
  readonly icon: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** the user must act */
  readonly isWarning: boolean;
  /** the end of a batch that it tells of; undefined where it tells of what is at work */
  readonly end?: string;
}

/**
 * @returns how far the batches at work are, or why they stand still; where nothing is at work, that the newest batch has
 * ended with failures. Undefined where there is nothing to say
 */
export function batchWords(vs: typeof vscode, facts: StatusFacts): BatchWords | undefined {
  const { reading, silentSince } = facts;
  const { batches, neverClaimed } = reading ?? {};
  const work = workOf(batches?.values() ?? [], neverClaimed);
  const lines = work.batches.length > 0 ? workLines(vs, work, reading) : [];
  if (silentSince !== undefined && reading) {
    return { icon: 'debug-disconnect', text: silentWords(vs, silentSince), lines, isWarning: false };
  }
  if (work.batches.length === 0) return endedWords(vs, facts);
  const still = standstillOf(reading);
  if (still) return stillWords(vs, still, lines);
  return heldBatches(vs, work, lines) ?? movingWords(vs, work, reading, lines);
}

function movingWords(
  vs: typeof vscode,
  { finished, total }: WorkAtHand,
  reading: Reading | undefined,
  lines: readonly string[],
): BatchWords {
  const { secondsLeft } = reading?.throughput ?? {};
  const share = vs.l10n.t('{0} / {1}', formatCount(vs, finished), formatCount(vs, total));
  const left = secondsLeft === undefined ? [] : [formatDuration(vs, secondsLeft)];
  return { icon: 'sync', text: [share, ...left].join(' - '), lines, isWarning: false };
}

function stillWords(
  vs: typeof vscode,
  { state, reason, by, until }: Standstill,
  lines: readonly string[],
): BatchWords {
  const { t } = vs.l10n;
  const why = visibleText(reason ?? '', 1_000) || t('no reason recorded');
  if (state === 'paused') {
    const text = t('Paused: {0}', shortReason(vs, reason));
    return { icon: 'debug-pause', text, lines: [why, ...lines], isWarning: by !== 'operator' };
  }
  const text = until
    ? t('Waiting until {0}', formatTime(vs, until))
    : t('Waiting: {0}', shortReason(vs, reason));
  return { icon: 'watch', text, lines: [why, ...lines], isWarning: false };
}

/** @returns undefined unless all that is at work is held */
function heldBatches(
  vs: typeof vscode,
  { batches }: WorkAtHand,
  lines: readonly string[],
): BatchWords | undefined {
  const holds = batches.flatMap(({ meta }) => meta?.brake?.hold ?? []);
  const [hold] = holds;
  if (!hold || holds.length < batches.length) return undefined;
  const words =
    holds.length === 1
      ? heldWords(vs, hold)
      : vs.l10n.t('{0} batches are held', formatCount(vs, holds.length));
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  const isWarning = holds.some(({ cause }) => cause !== ASKED_FOR);
  return { icon: 'debug-pause', text, lines: [reasonOf(vs, hold), ...lines], isWarning };
}

function endedWords(vs: typeof vscode, { reading, seenEnd }: StatusFacts): BatchWords | undefined {
  const { t } = vs.l10n;
  const { batches, neverClaimed = new Set<string>() } = reading ?? {};
  const [newest] = batches?.values() ?? [];
  if (!batches || !newest?.meta) return undefined;
  const ended = endedBatches({ batches, neverClaimed }).find(({ meta }) => meta === newest.meta);
  const failed = ended ? failedOf(ended.progress) : 0;
  if (!ended || failed === 0 || endId(ended) === seenEnd) return undefined;
  const { bucket, prefix } = ended.meta;
  const text = t('{0} done, {1} failed', batchLabel(ended.meta), formatCount(vs, failed));
  return {
    icon: 'warning',
    text,
    lines: [visibleText(`${bucket}/${prefix}`)],
    isWarning: false,
    end: endId(ended),
  };
}

function workLines(vs: typeof vscode, work: WorkAtHand, reading: Reading | undefined): string[] {
  const { t } = vs.l10n;
  const { batches, finished, total, atIttybit, failed } = work;
  const { filesPerSecond, secondsLeft } = reading?.throughput ?? {};
  const [first] = batches;
  const name =
    batches.length === 1 && first?.meta
      ? visibleText(`${first.meta.bucket}/${first.meta.prefix}`)
      : t('{0} batches', formatCount(vs, batches.length));
  const share = t('{0} of {1}', formatCount(vs, finished), formatCount(vs, total));
  return [
    t('{0}: {1}, {2} files finished', name, formatPercent(vs, finished, total), share),
    ...(filesPerSecond === undefined ? [] : [formatDoneRate(vs, filesPerSecond)]),
    t('{0} at Ittybit', formatCount(vs, atIttybit)),
    ...(failed > 0 ? [t('{0} failed', formatCount(vs, failed))] : []),
    ...(secondsLeft === undefined ? [] : [t('{0} left', formatDuration(vs, secondsLeft))]),
  ];
}
