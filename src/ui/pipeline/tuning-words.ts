import type * as vscode from 'vscode';
import { inFlightOf, type Concurrency } from '../../app/stack/tuning-presets.ts';
import { formatCount } from '../base/format.ts';

/** @returns how many files Ittybit gets at once at most, such as `10 at once` */
export function atOnce(vs: typeof vscode, tuning: Concurrency): string {
  return vs.l10n.t('{0} at once', formatCount(vs, inFlightOf(tuning)));
}

/** @returns what makes that number, in the guide's order: `batch size 5 × concurrency 2` */
export function tuningWords({ l10n: { t } }: typeof vscode, tuning: Concurrency): string {
  return t('batch size {0} × concurrency {1}', tuning.batchSize, tuning.maximumConcurrency);
}
