import type * as vscode from 'vscode';
import type { FoundFile, MayCome } from '../../app/batch/find-file.ts';
import type { ObjectAddress } from '../../core/files/object-address.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatCount } from '../base/format.ts';
import { batchTitle } from './batch-rows.ts';

/** A message has room for so many batches. */
const MAX_BATCHES = 3;

/** @returns that no batch has claimed the object, where that was looked for, and which batches may still bring it */
export function absentWords(
  vs: typeof vscode,
  { bucket, key }: ObjectAddress,
  { asked, isPartial, mayCome }: FoundFile,
): string {
  const { t } = vs.l10n;
  const name = visibleText(bucket === undefined ? key : s3Uri({ bucket, key }));
  if (asked.length === 0)
    return t('No batch says in which bucket {0} could be: give its address, such as s3://bucket/key.', name);
  const buckets = [...new Set(asked.map((place) => place.bucket))];
  return [
    t('No batch has claimed {0}.', name),
    ...(bucket === undefined ? [t('Buckets tried: {0}.', visibleText(buckets.join(', ')))] : []),
    ...(isPartial ? [t('There are more: give the address with its bucket.')] : []),
    ...mayCome.slice(0, MAX_BATCHES).map((batch) => mayComeWords(vs, batch)),
  ].join(' ');
}

function mayComeWords(vs: typeof vscode, { meta, queued, enqueued }: MayCome): string {
  const { t } = vs.l10n;
  const name = `${batchTitle(vs, meta)} (${visibleText(meta.batch, 100)})`;
  if (queued === 0)
    return t('The enqueue of batch {0} has not finished, so it may not have been sent yet.', name);
  return enqueued
    ? t('Not claimed yet: batch {0} has {1} files queued.', name, formatCount(vs, queued))
    : t(
        'Not claimed yet: batch {0} has {1} files queued, and its enqueue has not finished.',
        name,
        formatCount(vs, queued),
      );
}
