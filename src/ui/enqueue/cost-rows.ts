import type * as vscode from 'vscode';
import type { EnqueuePlan } from '../../app/batch/plan-enqueue.ts';
import { backlogOutlook } from '../../app/stack/tuning-presets.ts';
import { MOST_BACKLOG_DAYS } from '../../core/batch/cloud-advice.ts';
import { costAtRate, parseOwnRate, type KnownLength, type OwnRate } from '../../core/ittybit/own-rate.ts';
import { estimateAwsCost } from '../../core/stack/aws-prices.ts';
import { formatCount, formatDollars, formatDuration, formatRate } from '../base/format.ts';
import { BACK, inputText, type StepFrame } from '../base/wizard.ts';
import type { EnqueueFacts } from './enqueue-facts.ts';
import { problemOf } from './enqueue-job.ts';
import type { EnqueueMemory } from './enqueue-memory.ts';

/**
 * @returns how long the files take, with those in the queue: at the measured rate, or else at the stack's tuning and the
 * limit that was found
 */
export function backlogSeconds(files: number, facts: EnqueueFacts): number | undefined {
  const { measured = 0, waiting = 0 } = facts;
  return measured > 0 ? (files + waiting) / measured : outlookOf(files, facts)?.seconds;
}

function outlookOf(
  files: number,
  { mapping, waiting = 0, limit }: EnqueueFacts,
): ReturnType<typeof backlogOutlook> | undefined {
  const limits = { perSecond: limit, measured: undefined };
  return mapping && backlogOutlook(files + waiting, mapping, limits);
}

/** @returns whether the queue would delete files before their turn: too many for the editor to send at once */
export function isTooLong({ files }: Pick<EnqueuePlan, 'files'>, facts: EnqueueFacts): boolean {
  return (backlogSeconds(files, facts) ?? 0) > MOST_BACKLOG_DAYS * 86_400;
}

/** @returns how long the files take */
export function timeRow(
  vs: typeof vscode,
  { files, truncated }: EnqueuePlan,
  facts: EnqueueFacts,
): vscode.QuickPickItem {
  const { t } = vs.l10n;
  const { measured = 0, waiting = 0, limit = 0 } = facts;
  const seconds = backlogSeconds(files, facts);
  if (seconds === undefined) return { label: t('$(clock) time unknown') };
  const duration = formatDuration(vs, seconds);
  const before = waiting > 0 ? t(', after the {0} files that wait already', formatCount(vs, waiting)) : '';
  const how =
    measured > 0
      ? t('at the present rate (about {0})', formatRate(vs, measured))
      : outlookOf(files, facts)?.bound === 'per-second'
        ? t('at the limit that Ittybit was found to have (about {0})', formatRate(vs, limit))
        : t('at the present tuning; longer if your Ittybit plan is slower');
  return {
    label: `$(clock) ${truncated ? t('at least {0}', duration) : seconds < 60 ? duration : t('about {0}', duration)}`,
    description: `${how}${before}`,
  };
}

/**
 * @param isList the files are those of a list of keys
 * @returns what AWS charges
 */
export function awsRow(
  vs: typeof vscode,
  { files, listed, truncated }: EnqueuePlan,
  isList: boolean,
): vscode.QuickPickItem {
  const { t } = vs.l10n;
  return {
    label: t(
      '$(credit-card) AWS: {0}',
      costWords(vs, estimateAwsCost(files, isList ? listed : 0), truncated),
    ),
    description: t('at list prices; Ittybit charges each file on top'),
  };
}

function costWords(vs: typeof vscode, amount: number, atLeast: boolean): string {
  const { t } = vs.l10n;
  if (atLeast) return t('at least {0}', formatDollars(vs, amount));
  if (amount < 0.01) return t('less than {0}', formatDollars(vs, 0.01));
  return t('about {0}', formatDollars(vs, amount));
}

/** @returns what Ittybit charges at the user's own rate; without one, that it can be typed */
export function ittybitRow(
  vs: typeof vscode,
  { files, truncated }: EnqueuePlan,
  rate: OwnRate | undefined,
  known: KnownLength | undefined,
): vscode.QuickPickItem {
  const { t } = vs.l10n;
  if (!rate) {
    return {
      label: t('$(credit-card) Ittybit: type your rate…'),
      description: t('it publishes no price; your rate stays on this computer'),
    };
  }
  const amount = costAtRate(rate, files, known);
  const words = rateWords(vs, rate);
  if (amount === undefined) {
    return {
      label: t('$(credit-card) Ittybit: {0}', words),
      description: t('your rate; try some files first to measure their minutes'),
    };
  }
  const cost = money(vs, amount, rate.currency);
  return {
    label: truncated
      ? t('$(credit-card) Ittybit: at least {0}', cost)
      : t('$(credit-card) Ittybit: about {0}', cost),
    description:
      rate.per === 'file' || !known
        ? t('at your rate, {0}', words)
        : t(
            'at your rate, {0}, and the {1} min of a result in the trial',
            words,
            number(vs, known.ms / known.files / 60_000),
          ),
  };
}

function rateWords(vs: typeof vscode, { amount, currency, per }: OwnRate): string {
  const { t } = vs.l10n;
  const money = [currency, String(amount)].join(currency.length > 1 ? ' ' : '');
  return per === 'file' ? t('{0} per file', money) : t('{0} per minute', money);
}

function money(vs: typeof vscode, amount: number, currency: string): string {
  const value = amount.toLocaleString(vs.env.language, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  return [currency, value].join(currency.length > 1 ? ' ' : '');
}

function number(vs: typeof vscode, value: number): string {
  return value.toLocaleString(vs.env.language, { maximumSignificantDigits: 2 });
}

/**
 * Asks what the user pays Ittybit, and remembers it.
 * @throws AbortError on Escape
 */
export async function askRate(vs: typeof vscode, frame: StepFrame, memory: EnqueueMemory): Promise<void> {
  const text = await inputText(vs, frame, {
    prompt: vs.l10n.t('What you pay Ittybit, per minute of output or per file. Empty: not known.'),
    placeHolder: vs.l10n.t('such as {0}', '$0.015 per minute'),
    value: memory.rateText,
    validate: (typed) => (typed === '' ? undefined : problemOf(() => parseOwnRate(typed))),
  });
  if (text !== BACK) await memory.rememberRate(text);
}
