import type * as vscode from 'vscode';
import { sum } from '../../app/batch/batch-progress.ts';
import { failedOf } from '../../app/batch/work-at-hand.ts';
import type { StatusCounts } from '../../core/batch/batch.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';
import type { EndedBatch } from './ended-batches.ts';

/** @returns true where not every file has its result */
export function hasTrouble({ progress, unclaimed }: EndedBatch): boolean {
  return failedOf(progress) + unclaimed > 0;
}

/**
 * @param took how long it took, for one batch; undefined where that is not known
 * @returns such as `1999/ is done: 6,000 succeeded, 55 failed, 3 min 20 s.`
 */
export function endWords(
  vs: typeof vscode,
  ended: readonly [EndedBatch, ...EndedBatch[]],
  took: string | undefined,
): string {
  const { t } = vs.l10n;
  const words = [...countWords(vs, ended), ...(took === undefined ? [] : [took])].join(', ');
  const isDone = ended.every(({ unclaimed }) => unclaimed === 0);
  const [{ meta }] = ended;
  if (ended.length === 1) {
    const name = visibleText(meta.name ?? (meta.prefix || meta.bucket), 200);
    return isDone ? t('{0} is done: {1}.', name, words) : t('{0} stands still: {1}.', name, words);
  }
  const count = formatCount(vs, ended.length);
  return isDone
    ? t('{0} batches are done: {1}.', count, words)
    : t('{0} batches are done or stand still: {1}.', count, words);
}

/** @returns how many files ended how, over all the batches, without what is zero */
function countWords(vs: typeof vscode, ended: readonly EndedBatch[]): string[] {
  const { t } = vs.l10n;
  const of = (one: (counts: StatusCounts) => number): number =>
    sum(ended.map(({ progress }) => one(progress.counts)));
  const dead = of((counts) => counts.dead);
  const parts: readonly [count: number, words: (count: string) => string][] = [
    [of((counts) => counts.succeeded), (count) => t('{0} succeeded', count)],
    [of((counts) => counts.failed), (count) => t('{0} failed', count)],
    [dead, (count) => (dead === 1 ? t('1 dead letter') : t('{0} dead letters', count))],
    [of((counts) => counts.cancelled), (count) => t('{0} cancelled', count)],
    [of((counts) => counts.covered), (count) => t('{0} done by other batches', count)],
    [sum(ended.map(({ unclaimed }) => unclaimed)), (count) => t('{0} never claimed', count)],
  ];
  return parts.filter(([count]) => count > 0).map(([count, words]) => words(formatCount(vs, count)));
}
