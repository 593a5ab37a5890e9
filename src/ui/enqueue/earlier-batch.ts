import { isDeepStrictEqual } from 'node:util';
import type * as vscode from 'vscode';
import type { BatchMeta } from '../../core/batch/batch.ts';
import type { FileFilter } from '../../core/files/file-filter.ts';
import type { S3Prefix } from '../../core/files/s3-location.ts';
import { formatDay } from '../base/format.ts';
import type { EnqueueFacts } from './enqueue-facts.ts';
import type { CompleteForm } from './enqueue-form.ts';

type Known = Pick<EnqueueFacts, 'batches' | 'waiting' | 'paysOnce'>;

/** @returns what becomes of files that an earlier batch has too, as rows of a pick; none where there is no such batch */
export function earlierBatchRows(
  vs: typeof vscode,
  { batches = [], waiting, paysOnce }: Known,
  { place, job }: Pick<CompleteForm, 'place' | 'job'>,
  { not_yet_done }: FileFilter,
): vscode.QuickPickItem[] {
  const { t } = vs.l10n;
  const same = earlierBatch(batches, place, job);
  if (not_yet_done === true) {
    if (!same || waiting === 0) return [];
    if (paysOnce) {
      return [
        {
          label: t('$(info) Files that still wait in the queue are sent as well'),
          detail: t('Each is paid once, whichever batch comes first.'),
        },
      ];
    }
    return [
      {
        label: t('$(warning) Files that still wait in the queue do not count as submitted'),
        detail: t('Files of an earlier batch would be paid again: wait until the queue is empty.'),
      },
    ];
  }
  const other = batches.find((batch) => overlaps(batch, place));
  if (same && !paysOnce) {
    return [
      {
        label: t(
          '$(warning) An earlier batch of {0} has this prefix: its files would be paid again',
          dayOf(vs, same),
        ),
        detail: t('To leave them out, tick "Not yet done" among the conditions.'),
      },
    ];
  }
  if (same) {
    return [
      {
        label: t('$(info) An earlier batch of {0} has this prefix', dayOf(vs, same)),
        detail: t(
          'What it has done, or is doing, through the same connection ends as covered and costs nothing. Other files are paid.',
        ),
      },
    ];
  }
  if (!other) return [];
  return [
    {
      label: t('$(info) An earlier batch of {0} has this prefix', dayOf(vs, other)),
      detail: t('That batch has another job, so these are new results, and each is paid.'),
    },
  ];
}

/** @returns the newest batch with the same job that may have the same files */
export function earlierBatch(
  batches: readonly BatchMeta[],
  place: S3Prefix,
  job: BatchMeta['job'],
): BatchMeta | undefined {
  return batches.find((batch) => overlaps(batch, place) && isDeepStrictEqual(batch.job, job));
}

function dayOf(vs: typeof vscode, { created_at }: BatchMeta): string {
  return formatDay(vs, new Date(created_at));
}

function overlaps(batch: S3Prefix, place: S3Prefix): boolean {
  return (
    batch.bucket === place.bucket &&
    (batch.prefix.startsWith(place.prefix) || place.prefix.startsWith(batch.prefix))
  );
}
