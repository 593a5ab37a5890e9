import type * as vscode from 'vscode';
import { expiryDays } from '../../app/batch/dead-letter-groups.ts';
import type { DeadLetter } from '../../app/batch/dead-letters.ts';
import { inSlices, mapInSlices } from '../../app/in-slices.ts';
import type { FailureGroup } from '../../app/batch/failure-groups.ts';
import type { Failure } from '../../app/batch/failures.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { s3Uri, type S3Location } from '../../core/files/s3-location.ts';
import { arranged, type Arrangement } from '../../core/files/file-order.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatAge, formatCount } from '../base/format.ts';
import { allRow, arrangementWords, cutWords, MOST_ROWS, partRow, withSize } from '../base/list-rows.ts';
import { moreRow } from '../base/more-row.ts';
import type { ViewNode } from '../base/node.ts';
import {
  causeLabel,
  causeWithoutCode,
  filesWords,
  kindSentence,
  kindsWords,
  kindWord,
  traitWords,
} from './failure-words.ts';

/** How many files a group shows at first, and with each "Load more". */
export const ROWS_A_PAGE = 100;

/** The data of a group's row, for commands. */
export interface GroupData {
  readonly failures: readonly Failure[];
}

/** The data of a file's row, for commands. */
export interface FailureData {
  readonly failures: readonly [Failure];
  /** the file's item, or where it is; undefined for a message that cannot be read */
  readonly item: ResultItem | S3Location | undefined;
  readonly letter: DeadLetter | undefined;
  /** the file's S3 address or the message's text, for Copy Value */
  readonly value: string;
}

/** How the files of a row are shown. */
export interface ShownList {
  /** how many rows at most */
  readonly count: number;
  readonly how: Arrangement;
}

/**
 * @param now epoch ms
 * @param shown returns how a row's files are shown; asked when it is opened
 * @returns the row of a group; its children are what its files have in common, and the files, newest first
 */
export function groupRow(
  vs: typeof vscode,
  group: FailureGroup,
  now: number,
  shown: (rowId: string) => ShownList,
): ViewNode {
  const { t } = vs.l10n;
  const { failures, newest } = group;
  const id = groupRowId(group);
  const cause = causeWithoutCode(vs, group);
  const facts = [
    kindsWords(vs, group),
    newest && t('newest {0}', formatAge(vs, newest, now)),
    arrangementWords(vs, shown(id).how),
  ];
  const description = facts.filter(Boolean).join(' · ');
  const data: GroupData = { failures };
  return {
    id,
    // The count comes first: a narrow side bar cuts the end.
    label: `${formatCount(vs, failures.length)}  ${cause}`,
    description,
    tooltip: [
      filesWords(vs, failures.length),
      ...[causeLabel(vs, group, 1200), description, ...traitWords(vs, group.common, failures.length)],
      ...group.kinds.flatMap(([kind]) => kindSentence(vs, kind) ?? []),
    ].join('\n'),
    spoken: t('{0}: {1}, {2}', filesWords(vs, failures.length), cause, description),
    icon: { id: 'error', color: 'list.errorForeground' },
    tokens: ['group', 'list', ...actionTokens(failures)],
    children: (signal) => childRows(vs, group, shown(id), now, signal),
    data,
  };
}

/** @returns the same at every reading */
export function groupRowId({ id }: Pick<FailureGroup, 'id'>): string {
  return `group ${id}`;
}

async function childRows(
  vs: typeof vscode,
  group: FailureGroup,
  shown: ShownList,
  now: number,
  signal: AbortSignal,
): Promise<ViewNode[]> {
  const { failures, common } = group;
  const traits = traitWords(vs, common, failures.length);
  const id = groupRowId(group);
  const rows = await failureRows(vs, failures, { ...shown, id, signal }, (failure) =>
    failureRow(vs, failure, group, now),
  );
  return [...(traits.length > 0 ? [traitsRow(vs, id, traits)] : []), ...rows];
}

