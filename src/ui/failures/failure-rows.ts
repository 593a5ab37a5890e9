import type * as vscode from 'vscode';
import { expiryDays } from '../../app/batch/dead-letter-groups.ts';
import type { DeadLetter } from '../../app/batch/dead-letters.ts';
import type { FailureGroup } from '../../app/batch/failure-groups.ts';
import type { Failure } from '../../app/batch/failures.ts';
import type { ResultItem } from '../../core/batch/result-item.ts';
import { s3Uri, type S3Location } from '../../core/files/s3-location.ts';
import { visibleText } from '../../core/visible-text.ts';
import { formatAge, formatCount } from '../base/format.ts';
import { moreRow } from '../base/more-row.ts';
import type { ViewNode } from '../base/node.ts';
import { causeLabel, filesWords, kindSentence, kindsWords, kindWord, traitWords } from './failure-words.ts';

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

/**
 * @param now epoch ms
 * @param shown how many files of the group are shown; asked when it is opened
 * @returns the row of a group; its children are what its files have in common, and the files, newest first
 */
export function groupRow(
  vs: typeof vscode,
  group: FailureGroup,
  now: number,
  shown: (rowId: string) => number,
): ViewNode {
  const { t } = vs.l10n;
  const { failures, newest } = group;
  const id = `group ${group.id}`;
  const label = causeLabel(vs, group);
  const count = filesWords(vs, failures.length);
  const facts = newest ? t('{0}, newest {1}', count, formatAge(vs, newest, now)) : count;
  const description = `${facts} · ${kindsWords(vs, group)}`;
  const data: GroupData = { failures };
  return {
    id,
    label,
    description,
    tooltip: [
      ...[causeLabel(vs, group, 1200), description, ...traitWords(vs, group.common, failures.length)],
      ...group.kinds.flatMap(([kind]) => kindSentence(vs, kind) ?? []),
    ].join('\n'),
    spoken: t('{0}: {1}', label, description),
    icon: { id: 'error', color: 'list.errorForeground' },
    tokens: ['group', ...retryTokens(failures)],
    children: () => Promise.resolve(childRows(vs, group, id, shown(id), now)),
    data,
  };
}

function childRows(
  vs: typeof vscode,
  group: FailureGroup,
  id: string,
  shown: number,
  now: number,
): ViewNode[] {
  const { failures, common } = group;
  const traits = traitWords(vs, common, failures.length);
  const left = failures.length - shown;
  return [
    ...(traits.length > 0 ? [traitsRow(vs, id, traits)] : []),
    ...failures.slice(0, shown).map((failure) => failureRow(vs, failure, group, now)),
    ...(left > 0 ? [moreRow(vs, id, Math.min(left, ROWS_A_PAGE))] : []),
  ];
}

function traitsRow({ l10n: { t } }: typeof vscode, id: string, traits: readonly string[]): ViewNode {
  const label = t('In common: {0}', traits.join(', '));
  return { id: `${id}/traits`, label, tokens: ['hint'], icon: { id: 'lightbulb' } };
}

function failureRow(vs: typeof vscode, failure: Failure, group: FailureGroup, now: number): ViewNode {
  const { t } = vs.l10n;
  const { id, file, item, letter, reason } = failure;
  const body = letter?.body ?? '';
  const label = file ? visibleText(file.key) : t('Unreadable message: {0}', visibleText(body, 100));
  const description = [
    failure.at > 0 && formatAge(vs, new Date(failure.at), now),
    ...(item ? itemFacts(vs, item) : letter ? letterFacts(vs, letter, now) : []),
    group.kinds.length > 1 && kindWord(vs, failure.kind),
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
      ...retryTokens([failure]),
    ],
    open: letter ? 'mediaBatch.openDeadLetter' : 'mediaBatch.openResult',
    data,
  };
}

/** A letter that the table does not know has nothing to retry from. */
function retryTokens(failures: readonly Failure[]): string[] {
  return failures.some(({ item }) => item) ? ['retriable'] : [];
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
