import type * as vscode from 'vscode';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { s3Uri } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatAge, formatDate, formatDuration, formatTime } from '../base/format.ts';
import type { ViewNode } from '../base/node.ts';

/** A job that is at Ittybit for longer than this, in ms, shows its age and can be given up. */
const HANGS_MS = 24 * 3_600_000;

/** A time within the next day needs no date. */
const DAY_MS = 24 * 3_600_000;

/** The data of a file's row, for commands. */
export interface FileData {
  readonly item: ResultItem;
  /** the file's S3 address, for Copy Value */
  readonly value: string;
}

/**
 * @param prefix of the batch; the label leaves it out
 * @param now epoch ms
 * @returns the row of a file
 */
export function fileRow(
  vs: typeof vscode,
  item: ResultItem,
  prefix: string,
  parentId: string,
  now: number = Date.now(),
): ViewNode {
  const behind = item.key.startsWith(prefix) ? item.key.slice(prefix.length) : item.key;
  const label = visibleText(behind || item.key);
  const age = formatAge(vs, new Date(item.updated_at), now);
  const fact = factOf(vs, item, now);
  const error = item.status === 'succeeded' || item.error === undefined ? undefined : visibleText(item.error);
  // What a fact says already is not said again.
  const said = [fact, !isHanging(item, now) && age, item.cannot_tell !== true && error];
  const uri = s3Uri(item);
  const data: FileData = { item, value: uri };
  return {
    id: `${parentId} ${uri}`,
    label,
    description: said.filter(Boolean).join('  '),
    tooltip: [visibleText(uri, 2000), fact, item.error && visibleText(item.error, 1000)]
      .filter(Boolean)
      .join('\n'),
    spoken: [label, fact, error, age].filter(Boolean).join(', '),
    icon: { id: 'file-media' },
    tokens: [
      ...['file', 'value'],
      ...(item.output_url ? ['output'] : []),
      ...(item.job_id ? ['job'] : []),
      ...(isHanging(item, now) ? ['hanging'] : []),
    ],
    open: 'mediaBatch.openResult',
    data,
  };
}

/** @returns how long the file's job has been at Ittybit, in ms; undefined where it has none that is open */
export function atIttybitMs({ status, updated_at }: ResultItem, now: number): number | undefined {
  const ms = now - Date.parse(updated_at);
  return (status === 'submitted' || status === 'processing') && ms >= 0 ? ms : undefined;
}

function isHanging(item: ResultItem, now: number): boolean {
  return (atIttybitMs(item, now) ?? 0) >= HANGS_MS;
}

/** @returns a time to come, with its day where it is more than a day away; undefined for one that has passed */
export function momentOf(vs: typeof vscode, at: string | undefined, now: number): string | undefined {
  const moment = new Date(at ?? '');
  const left = moment.getTime() - now;
  if (!(left > 0)) return undefined;
  return left < DAY_MS ? formatTime(vs, moment) : formatDate(vs, moment);
}

/** @returns what matters most about the file and its status alone does not say */
export function factOf(vs: typeof vscode, item: ResultItem, now: number): string | undefined {
  const { t } = vs.l10n;
  const { status, covered_by = '', cannot_tell, unclear, given_up } = item;
  const other = visibleText(covered_by, 100);
  if (status === 'covered') return t('done by batch {0}', other);
  if (status === 'waiting') {
    const look = momentOf(vs, item.next_look_at, now);
    return look === undefined
      ? t('waits for batch {0}', other)
      : t('waits for batch {0}, next look {1}', other, look);
  }
  if (status === 'retrying' && item.due_at !== undefined) {
    const next = momentOf(vs, item.due_at, now);
    return next === undefined ? t('waits, next try is due') : t('waits, next try {0}', next);
  }
  if (status === 'cancelled' && given_up === true) return t('given up; a late result is still taken over');
  if (status === 'dead' && cannot_tell === true) return t('Ittybit cannot tell whether there is a job');
  if (status === 'dead' && unclear === true) return t('Ittybit is being asked whether there is a job');
  const ms = atIttybitMs(item, now) ?? 0;
  return ms >= HANGS_MS ? t('at Ittybit for {0}', formatDuration(vs, ms / 1000)) : undefined;
}