/** @returns rows of files as they are arranged, with the rows that show more of them */
export async function failureRows(
  vs: typeof vscode,
  failures: readonly Failure[],
  { count, how, id, signal }: ShownList & { readonly id: string; readonly signal: AbortSignal },
  toRow: (failure: Failure) => ViewNode,
): Promise<ViewNode[]> {
  const fitting = await inSlices(
    arranged(failures, how, ({ file }) => file),
    { signal },
  );
  const rows = await mapInSlices(
    fitting.slice(0, Math.min(count, MOST_ROWS)),
    (failure) => withSize(vs, toRow(failure), how.order, failure.file?.size),
    { signal },
  );
  const left = fitting.length - rows.length;
  if (left === 0) return rows;
  if (rows.length >= MOST_ROWS) {
    return [partRow(id, cutWords(vs, rows.length, fitting.length) ?? ''), ...rows];
  }
  return [...rows, moreRow(vs, id, Math.min(left, ROWS_A_PAGE)), allRow(vs, id, fitting.length)];
}

function traitsRow({ l10n: { t } }: typeof vscode, id: string, traits: readonly string[]): ViewNode {
  const label = t('In common: {0}', traits.join(', '));
  return { id: `${id}/traits`, label, tokens: ['hint'], icon: { id: 'lightbulb' } };
}

/** @param group undefined for a file that is shown without others of its cause */
export function failureRow(
  vs: typeof vscode,
  failure: Failure,
  group: FailureGroup | undefined,
  now: number,
): ViewNode {
  const { t } = vs.l10n;
  const { id, file, item, letter, reason } = failure;
  const body = letter?.body ?? '';
  const label = file ? visibleText(file.key) : t('Unreadable message: {0}', visibleText(body, 100));
  const description = [
    failure.at > 0 && formatAge(vs, new Date(failure.at), now),
    ...(item ? itemFacts(vs, item) : letter ? letterFacts(vs, letter, now) : []),
    group?.kinds.length !== 1 && kindWord(vs, failure.kind),
  ]
    .filter(Boolean)
    .join(', ');
  const value = file ? s3Uri(file) : body;
  const data: FailureData = { failures: [failure], item: item ?? file, letter, value };
  return {
    id: `failure ${id}`,
    label,
    description,
    tooltip: [visibleText(value, 2000), description, visibleText(reason, 1200)].filter(Boolean).join('\n'),
    icon: { id: file ? 'file-media' : 'question' },
    tokens: [
      ...[letter ? 'letter' : 'result', 'value'],
      ...(file ? ['file'] : []),
      ...(item?.job_id ? ['job'] : []),
      ...actionTokens([failure]),
    ],
    open: letter ? 'mediaBatch.openDeadLetter' : 'mediaBatch.openResult',
    data,
  };
}

/** A letter that the table does not know has no item: nothing to retry from, and nothing that can hold a flag. */
export function actionTokens(failures: readonly Failure[]): string[] {
  const isRetriable = failures.some(({ item }) => item);
  const isLeftOut = failures.some(({ leftOut }) => leftOut);
  return [...(isRetriable ? ['retriable', isLeftOut ? 'leftOut' : 'counted'] : [])];
}

function itemFacts(
  vs: typeof vscode,
  { attempts, run, status, cannot_tell, unclear }: ResultItem,
): (string | false)[] {
  const { t } = vs.l10n;
  const isDead = status === 'dead';
  return [
    attempts > 0 && attemptsWords(vs, attempts),
    run > 1 && t('run {0}', formatCount(vs, run)),
    isDead && cannot_tell === true && t('Ittybit cannot tell whether there is a job'),
    isDead && cannot_tell !== true && unclear === true && t('Ittybit is being asked whether there is a job'),
  ];
}

function letterFacts(vs: typeof vscode, letter: DeadLetter, now: number): (string | false)[] {
  const { t } = vs.l10n;
  const { attempts, receiveCount } = letter;
  const days = expiryDays(letter, now);
  return [
    attempts !== undefined && attemptsWords(vs, attempts),
    receiveCount === 1 ? t('received once') : t('received {0} times', formatCount(vs, receiveCount)),
    days === 0 ? t('expires today') : days === 1 ? t('1 day to expiry') : t('{0} days to expiry', days),
  ];
}

function attemptsWords(vs: typeof vscode, attempts: number): string {
  const { t } = vs.l10n;
  return attempts === 1 ? t('1 attempt') : t('{0} attempts', formatCount(vs, attempts));
}
